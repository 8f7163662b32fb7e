"""Deciding on money that is held apart: back to the payer, to the merchant, or into its payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.ledger import postings
from app.domain.operations import OperationState
from app.errors import IllegalStateError, said
from app.queries import operations
from app.services import fees, ledger, lots, money_in, outcomes, refunds
from app.services.money_back import require

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation


def credit(
    session: Session, now: datetime, operation: Operation, amount_minor: int, cause: ledger.Cause
) -> None:
    """Give money that is held apart to the merchant, without a fee; raises LimitExceededError."""
    operations.payment_of(session, operation)
    session.refresh(operation)
    require(session, operation, amount_minor)
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
