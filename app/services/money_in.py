"""What money that comes does: it is captured for the merchant, or held apart until it is clear.

`operation.suspense_minor` is what of an operation's money stands on the suspense account. It is
brought to what the operation's state says by one journal a change, so that every order of reports
ends with the same balances.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.ledger import postings
from app.domain.ledger.journals import JournalKind
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import said
from app.queries import operations
from app.services import desk, fees, ledger, lots, money_back, refunds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment

TAKES: Final = frozenset({OperationKind.PURCHASE, OperationKind.CAPTURE})
ACCEPT: Final = "accept"

_TEXTS: Final = {
    "second": said("Another attempt had paid already: this money is not this payment's"),
    "late": said("The money came after the payment was over"),
    "over_paid": said("More was sent than was asked for"),
    "under_paid": said("Less was sent than was asked for, and the time is over"),
}


def take(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    before: OperationState,
    cause: ledger.Cause,
) -> None:
    """Capture the money of an operation that succeeded, unless it is not this payment's."""
    kind = _foreign(session, payment, operation, before)
    if kind is not None:
        operation.suspense = True
        settle(session, now, operation, cause, kind)
        return
    received = operation.received_minor
    short = received is not None and received < operation.amount_minor
    operation.moved_minor = received if short else None
    payment.method = operations.attempt_of(session, operation).method
    operation.fee_breakdown = fees.of_capture(session, now, payment, operation)
    ledger.post(session, now, fees.capture_draft(operation), fees.with_agent(cause, operation))
    lots.open_for(session, now, payment, operation)
    settle(session, now, operation, cause)


