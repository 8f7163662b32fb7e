"""The payer's page, and the way back from the bank: the only routes that are open to everybody.

Nothing that comes along is believed. The one-time nonce makes the server ask the provider itself;
without it the page only shows how the payment stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import Actor
from app.errors import (
    IdempotencyInFlightError,
    IllegalStateError,
    NotFoundError,
    PayAgencyError,
    said,
)
from app.queries import actors, payer, payments
from app.services import look_up, payer_locale
from app.views import checkout, checkout_choice, payer_page
from app.views.base import current_actor, read_session
from app.views.locales import asked_for
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models import Payment
    from app.services.look_up import LookUp
    from app.views.checkout_choice import Choice
    from app.views.payer_page import PayerPage

log = structlog.get_logger()


class PayerView(Screen):
    """`/pay/{token}` and what belongs to it."""

    route_base = "/pay"
    class_permission_name = "home"
    default_view = "page"

    @expose("/<string:token>")
    def page(self, token: str) -> ResponseReturnValue:
        """Show what the payer can choose from or has to do, or how the payment stands."""
        actor, payment_id = _found(token)
        release_reads()
        found = _read(actor, payment_id)
        _keep_language(actor, found.payment)
        chooses = found.may_choose and (not found.step.kind or "other" in request.args)
        return self._render(
            found, token, checkout_choice.offer(actor, found.payment) if chooses else None
        )

    @expose("/<string:token>/start", methods=["POST"])
    def start(self, token: str) -> ResponseReturnValue:
        """Start what the payer chose, once for each form that was given out; then show the step."""
        checkout.refuse_haste(token)
        actor, payment_id = _found(token)
        release_reads()
        # What stands in the address is for the page's script: it goes on to the bank by itself.
        here = redirect(url_for("PayerView.page", token=token, _anchor="go"), 303)
        found = _read(actor, payment_id)
        _keep_language(actor, found.payment)
        try:
            checkout.refuse_clear_cards()
            if found.may_choose:
                checkout.start(actor, found.payment)
        except (IllegalStateError, IdempotencyInFlightError):
            return here
        except PayAgencyError as error:
            if not found.may_choose:
                raise
            faults = [checkout.fault(error)]
            offered = checkout_choice.again(checkout_choice.offer(actor, found.payment), faults)
            return self._render(found, token, offered), error.status
        return here

    @expose("/<string:token>/state")
    def state(self, token: str) -> ResponseReturnValue:
        """Tell the page's script whether what it shows has changed."""
        actor, payment_id = _found(token)
        release_reads()
        return {"version": _read(actor, payment_id).version}

    @expose("/<string:token>/return", methods=["GET", "POST"])
    def returned(self, token: str) -> ResponseReturnValue:
        """Ask the provider once, then show how the payment stands or go on to the merchant."""
        actor, payment_id = _found(token)
        release_reads()
        # A browser that only looks ahead must not use up the nonce.
        if request.method != "HEAD":
            _ask_once(actor, payment_id, request.values.get("nonce", ""))
        found = _read(actor, payment_id)
        if found.may_choose:
            return redirect(url_for("PayerView.page", token=token), 303)
        if _is_web_address(found.payment.return_url):
            return redirect(found.payment.return_url, 303)
        return self._render(found, token)

    def _render(self, found: PayerPage, token: str, choice: Choice | None = None) -> str:
        return self.render(
            "payer/page.html",
            title=gettext("Your payment to %(merchant)s", merchant=found.merchant),
            page=found,
            face=found.face,
            payment=found.payment,
            step=found.step,
            choice=choice,
            onward=found.payment.return_url if _is_web_address(found.payment.return_url) else "",
            token=token,
        )


def _found(token: str) -> tuple[Actor, str]:
    """Return who acts for the holder of a token, and the payment's public id."""
    found = actors.page(read_session(), token)
    if found is None:
        raise NotFoundError(said("There is no such payment page."))
    merchant_id, livemode, payment_id = found
    return Actor.system(merchant_id, livemode, "payer"), payment_id


def _read(actor: Actor, payment_id: str) -> PayerPage:
    with reading(actor) as session:
        payment = payments.get(session, payment_id)
        if payment is None:
            raise NotFoundError(said("There is no such payment page."))
        return payer_page.build(session, clock.now(), payment)


def _keep_language(actor: Actor, payment: Payment) -> None:
    """Keep in which language the payer reads, as their browser asks for it.

    Whoever is signed in only looks on, and a browser that only looks ahead is nobody. Without it
    the page works as well.
    """
    locale = asked_for()
    is_payer = current_actor().user_id is None and request.method != "HEAD"
    if not is_payer or not payer_locale.is_news(payment, locale):
        return
    try:
        retry_when_busy(_keep)(actor, payment.public_id, locale)
    except PayAgencyError as error:
        log.warning("language_not_kept", payment=payment.public_id, reason=error.detail)


def _keep(actor: Actor, payment_id: str, locale: str) -> None:
    with unit_of_work(actor) as session:
        payer_locale.keep(session, payment_id, locale)


def _ask_once(actor: Actor, payment_id: str, nonce: str) -> None:
    """Use up the nonce and look up what waits; a failure leaves it to the sweeper."""
    try:
        asked = retry_when_busy(_use)(actor, payment_id, nonce) if nonce else None
        if asked is not None:
            look_up.run(asked)
    except PayAgencyError as error:
        log.warning("return_not_looked_up", payment=payment_id, reason=error.detail)


def _use(actor: Actor, payment_id: str, nonce: str) -> LookUp | None:
    with unit_of_work(actor) as session:
        if not payer.use_nonce(session, payment_id, nonce):
            return None
        return look_up.find(session, payment_id)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable()
