"""The page of a payment link: what is paid to whom, and on to the page of the payment itself.

Open to everybody who has the address. It works without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog
from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock, rates
from app.adapters.db import reading, release_reads
from app.domain import payment_links as rules
from app.domain.actors import Actor
from app.domain.card_numbers import scrub_text
from app.domain.payment_links import LinkState
from app.errors import (
    BadInputError,
    IdempotencyMismatchError,
    IllegalStateError,
    NotFoundError,
    PayAgencyError,
    TooManyRequestsError,
    said,
)
from app.queries import actors, operations
from app.services import payment_links
from app.views import face, form_keys, link_acts
from app.views.amounts import read_amount
from app.views.base import read_session
from app.views.forms import sentence
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.money import Money
    from app.domain.payment_links import Price
    from app.models import PaymentLink
    from app.views.face import Face

log = structlog.get_logger()

A_MINUTE: Final = 20
"""How often one address may begin to pay by one link in a minute."""
A_MINUTE_IN_ALL: Final = 300
"""How often everybody together may, so that a link that is shared does not keep us busy."""
FORM: Final = "form"
_FIELDS: Final = ("amount", "customer_email")
_SYMBOLS: Final = {
    LinkState.PAID: "check-circle",
    LinkState.EXPIRED: "clock",
    LinkState.OFF: "slash-circle",
}


@dataclass(slots=True)
class LinkPage:
    """What the page shows; `refused` says why the link cannot be paid (any more)."""

    row: PaymentLink
    price: Price
    face: Face
    state: LinkState
    refused: str = ""
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def merchant(self) -> str:
        """Who is paid, as payers know them."""
        return self.face.name

    @property
    def symbol(self) -> str:
        """The drawing above what cannot be paid."""
        return _SYMBOLS.get(self.state, "info-circle")


class LinkPageView(Screen):
    """`/link/{token}`."""

    route_base = "/link"
    class_permission_name = "home"
    default_view = "page"

    @expose("/<string:token>")
    def page(self, token: str) -> ResponseReturnValue:
        """Show what is paid; changes nothing."""
        actor, link_id = _found(token)
        release_reads()
        return self._render(_read(actor, link_id), token)

    @expose("/<string:token>", methods=["POST"])
    def pay(self, token: str) -> ResponseReturnValue:
        """Begin to pay, once for each form that was given out, and lead to the payment's page."""
        actor, link_id = _found(token)
        release_reads()
        _count(token)
        found = _read(actor, link_id)
        found.values = {name: request.form.get(name, "").strip() for name in _FIELDS}
        try:
            page_token = link_acts.open_payment(
                actor,
                form_keys.read(_purpose(token)),
                link_id,
                _entered(found),
                found.values["customer_email"],
            )
        except PayAgencyError as error:
            _refuse(found, error)
            return self._render(found, token)
        return redirect(url_for("PayerView.page", token=page_token), 303)

    def _render(self, found: LinkPage, token: str) -> ResponseReturnValue:
        text = self.render(
            "link/page.html",
            title=gettext("Pay %(merchant)s", merchant=found.merchant),
            page=found,
            face=found.face,
            row=found.row,
            price=found.price,
            token=token,
            form_key=form_keys.issue(_purpose(token)),
        )
        return text, found.status


def _found(token: str) -> tuple[Actor, str]:
    """Return who acts for the holder of a token, and the link's public id."""
    found = actors.payment_link(read_session(), token)
    if found is None:
        raise NotFoundError(said("There is no such payment link."))
    merchant_id, livemode, link_id = found
    return Actor.system(merchant_id, livemode, "payer"), link_id


def _read(actor: Actor, link_id: str) -> LinkPage:
    with reading(actor) as session:
        row = payment_links.get(session, link_id)
        state = payment_links.state(session, clock.now(), row)
        seen = face.of(operations.merchant_of(session, row.merchant_id))
    refusal = rules.refusal(state)
    refused = told(refusal) if refusal else ""
    return LinkPage(row, payment_links.price(row), seen, state, refused)


def _entered(found: LinkPage) -> Money | None:
    if not found.price.is_entered:
        return None
    return read_amount(found.values["amount"], found.price.currency)


def _refuse(found: LinkPage, error: PayAgencyError) -> None:
    """Say at its place, in words for a payer, why nothing was begun; no card number is shown."""
    found.status = error.status
    found.values = {name: scrub_text(text) for name, text in found.values.items()}
    place = error.data.get("place", FORM)
    if place in _FIELDS:
        is_typed = isinstance(error, BadInputError)
        found.errors[str(place)] = sentence(error) if is_typed else told(error)
    elif isinstance(error, IdempotencyMismatchError):
        found.errors[FORM] = gettext("You had sent something else before. Send it once more.")
    elif isinstance(error, IllegalStateError):
        found.refused = told(error)
        log.info("link_refused", link=found.row.public_id, reason=error.detail)
    elif place == FORM and isinstance(error, BadInputError):
        found.errors[FORM] = told(error)
    else:
        log.warning("link_not_payable", link=found.row.public_id, reason=error.detail)
        found.errors[FORM] = gettext(
            "This cannot be paid just now. Try again later, or ask %(merchant)s.",
            merchant=found.merchant,
        )


def _count(token: str) -> None:
    """Raise TooManyRequestsError where payments are begun too often by a link."""
    asked = [
        rates.hit("link", f"{token} {request.remote_addr}", A_MINUTE),
        rates.hit("link", token, A_MINUTE_IN_ALL),
    ]
    for rate in asked:
        if rate is not None and not rate.allowed:
            raise TooManyRequestsError(
                said(
                    "Too many payments were begun by this link. Wait {seconds} seconds.",
                    seconds=rate.reset_seconds,
                ),
                retry_after_seconds=rate.reset_seconds,
            )


def _purpose(token: str) -> str:
    return f"link:{token}"
