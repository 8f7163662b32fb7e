"""Sending back money that is held apart: as somebody decided, or as the merchant's policy says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import LimitExceededError, said
from app.providers import registry
from app.providers.base import Verb
from app.queries import operations
from app.services import audit
from app.services.operations import add_operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation

REFUND: Final = "refund"
"""The policy of a merchant who wants money that came late to be sent back."""

SYSTEM: Final = "system"
"""Who asks for a refund that a policy asks for."""

_REASONS: Final = {
    "second": said("The payment had been paid already when this money came"),
    "late": said("The payment was over when this money came"),
}


def by_policy(session: Session, now: datetime, operation: Operation, kind: str) -> None:
    """Send back money that is second or late, where the merchant's policy says so and it can be.

    What cannot be refunded, and where to is not known (the payer of a coin has to name an address),
    is left for the desk, and so is what a person had ended by hand.
    """
    merchant = operations.merchant_of(session, operation.merchant_id)
    wanted = merchant.late_money == REFUND and kind in _REASONS and not operation.ended_by_hand
    if wanted and operation.suspense_minor and _can_go_back(session, operation):
        refund = send_back(session, now, operation, operation.suspense_minor, _REASONS[kind])
        refund.requested_by = SYSTEM


def was_asked_by_policy(session: Session, operation: Operation) -> bool:
    """Tell whether a policy has asked to send this money back, whatever came of it."""
    return any(other.requested_by == SYSTEM for other in _refunds(session, operation))


def send_back(
    session: Session, now: datetime, operation: Operation, amount_minor: int, reason: str
) -> Operation:
    """Write the refund of money that is held apart; a worker sends it.

    The payment's row is locked, so that the refunds together never pass what is held. Raises
    LimitExceededError; then nothing was changed.
    """
    payment = operations.payment_of(session, operation)
    session.flush()
    session.refresh(operation)
    require(session, operation, amount_minor)
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


def require(session: Session, operation: Operation, amount_minor: int) -> None:
    """Raise LimitExceededError unless so much of this money is held and not on its way back."""
    left_minor = operation.suspense_minor - under_way_minor(session, operation)
    if not 0 < amount_minor <= left_minor:
        raise LimitExceededError(
            said(
                "{amount} cannot be taken: {left} of this money is still held apart.",
                amount=Money(amount_minor, operation.currency),
                left=Money(max(0, left_minor), operation.currency),
            ),
            left_minor=left_minor,
        )


def under_way_minor(session: Session, operation: Operation) -> int:
    """Return what refunds of this money have asked for and not ended, in minor units."""
    ended = {OperationState.SUCCESS, OperationState.FAILED}
    return sum(
        other.amount_minor for other in _refunds(session, operation) if other.state not in ended
    )


def _refunds(session: Session, operation: Operation) -> list[Operation]:
    return [
        other
        for other in operations.of_payment(session, operation.payment_id)
        if other.kind == OperationKind.REFUND
        and other.suspense
        and other.attempt_id == operation.attempt_id
    ]


def _can_go_back(session: Session, operation: Operation) -> bool:
    attempt = operations.attempt_of(session, operation)
    account = operations.connector_account(session, attempt.connector_account_id)
    capabilities = registry.get(account.connector).capabilities
    row = capabilities.row(attempt.method, attempt.method_name)
    if row is None or Verb.REFUND not in capabilities.verbs:
        return False
    return row.refundable and not row.payer_sets_amount
