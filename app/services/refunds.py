"""Asking for refunds: reserve, hold and write the intent in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.ledger import postings
from app.domain.ledger.accounts import MERCHANT_PENDING, MERCHANT_RESERVE, AccountRef, qualify
from app.domain.ledger.own_money import OwnMoney
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError, said
from app.queries import ledger as ledger_rows
from app.queries import operations, payments
from app.services import audit, ledger, reasons
from app.services.operations import add_operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment


def ask_refund(
    session: Session,
    now: datetime,
    public_id: str,
    amount_minor: int | None,
    reason: str,
    *,
    head_start_seconds: float = 0,
) -> Operation:
    """Reserve an amount, hold the merchant's money and write the refund; nothing is sent yet.

    `amount_minor` None refunds what is left. Raises NotFoundError, BadInputError,
    IllegalStateError or LimitExceededError; then nothing was changed.
    """
    payment = payments.get(session, public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {payment}.", payment=public_id))
    amount, reason = check(payment, amount_minor, reason)
    # What was read may have changed meanwhile; the conditional update has the last word.
    if not payments.ask_refund(session, payment.id, amount):
        _refuse_refund(payment, amount)
    operation = add_operation(
        session,
        now,
        payment,
        _paying_attempt(session, payment),
        OperationKind.REFUND,
        amount,
        reason=reason[:255],
        head_start_seconds=head_start_seconds,
    )
    hold_refund(session, now, payment, operation)
    _trace(session, now, payment, operation, reason)
    session.refresh(payment)
    return operation


def check(payment: Payment, amount_minor: int | None, reason: str) -> tuple[int, str]:
    """Return amount and reason of a refund that may be asked for; nothing is changed.

    `amount_minor` None takes what is left. Raises BadInputError, IllegalStateError or
    LimitExceededError.
    """
    reason = reasons.checked(reason, said("Say why the money goes back."))
    if payment.captured_minor <= 0:
        raise IllegalStateError(
            said(
                "Payment {payment} is {payment_status}: only captured money can be refunded.",
                payment=payment.public_id,
                payment_status=payment.status,
            )
        )
    taken = payment.refund_asked_minor + payment.charged_back_minor + payment.disputed_minor
    left = payment.captured_minor - taken
    amount = left if amount_minor is None else amount_minor
    if not 0 < amount <= left:
        _refuse_refund(payment, amount)
    return amount, reason


def _paying_attempt(session: Session, payment: Payment) -> int:
    """Return the attempt whose money this payment has."""
    return next(
        item.attempt_id
        for item in operations.of_payment(session, payment.id)
        if item.state == OperationState.SUCCESS
        and item.kind in {OperationKind.PURCHASE, OperationKind.CAPTURE}
        and not item.suspense
    )


def _trace(
    session: Session, now: datetime, payment: Payment, operation: Operation, reason: str
) -> None:
    amount = Money(operation.amount_minor, operation.currency)
    audit.record(
        session,
        now,
        action="payments.refund",
        object_type="payment",
        object_id=payment.public_id,
        sentence=said("Asked to refund {amount}: {reason}", amount=amount, reason=reason),
        after={
            "refund": operation.public_id,
            "amount_minor": amount.amount_minor,
            "currency": amount.currency,
            "reason": reason,
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )


def _refuse_refund(payment: Payment, amount: int) -> None:
    if amount <= 0:
        raise BadInputError(
            "amount", said("must be more than zero."), said("Give the amount to refund.")
        )
    raise LimitExceededError(
        said(
            "Refunding {amount} would pass what is left of {captured}; "
            "{asked} is refunded or asked for.",
            amount=Money(amount, payment.currency),
            captured=Money(payment.captured_minor, payment.currency),
            asked=Money(payment.refund_asked_minor, payment.currency),
        ),
        captured_minor=payment.captured_minor,
        refund_asked_minor=payment.refund_asked_minor,
    )


def hold_refund(session: Session, now: datetime, payment: Payment, operation: Operation) -> None:
    """Post the hold of a refund from the merchant's own money: reserve, pending, then available."""
    merchant = operations.merchant_of(session, payment.merchant_id)
    own = own_money(session, payment)
    draft = postings.refund_asked(operation.amount_minor, operation.currency, own)
    ledger.post(
        session,
        now,
        draft,
        ledger.Cause(
            livemode=payment.livemode,
            merchant_id=payment.merchant_id,
            merchant=merchant.public_id,
            connector_account="",
            type="operation",
            id=operation.public_id,
            payment_id=payment.id,
            text=said("Refund asked for payment {payment}", payment=payment.public_id),
        ),
    )


def hold_again(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    """Hold the money of a refund once more that had failed and now succeeded after all.

    What a provider reports is recorded even past the limit; then the operation is conflicted.
    """
    if not payments.ask_refund(session, payment.id, operation.amount_minor):
        operation.conflicted = True
    draft = postings.refund_asked(
        operation.amount_minor, operation.currency, own_money(session, payment)
    )
    ledger.post(session, now, draft, cause)


def own_money(session: Session, payment: Payment) -> OwnMoney:
    """Return what is left of this payment in the merchant's reserve and pending accounts."""
    merchant = operations.merchant_of(session, payment.merchant_id)

    def lot(ref: AccountRef) -> int:
        code = qualify(ref, merchant=merchant.public_id, connector_account=None)
        return max(0, ledger_rows.lot(session, payment.id, code))

    return OwnMoney(
        reserve_lot_minor=lot(MERCHANT_RESERVE), pending_lot_minor=lot(MERCHANT_PENDING)
    )
