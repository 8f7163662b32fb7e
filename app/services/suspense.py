"""Deciding on money that is held apart: back to the payer, to the merchant, or into its payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.ledger import postings
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import IllegalStateError, LimitExceededError, said
from app.queries import operations
from app.services import audit, fees, ledger, lots, money_in, outcomes, refunds
from app.services.operations import add_operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation


def send_back(
    session: Session, now: datetime, operation: Operation, amount_minor: int, reason: str
) -> Operation:
    """Write the refund of money that is held apart; a worker sends it.

    The payment's row is locked, so that the refunds together never pass what is held. Raises
    LimitExceededError; then nothing was changed.
    """
    payment = operations.payment_of(session, operation)
    session.refresh(operation)
    left = operation.suspense_minor - money_in.on_its_way_back(session, operation)
    _require(amount_minor, left, operation.currency)
    refund = add_operation(
        session,
        now,
        payment,
        operation.attempt_id,
        OperationKind.REFUND,
        amount_minor,
        reason=reason[:255],
    )
    refund.suspense = True
    amount = Money(amount_minor, operation.currency)
    audit.record(
        session,
        now,
        action="payments.refund",
        object_type="payment",
        object_id=payment.public_id,
        sentence=said(
            "Asked to send back {amount} that was held apart: {reason}",
            amount=amount,
            reason=reason,
        ),
        after={
            "refund": refund.public_id,
            "amount_minor": amount_minor,
            "currency": operation.currency,
            "reason": reason,
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
    return refund


def credit(
    session: Session, now: datetime, operation: Operation, amount_minor: int, cause: ledger.Cause
) -> None:
    """Give money that is held apart to the merchant, without a fee; raises LimitExceededError."""
    operations.payment_of(session, operation)
    session.refresh(operation)
    left = operation.suspense_minor - money_in.on_its_way_back(session, operation)
    _require(amount_minor, left, operation.currency)
    draft = postings.surplus_credited(amount_minor, operation.currency)
    ledger.post(session, now, draft, cause)
    operation.credited_minor += amount_minor
    operation.suspense_minor -= amount_minor


def accept(session: Session, now: datetime, operation: Operation, cause: ledger.Cause) -> None:
    """Capture late money for its payment after all.

    Raises IllegalStateError where something else has paid, or a part of it has gone already.
    """
    payment = operations.payment_of(session, operation)
    session.refresh(operation)
    if payment.captured_minor or payment.authorized_minor:
        raise IllegalStateError(said("Something else has paid this payment meanwhile."))
    if not operation.suspense or operation.suspense_minor < operation.effect_minor:
        raise IllegalStateError(said("This money is not held apart any more, or not all of it."))
    operation.suspense = False
    operation.fee_breakdown = fees.of_capture(session, now, payment, operation)
    ledger.post(session, now, fees.capture_draft(operation), fees.with_agent(cause, operation))
    lots.open_for(session, now, payment, operation)
    money_in.settle(session, now, operation, cause)
    outcomes.recompute(session, now, payment)


def set_apart(session: Session, now: datetime, operation: Operation, cause: ledger.Cause) -> None:
    """Reverse the capture of money that is not this payment's and hold it apart.

    Raises IllegalStateError where the operation has captured nothing.
    """
    payment = operations.payment_of(session, operation)
    session.refresh(operation)
    took = operation.kind in money_in.TAKES and operation.state == OperationState.SUCCESS
    if not took or operation.suspense:
        raise IllegalStateError(
            said("This operation has captured nothing that could be set apart.")
        )
    draft = postings.capture_reversal(
        fees.capture_draft(operation), refunds.own_money(session, payment)
    )
    ledger.post(session, now, draft, fees.with_agent(cause, operation))
    operation.suspense = True
    operation.conflicted = False
    money_in.settle(session, now, operation, cause)
    outcomes.recompute(session, now, payment)


def _require(amount_minor: int, left_minor: int, currency: str) -> None:
    if not 0 < amount_minor <= left_minor:
        raise LimitExceededError(
            said(
                "{amount} cannot be taken: {left} of this money is still held apart.",
                amount=Money(amount_minor, currency),
                left=Money(max(0, left_minor), currency),
            ),
            left_minor=left_minor,
        )
