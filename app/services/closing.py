"""Ending a payment that was not paid: by whoever asked for it, or because its time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.failure_codes import FailureCode
from app.domain.operations import OperationState
from app.errors import IllegalStateError, LeaseLostError, NotFoundError, said
from app.queries import operations, outbox, payments
from app.services import attempts, audit, execute, outcomes, reasons
from app.services.attempts import PAYING
from app.services.outbox import enqueue

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment
    from app.queries.outbox import Lease

GRACE_SECONDS: Final = 30
"""How long after a payment's time it is closed: the provider's own clock ends it first."""
LOOK_AGAIN_SECONDS: Final = 60
BUDGET_SECONDS: Final = 10.0
_CODES: Final = {
    "expired": FailureCode.PAYER_TIMED_OUT,
    "canceled": FailureCode.CANCELED_BY_PAYER,
}


def cancel(session: Session, now: datetime, public_id: str, reason: str) -> Payment:
    """Close a payment that nobody has paid; money that still comes is late.

    Raises NotFoundError, BadInputError without a reason, and IllegalStateError when it is paid,
    authorized (then it is voided), over, or when an attempt may have paid already.
    """
    reason = reasons.checked(reason, said("Say why the payment is given up."))
    found = payments.get(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no payment {payment}.", payment=public_id))
    payment = operations.lock_payment(session, found.id)
    obstacle = _obstacle(session, payment) or _part_paid(session, payment)
    if obstacle is not None:
        raise IllegalStateError(obstacle)
    _close(session, now, payment, "canceled")
    audit.record(
        session,
        now,
        action="payments.cancel",
        object_type="payment",
        object_id=payment.public_id,
        sentence=said("Canceled: {reason}", reason=reason),
        after={"status": payment.status, "reason": reason},
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
    return payment


def can_cancel(session: Session, payment: Payment) -> bool:
    """Tell whether the payment may be closed now."""
    return _obstacle(session, payment) is None and _part_paid(session, payment) is None


def plan_expiry(session: Session, now: datetime, payment: Payment) -> None:
    """Write the task that closes a payment when its time is over, where it has one."""
    if payment.expires_at is None:
        return
    enqueue(
        session,
        now,
        queue="default",
        kind="payment.expire",
        ref=payment.public_id,
        job_key=f"expire:{payment.public_id}",
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        delay_seconds=max(0.0, (payment.expires_at - now).total_seconds()) + GRACE_SECONDS,
    )


def expire(lease: Lease) -> None:
    """Do a leased task: ask the provider once more, then close what nobody has paid.

    An outcome that is not known keeps the payment open until it is.
    """
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, f"task {lease.kind}")
    for operation_id in _waiting_for_payer(actor, lease.ref):
        execute.look_now(operation_id, actor, BUDGET_SECONDS)
    with db.unit_of_work(actor) as session:
        found = payments.get(session, lease.ref)
        if found is not None:
            payment = operations.lock_payment(session, found.id)
            left = _seconds_left(payment)
            if left > 0:
                outbox.postpone(session, lease, seconds=round(left) + GRACE_SECONDS)
                return
            if _in_doubt(session, payment):
                outbox.postpone(session, lease, seconds=LOOK_AGAIN_SECONDS)
                return
            if _obstacle(session, payment) is None:
                _close(session, clock.now(), payment, "expired")
        if not outbox.finish(session, lease):
            raise LeaseLostError(said("Another worker took this task over."))


def _seconds_left(payment: Payment) -> float:
    """Return how much time an open payment has got since its end was planned."""
    if not payment.may_try_again or payment.expires_at is None:
        return 0
    return (payment.expires_at - clock.now()).total_seconds()


def _waiting_for_payer(actor: Actor, public_id: str) -> list[str]:
    with db.reading(actor) as session:
        payment = payments.get(session, public_id)
        if payment is None:
            return []
        asked = operations.of_payment(session, payment.id)
        return [each.public_id for each in asked if each.state == OperationState.ACTION]


def _obstacle(session: Session, payment: Payment) -> str | None:
    if payment.authorized_minor > payment.captured_minor:
        return said("This payment is authorized. Void it instead.")
    if payment.captured_minor:
        return said("This payment is paid. Refund it instead.")
    if payment.closed is not None or payment.void_asked:
        return said("This payment is over already.")
    if _in_doubt(session, payment):
        return said("An attempt of this payment may have paid it. Wait until its outcome is known.")
    return None


def _part_paid(session: Session, payment: Payment) -> str | None:
    if any(each.received_minor for each in _tries(session, payment)):
        return said("A part of the money has come. Wait until the payment's time is over.")
    return None


def _in_doubt(session: Session, payment: Payment) -> bool:
    return attempts.in_doubt(payment, operations.of_payment(session, payment.id))


def _tries(session: Session, payment: Payment) -> list[Operation]:
    return [each for each in operations.of_payment(session, payment.id) if each.kind in PAYING]


def _close(
    session: Session, now: datetime, payment: Payment, closure: Literal["expired", "canceled"]
) -> None:
    """End what waits for the payer by our own conclusion; the provider may tell otherwise."""
    for operation in _tries(session, payment):
        if operation.state != OperationState.ACTION:
            continue
        before = OperationState(operation.state)
        operation.state = OperationState.FAILED
        operation.failure_code = _CODES[closure]
        operation.changed_at = now
        row = outcomes.event(session, now, operation, before, OperationState.FAILED, None)
        session.flush()
        if operation.received_minor:
            outcomes.post(session, now, payment, operation, before, row.public_id)
    payment.closed = closure
    outcomes.recompute(session, now, payment)
