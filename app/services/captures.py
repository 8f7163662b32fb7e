"""Asking for captures and voids of what was authorized: reserve, and write the intent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError, said
from app.queries import operations, payments
from app.services import audit, reasons
from app.services.operations import add_operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment


def ask_capture(
    session: Session,
    now: datetime,
    public_id: str,
    amount_minor: int | None,
    *,
    head_start_seconds: float = 0,
) -> Operation:
    """Reserve an amount of the authorization and write its capture; nothing is sent yet.

    `amount_minor` None captures what is left. Several captures may follow each other. Raises
    NotFoundError, BadInputError, IllegalStateError or LimitExceededError; then nothing was changed.
    """
    payment = _found(session, public_id)
    amount = check_capture(payment, amount_minor)
    # What was read may have changed meanwhile; the conditional update has the last word.
    if not payments.ask_capture(session, payment.id, amount):
        session.refresh(payment)
        check_capture(payment, amount)
        raise _not_authorized(payment)
    operation = add_operation(
        session,
        now,
        payment,
        authorized_attempt(session, payment),
        OperationKind.CAPTURE,
        amount,
        head_start_seconds=head_start_seconds,
    )
    _trace(session, now, payment, operation, "payments.capture", _capture_words(operation))
    session.refresh(payment)
    return operation


def check_capture(payment: Payment, amount_minor: int | None) -> int:
    """Return the amount of a capture that may be asked for; nothing is changed.

    Raises BadInputError, IllegalStateError or LimitExceededError.
    """
    left = left_to_capture(payment)
    if left <= 0:
        raise _not_authorized(payment)
    amount = left if amount_minor is None else amount_minor
    if amount <= 0:
        raise BadInputError(
            "amount", said("must be more than zero."), said("Give the amount to capture.")
        )
    if amount > left:
        raise LimitExceededError(
            said(
                "Capturing {amount} would pass what is left of the authorized {authorized}: "
                "{left} can still be captured.",
                amount=Money(amount, payment.currency),
                authorized=Money(payment.authorized_minor, payment.currency),
                left=Money(left, payment.currency),
            ),
            left_minor=left,
        )
    return amount


def left_to_capture(payment: Payment) -> int:
    """Return what may still be captured of the authorization, in minor units."""
    if payment.void_asked:
        return 0
    return max(0, payment.authorized_minor - payment.capture_asked_minor)


def ask_void(
    session: Session,
    now: datetime,
    public_id: str,
    reason: str,
    *,
    head_start_seconds: float = 0,
) -> Operation:
    """Close the authorization to captures and write its void; nothing is sent yet.

    What was captured stays; the rest is released. Raises NotFoundError, BadInputError or
    IllegalStateError; then nothing was changed.
    """
    payment = _found(session, public_id)
    reason = reasons.checked(reason, said("Say why the authorization is given up."))
    if not payments.ask_void(session, payment.id):
        session.refresh(payment)
        raise _not_voidable(payment)
    operation = add_operation(
        session,
        now,
        payment,
        authorized_attempt(session, payment),
        OperationKind.VOID,
        payment.authorized_minor - payment.captured_minor,
        reason=reason[:255],
        head_start_seconds=head_start_seconds,
    )
    words = said(
        "Asked to void {amount}: {reason}",
        amount=Money(operation.amount_minor, operation.currency),
        reason=reason,
    )
    _trace(session, now, payment, operation, "payments.void", words)
    session.refresh(payment)
    return operation


def can_void(payment: Payment) -> bool:
    """Tell whether something authorized is left to be released, with no capture under way."""
    return (
        not payment.void_asked
        and payment.capture_asked_minor == payment.captured_minor
        and payment.authorized_minor > payment.captured_minor
    )


def _found(session: Session, public_id: str) -> Payment:
    payment = payments.get(session, public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {payment}.", payment=public_id))
    return payment


def authorized_attempt(session: Session, payment: Payment) -> int:
    """Return the attempt whose authorization this payment holds."""
    return next(
        item.attempt_id
        for item in operations.of_payment(session, payment.id)
        if item.state == OperationState.SUCCESS
        and item.kind == OperationKind.AUTHORIZE
        and not item.suspense
    )


def _not_authorized(payment: Payment) -> IllegalStateError:
    if payment.void_asked:
        return IllegalStateError(
            said(
                "The authorization of payment {payment} was voided: nothing of it can be captured.",
                payment=payment.public_id,
            )
        )
    return IllegalStateError(
        said(
            "Payment {payment} is {payment_status}: nothing authorized is left to capture.",
            payment=payment.public_id,
            payment_status=payment.status,
        )
    )


def _not_voidable(payment: Payment) -> IllegalStateError:
    if payment.capture_asked_minor > payment.captured_minor:
        return IllegalStateError(
            said(
                "A capture of payment {payment} is under way. Void the rest when it has ended.",
                payment=payment.public_id,
            )
        )
    return _not_authorized(payment)


def _capture_words(operation: Operation) -> str:
    return said(
        "Asked to capture {amount}", amount=Money(operation.amount_minor, operation.currency)
    )


def _trace(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    action: str,
    sentence: str,
) -> None:
    audit.record(
        session,
        now,
        action=action,
        object_type="payment",
        object_id=payment.public_id,
        sentence=sentence,
        after={
            "operation": operation.public_id,
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
            "reason": operation.reason or "",
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
