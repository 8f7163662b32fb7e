"""From a posted form to money asked for: the key, the intent, and the first try."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

import config
from app.adapters.db import release_reads
from app.domain.identifiers import PREFIXES
from app.errors import NotFoundError, PayAgencyError, said
from app.models import ApprovalRequest
from app.queries import operations
from app.services import card_entry, execute, open_payments, refusals, routing
from app.services import payments as payment_service
from app.services.approvals import refund
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views.once import Command, once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Operation, Payment
    from app.services.payments import NewPayment

    Write = Callable[[Session, datetime], tuple[str, "Asked"]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form made, or (`is_replay`) had made when it was sent before."""

    payment_id: str
    is_replay: bool
    operation_id: str = ""
    merchant_id: int = 0
    livemode: bool = False
    request_id: str = ""
    """The request for approval that was made instead, where it needs a second person."""
    encrypted_card: str | None = field(default=None, repr=False)
    """A card that came encrypted, on its way to the provider."""


def ask_payment(actor: Actor, key: str, asked: NewPayment) -> Asked:
    """Ask for a payment once for this key, and try it, or write an open one without a method.

    Raises what services.payments and services.open_payments raise, and UnavailableError for a card
    that came encrypted while no request may call a provider.
    """
    merchant_id = actor.merchant_id
    if merchant_id is None:
        raise NotFoundError(said("Only a merchant can make a payment."))
    release_reads()
    if asked.encrypted_cards:
        execute.refuse_when_full()
    write = _trying(actor, merchant_id, asked) if asked.method else _opening(merchant_id, asked)
    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path="/payments/new",
        body=_payment_body(asked),
    )
    done = once(command, write, run)
    return done.made or Asked(done.object_id, is_replay=True)


def _trying(actor: Actor, merchant_id: int, asked: NewPayment) -> Write:
    route = routing.choose(
        asked.method, asked.method_name, asked.amount.currency, livemode=bool(actor.livemode)
    )

    def write(session: Session, now: datetime) -> tuple[str, Asked]:
        payment = payment_service.create(
            session, now, merchant_id, asked, route, head_start_seconds=WEB_HEAD_START_SECONDS
        )
        first = operations.of_payment(session, payment.id)[0]
        sealed = card_entry.chosen(asked.encrypted_cards, route)
        return payment.public_id, replace(_asked(payment, first), encrypted_card=sealed)

    return write


def _opening(merchant_id: int, asked: NewPayment) -> Write:
    def write(session: Session, now: datetime) -> tuple[str, Asked]:
        payment = open_payments.create(session, now, merchant_id, asked)
        return payment.public_id, Asked(payment.public_id, is_replay=False)

    return write


def ask_refund(actor: Actor, key: str, payment: Payment, wanted: int | None, reason: str) -> Asked:
    """Ask for a refund of so many minor units, or of all that is left, once for this key; try it.

    Where it needs a second person, only their approval is asked for.
    """
    payment_id, merchant_id = payment.public_id, payment.merchant_id

    def write(session: Session, now: datetime) -> tuple[str, Asked]:
        made = refund.ask(
            session, now, payment_id, wanted, reason, head_start_seconds=WEB_HEAD_START_SECONDS
        )
        if isinstance(made, ApprovalRequest):
            asked = Asked(payment_id, is_replay=False, request_id=made.public_id)
            return made.public_id, asked
        return made.public_id, _asked(payment, made)

    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path=f"/payments/{payment_id}/refund",
        body={"amount_minor": wanted, "reason": reason},
    )
    with refusals.audited(
        actor,
        action="payments.refund",
        object_type="payment",
        object_id=payment_id,
        merchant_id=merchant_id,
    ):
        done = once(command, write, run)
    return done.made or _made_before(payment_id, done.object_id)


def _made_before(payment_id: str, object_id: str) -> Asked:
    """Return the refund, or the request for its approval, that the key had made before."""
    if object_id.startswith(f"{PREFIXES['refund']}_"):
        return Asked(payment_id, is_replay=True, operation_id=object_id)
    return Asked(payment_id, is_replay=True, request_id=object_id)


def _asked(payment: Payment, operation: Operation) -> Asked:
    return Asked(
        payment.public_id,
        is_replay=False,
        operation_id=operation.public_id,
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )


def run(made: Asked) -> None:
    """Run the operation in this request; whatever happens, its task is in the outbox."""
    if not made.operation_id:
        return
    try:
        execute.run_now(
            made.operation_id,
            merchant_id=made.merchant_id,
            livemode=made.livemode,
            budget_seconds=config.get().payagency_web_budget_seconds,
            encrypted_card=made.encrypted_card,
        )
    except PayAgencyError as error:
        log.warning("left_to_a_worker", operation=made.operation_id, reason=error.detail)


def _payment_body(asked: NewPayment) -> dict[str, object]:
    sealed = {
        account: hashlib.sha256(card.encode()).hexdigest()
        for account, card in asked.encrypted_cards.items()
    }
    # Without these the body is what it was before there were any, and so are the keys of it.
    more: dict[str, object] = {"encrypted_cards": sealed} if sealed else {}
    if asked.payer_locale:
        more["payer_locale"] = asked.payer_locale
    return {
        "amount_minor": asked.amount.amount_minor,
        "currency": asked.amount.currency,
        "method": asked.method,
        "method_name": asked.method_name,
        "details": dict(asked.details),
        "reference": asked.reference,
        "capture": asked.capture,
        "customer_name": asked.customer_name,
        "customer_email": asked.customer_email,
        "customer_phone": asked.customer_phone,
        "description": asked.description,
        "card_token": asked.card_token,
        "return_url": asked.return_url,
        "metadata": dict(asked.metadata),
        **more,
    }