def untake(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    """Reverse a capture that un-happened; what was spent of it is owed from available."""
    if operation.suspense:
        operation.suspense = False
    else:
        own = refunds.own_money(session, payment)
        draft = postings.capture_reversal(fees.capture_draft(operation), own)
        ledger.post(session, now, draft, fees.with_agent(cause, operation))
    settle(session, now, operation, cause)
    operation.moved_minor = None


def settle(
    session: Session,
    now: datetime,
    operation: Operation,
    cause: ledger.Cause,
    kind: str | None = None,
) -> None:
    """Bring what is held apart to what state and receipts say, and open or end its case.

    `kind` is that of the case where the whole of the money is not this payment's; where the
    merchant's policy sends such money back by itself, a case is opened only if that fails.
    """
    apart = _apart(operation)
    wanted = max(0, apart - _sent_back(session, operation)) if apart else 0
    change = wanted - operation.suspense_minor
    if change > 0:
        ledger.post(session, now, postings.surplus(change, operation.currency), cause)
    elif change < 0:
        ledger.post(session, now, postings.surplus_returned(-change, operation.currency), cause)
    operation.suspense_minor = wanted
    if kind is not None:
        money_back.by_policy(session, now, operation, kind)
    note_case(session, now, operation, kind)


def note_case(
    session: Session, now: datetime, operation: Operation, kind: str | None = None
) -> None:
    """Open the case of an operation's money that is held apart; end those that are over.

    There is one for all of it, about what is not on its way back to the payer.
    """
    if operation.suspense_minor == 0:
        desk.end_by_itself(session, now, operation.id, tuple(_TEXTS))
        return
    kind = kind or _kind_of_rest(session, operation)
    if kind is None:
        return
    desk.end_by_itself(session, now, operation.id, tuple(_TEXTS.keys() - {kind}))
    waits_minor = operation.suspense_minor - money_back.under_way_minor(session, operation)
    if waits_minor <= 0:
        return
    case = desk.open_case(
        session,
        now,
        case_key=_key(kind, operation),
        kind=kind,
        text=_TEXTS[kind],
        livemode=operation.livemode,
        merchant_id=operation.merchant_id,
        payment_id=operation.payment_id,
        operation_id=operation.id,
        amount=Money(waits_minor, operation.currency),
    )
    desk.set_amount(case, waits_minor)


def _kind_of_rest(session: Session, operation: Operation) -> str | None:
    """Name the case of money that is held apart: the one that it has, else by the state."""
    if operation.suspense:
        return _kind_of_all(session, operation)
    rest = {OperationState.SUCCESS: "over_paid", OperationState.FAILED: "under_paid"}
    return rest.get(OperationState(operation.state))


def _kind_of_all(session: Session, operation: Operation) -> str:
    known = [kind for kind in ("late", "second") if desk.find(session, _key(kind, operation))]
    if known:
        return known[0]
    payment = operations.payment_of(session, operation)
    is_late = money_back.was_asked_by_policy(session, operation) and not _paid_by_another(
        session, payment, operation
    )
    return "late" if is_late else "second"


def _key(kind: str, operation: Operation) -> str:
    return f"{kind}:{operation.public_id}"


def _apart(operation: Operation) -> int:
    """Return how much of what has come is not captured, in minor units."""
    if operation.state != OperationState.SUCCESS:
        return operation.received_minor or 0
    come = operation.amount_minor if operation.received_minor is None else operation.received_minor
    return come if operation.suspense else max(0, come - operation.amount_minor)


def _sent_back(session: Session, operation: Operation) -> int:
    """Return what of the attempt's money that was held apart has gone back or been given away."""
    returned = sum(
        other.amount_minor
        for other in operations.of_payment(session, operation.payment_id)
        if other.kind == OperationKind.REFUND
        and other.suspense
        and other.attempt_id == operation.attempt_id
        and other.state == OperationState.SUCCESS
    )
    return returned + operation.credited_minor


def _foreign(
    session: Session, payment: Payment, operation: Operation, before: OperationState
) -> str | None:
    """Say why the money is not this payment's: another paid, or it is late and not wanted."""
    if _paid_by_another(session, payment, operation):
        return "second"
    if operation.ended_by_hand:
        return "late"
    is_late = payment.closed is not None or before is OperationState.FAILED
    merchant = operations.merchant_of(session, payment.merchant_id)
    return "late" if is_late and merchant.late_money != ACCEPT else None


def is_foreign(session: Session, payment: Payment, operation: Operation) -> bool:
    """Tell whether the money of an operation would be held apart if it succeeded now."""
    before = OperationState(operation.state)
    return _foreign(session, payment, operation, before) is not None


def _paid_by_another(session: Session, payment: Payment, operation: Operation) -> bool:
    """Tell whether another attempt took money, or holds an authorization that was not voided."""
    others = [
        other
        for other in operations.of_payment(session, payment.id)
        if other.attempt_id != operation.attempt_id
        and other.state == OperationState.SUCCESS
        and not other.suspense
    ]
    voided = {other.attempt_id for other in others if other.kind == OperationKind.VOID}
    return any(
        other.kind in TAKES
        or (other.kind == OperationKind.AUTHORIZE and other.attempt_id not in voided)
        for other in others
    )


def refund_of_money_apart(
    session: Session,
    now: datetime,
    operation: Operation,
    before: OperationState,
    cause: ledger.Cause,
) -> None:
    """Post the outcome of a refund of money that was held apart; nothing was held for it."""
    owner = next(
        other
        for other in operations.of_payment(session, operation.payment_id)
        if other.attempt_id == operation.attempt_id and other.kind in TAKES
    )
    amount, currency = operation.amount_minor, operation.currency
    if operation.state == OperationState.SUCCESS:
        kind = JournalKind.REFUND_SUCCEEDED
        ledger.post(session, now, postings.surplus_returned(amount, currency, kind), cause)
        owner.suspense_minor -= amount
    elif before is OperationState.SUCCESS:
        kind = JournalKind.REFUND_FAILED_LATE
        ledger.post(session, now, postings.surplus(amount, currency, kind), cause)
        owner.suspense_minor += amount
    note_case(session, now, owner)
