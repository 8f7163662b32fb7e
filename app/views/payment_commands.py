"""From a posted form to money asked for: the key, the intent, and the first try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

import config
from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.identifiers import new_id
from app.errors import NotFoundError, PayAgencyError, said
from app.models import ApprovalRequest
from app.queries import operations, payments
from app.services import execute, idempotency, refusals, routing
from app.services import payments as payment_service
from app.services.approvals import refund
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views.amounts import read_amount

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.models import Payment
    from app.services.payments import NewPayment
    from app.services.routing import Route

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


def ask_payment(actor: Actor, key: str, asked: NewPayment) -> Asked:
    """Ask for a payment once for this key, and try it; raises what services.payments raises."""
    merchant_id = actor.merchant_id
    if merchant_id is None:
        raise NotFoundError(said("Only a merchant can make a payment."))
    release_reads()
    route = routing.choose(asked.method, livemode=bool(actor.livemode))
    made = retry_when_busy(_write_payment)(actor, merchant_id, key, asked, route)
    _try(made)
    return made


def _write_payment(
    actor: Actor, merchant_id: int, key: str, asked: NewPayment, route: Route
) -> Asked:
    now = clock.now()
    public_id = new_id("pay", now)
    with unit_of_work(actor) as session:
        known = idempotency.begin(
            session, now, key, _payment_digest(asked), public_id, merchant_id=merchant_id
        )
        if known is not None:
            return Asked(known, is_replay=True)
        payment = payment_service.create(
            session,
            now,
            merchant_id,
            asked,
            route,
            head_start_seconds=WEB_HEAD_START_SECONDS,
            public_id=public_id,
        )
        first = operations.of_payment(session, payment.id)[0]
        return Asked(
            public_id,
            is_replay=False,
            operation_id=first.public_id,
            merchant_id=merchant_id,
            livemode=payment.livemode,
        )


def ask_refund(actor: Actor, key: str, payment: Payment, amount: str, reason: str) -> Asked:
    """Ask for a refund once for this key, and try it; `amount` is what the reader typed.

    Where it needs a second person, only their approval is asked for.
    """
    payment_id, merchant_id = payment.public_id, payment.merchant_id
    release_reads()
    with refusals.audited(
        actor,
        action="payments.refund",
        object_type="payment",
        object_id=payment_id,
        merchant_id=merchant_id,
    ):
        made = retry_when_busy(_write_refund)(actor, key, payment_id, amount, reason)
    _try(made)
    return made


def _write_refund(actor: Actor, key: str, payment_id: str, amount: str, reason: str) -> Asked:
    now = clock.now()
    with unit_of_work(actor) as session:
        payment = payments.get(session, payment_id)
        if payment is None:
            raise NotFoundError(said("There is no payment {id}.", id=payment_id))
        wanted = read_amount(amount, payment.currency, "amount")
        digest = idempotency.digest(
            "POST",
            f"/payments/{payment_id}/refund",
            {"amount_minor": wanted.amount_minor, "reason": reason},
        )
        known = idempotency.begin(
            session, now, key, digest, payment_id, merchant_id=payment.merchant_id
        )
        if known is not None:
            return Asked(known, is_replay=True)
        made = refund.ask(
            session,
            now,
            payment_id,
            wanted.amount_minor,
            reason,
            head_start_seconds=WEB_HEAD_START_SECONDS,
        )
        if isinstance(made, ApprovalRequest):
            return Asked(payment_id, is_replay=False, request_id=made.public_id)
        return Asked(
            payment_id,
            is_replay=False,
            operation_id=made.public_id,
            merchant_id=payment.merchant_id,
            livemode=payment.livemode,
        )


def _try(made: Asked) -> None:
    """Run the operation in this request; whatever happens, its task is in the outbox."""
    if not made.operation_id:
        return
    try:
        execute.run_now(
            made.operation_id,
            merchant_id=made.merchant_id,
            livemode=made.livemode,
            budget_seconds=config.get().payagency_web_budget_seconds,
        )
    except PayAgencyError as error:
        log.warning("left_to_a_worker", operation=made.operation_id, reason=error.detail)


def _payment_digest(asked: NewPayment) -> bytes:
    return idempotency.digest(
        "POST",
        "/payments/new",
        {
            "amount_minor": asked.amount.amount_minor,
            "currency": asked.amount.currency,
            "method": asked.method,
            "reference": asked.reference,
            "capture": asked.capture,
            "customer_name": asked.customer_name,
            "customer_email": asked.customer_email,
            "customer_phone": asked.customer_phone,
            "description": asked.description,
            "card_token": asked.card_token,
        },
    )
