"""Starting what the payer of an open payment chose.

A card is encrypted in the browser to the key of a connector account. What is posted carries only
that, and a body in which a card number stands in the clear is refused before anything is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import request
from flask_babel import gettext, lazy_gettext

import config
from app.adapters import rates
from app.adapters.db import reading
from app.domain.card_numbers import refuse
from app.domain.methods import crypto, upi
from app.domain.operations import OperationState
from app.errors import (
    BadInputError,
    CardNumberRefusedError,
    IdempotencyMismatchError,
    TooManyRequestsError,
    said,
)
from app.queries import operations
from app.services import attempts, card_entry, execute, refusals, routing
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views import form_keys, payment_commands
from app.views.checkout_choice import ASSET, CARD, METHOD, VPA, purpose
from app.views.forms import sentence
from app.views.locales import told
from app.views.once import Command, once
from app.views.payment_commands import Asked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.errors import PayAgencyError
    from app.models import Payment
    from app.services.routing import Route

FLOW: Final = "flow"
SEALED: Final = "sealed."
"""What the fields of encrypted cards begin with; the account follows."""
TRIES_A_MINUTE: Final = 10
TRIES_OF_AN_ADDRESS_A_MINUTE: Final = 60
_LOOK_SECONDS: Final = 4.0
_LABELS: Final = {
    CARD: lazy_gettext("Card"),
    card_entry.PLACE: lazy_gettext("Card"),
    VPA: lazy_gettext("Your UPI address"),
    ASSET: lazy_gettext("Coin"),
    METHOD: lazy_gettext("How you pay"),
    "form": lazy_gettext("This page"),
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was chosen: the method, and what came with it."""

    method: str
    name: str
    details: Mapping[str, str] = field(default_factory=dict)
    cards: Mapping[str, str] = field(default_factory=dict, repr=False)


def fault(error: PayAgencyError) -> tuple[str, str]:
    """Return the field that an error is about, empty for none, and what its payer reads."""
    if isinstance(error, CardNumberRefusedError):
        return "", gettext(
            "A card number came in the clear. It was refused, and nothing of it was kept. Type it "
            "into the fields of the card only."
        )
    if isinstance(error, IdempotencyMismatchError):
        return "", gettext("This page had been sent before. Choose once more how to pay.")
    place = str(error.data.get("place", ""))
    if place not in _LABELS:
        return "", told(error)
    return place if place in {VPA, ASSET} else "", f"{_LABELS[place]}: {sentence(error)}"


def refuse_haste(token: str) -> None:
    """Raise TooManyRequestsError where one page, or one address, tries too often."""
    for name, caller, most in (
        ("pay", token, TRIES_A_MINUTE),
        ("pay-from", request.remote_addr or "", TRIES_OF_AN_ADDRESS_A_MINUTE),
    ):
        rate = rates.hit(name, caller, most)
        if rate is not None and not rate.allowed:
            raise TooManyRequestsError(
                said("Too many tries. Wait {seconds} seconds.", seconds=rate.reset_seconds),
                retry_after_seconds=rate.reset_seconds,
            )


def refuse_clear_cards() -> None:
    """Raise CardNumberRefusedError where a card number stands in what was sent."""
    refuse(request.form.to_dict(flat=False), "form")
    refuse(request.args.to_dict(flat=False), "address")


def start(actor: Actor, payment: Payment) -> None:
    """Start what the posted form chose, once for each form that was given out.

    Raises BadInputError for what cannot be used, IdempotencyMismatchError where the form had chosen
    otherwise before, and what `attempts.try_again` raises.
    """
    public_id, livemode = payment.public_id, payment.livemode
    key = form_keys.read(purpose(public_id))
    wanted = _read()
    route = routing.choose(wanted.method, wanted.name, payment.currency, livemode=livemode)
    if wanted.cards:
        # Its request alone can send it.
        execute.refuse_when_full()
    _look_first(actor, payment)

    def write(session: Session, now: datetime) -> tuple[str, Asked]:
        return public_id, _tried(session, now, payment, route, wanted)

    command = Command(
        actor=actor,
        key=key,
        merchant_id=payment.merchant_id,
        path="/pay",
        # A browser encrypts the same card to another text each time.
        body={"payment": public_id, "method": wanted.method, "name": wanted.name},
    )
    with refusals.audited(
        actor,
        action="payments.try",
        object_type="payment",
        object_id=public_id,
        merchant_id=payment.merchant_id,
    ):
        once(command, write, payment_commands.run)


def _tried(
    session: Session, now: datetime, payment: Payment, route: Route, wanted: _Wanted
) -> Asked:
    operation = attempts.try_again(
        session,
        now,
        payment.public_id,
        route,
        encrypted_cards=wanted.cards,
        details=wanted.details,
        head_start_seconds=WEB_HEAD_START_SECONDS,
    )
    return Asked(
        payment.public_id,
        is_replay=False,
        operation_id=operation.public_id,
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        encrypted_card=card_entry.chosen(wanted.cards, route),
    )


def _look_first(actor: Actor, payment: Payment) -> None:
    """Ask what became of what waits for the payer: who has just paid must not pay again."""
    with reading(actor) as session:
        waiting = [
            each.public_id
            for each in operations.of_payment(session, payment.id)
            if each.kind in attempts.PAYING and each.state == OperationState.ACTION
        ]
    budget = min(_LOOK_SECONDS, config.get().payagency_web_budget_seconds)
    for operation_id in waiting:
        execute.look_now(operation_id, actor, budget / len(waiting))


def _read() -> _Wanted:
    method, _, name = request.form.get(METHOD, "").partition(":")
    if method == CARD:
        return _Wanted(CARD, "", cards=_sealed())
    if (method, name) == ("upi", ""):
        on_phone = request.form.get(FLOW) == upi.INTENT
        return _Wanted("upi", upi.INTENT if on_phone else upi.QR)
    if (method, name) == ("upi", upi.COLLECT):
        return _Wanted("upi", name, details={VPA: upi.parse_vpa(request.form.get(VPA, ""))})
    if method == "crypto":
        return _Wanted(method, crypto.parse_asset(request.form.get(ASSET, "")))
    if method == "apm" and name:
        return _Wanted(method, name)
    raise BadInputError(METHOD, said("is not chosen."), said("Choose how to pay."))


def _sealed() -> dict[str, str]:
    found = {
        name.removeprefix(SEALED): value
        for name, value in request.form.items()
        if name.startswith(SEALED)
    }
    if not found:
        raise BadInputError(
            CARD,
            said("did not arrive: it is encrypted by a script, and your browser runs none."),
            said("Allow scripts on this page, or choose another way to pay."),
        )
    return found
