"""What an outcome does: journals, the fee, the card's facts and the payment's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.identifiers import new_id
from app.domain.ledger import postings
from app.domain.ledger.journals import JournalKind, mirrored
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import OperationFact, PaymentFacts, PaymentStatus, is_listed, summarize
from app.errors import said
from app.models import OperationEvent
from app.queries import ledger as ledger_rows
from app.queries import operations, outbox, payments
from app.services import fees, ledger, lots, refunds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment
    from app.providers.base import Reading

_TAKES = {OperationKind.PURCHASE, OperationKind.CAPTURE}


def post(  # an edge of a state machine has this many sides
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    before: OperationState,
    event_id: str,
) -> None:
    """Post the journals of an operation's change of state, once per event."""
    kind, after = OperationKind(operation.kind), OperationState(operation.state)
    cause = _cause(session, payment, operation, event_id)
    if kind in _TAKES:
        if after is OperationState.SUCCESS:
            _take(session, now, payment, operation, cause)
        elif before is OperationState.SUCCESS:
            _untake(session, now, payment, operation, cause)
    elif kind is OperationKind.REFUND:
        _refund(session, now, payment, operation, before, cause)


def _cause(session: Session, payment: Payment, operation: Operation, event_id: str) -> ledger.Cause:
    attempt = operations.attempt_of(session, operation)
    account = operations.connector_account(session, attempt.connector_account_id)
    merchant = operations.merchant_of(session, payment.merchant_id)
    return ledger.Cause(
        livemode=payment.livemode,
        merchant_id=payment.merchant_id,
        merchant=merchant.public_id,
        connector_account=account.public_id,
        type="operation_event",
        id=event_id,
        payment_id=payment.id,
        text=said(
            "{operation} {id} of payment {payment}",
            operation=operation.kind,
            id=operation.public_id,
            payment=payment.public_id,
        ),
    )


def _take(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    if _paid_by_another(session, payment, operation):
        operation.suspense = True
        draft = postings.surplus(operation.amount_minor, operation.currency)
        ledger.post(session, now, draft, cause)
        return
    operation.fee_breakdown = fees.of_capture(session, now, payment, operation)
    ledger.post(session, now, fees.capture_draft(operation), cause)
    lots.open_for(session, now, payment, operation)


def _untake(
    session: Session, now: datetime, payment: Payment, operation: Operation, cause: ledger.Cause
) -> None:
    """Reverse a capture that un-happened; what was spent of it is owed from available."""
    if operation.suspense:
        draft = mirrored(
            postings.surplus(operation.amount_minor, operation.currency),
            JournalKind.CAPTURE_REVERSAL,
        )
    else:
        own = refunds.own_money(session, payment)
        draft = postings.capture_reversal(fees.capture_draft(operation), own)
    ledger.post(session, now, draft, cause)


def _refund(  # an edge of a state machine has this many sides
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    before: OperationState,
    cause: ledger.Cause,
) -> None:
    amount, currency = operation.amount_minor, operation.currency
    after = OperationState(operation.state)
    if after is OperationState.SUCCESS:
        if before is OperationState.FAILED:
            refunds.hold_again(session, now, payment, operation, cause)
        ledger.post(session, now, postings.refund_succeeded(amount, currency), cause)
    elif after is OperationState.FAILED:
        payments.return_refund(session, payment.id, amount)
        if before is OperationState.SUCCESS:
            ledger.post(session, now, postings.refund_failed_late(amount, currency), cause)
        else:
            asked = ledger_rows.last_journal(
                session, operation.public_id, (JournalKind.REFUND_ASKED,)
            )
            if asked is not None:
                ledger.mirror(session, now, asked, JournalKind.REFUND_FAILED, cause)
                lots.take_back(session, now, payment, operation)
    elif before is OperationState.SUCCESS:
        draft = mirrored(postings.refund_succeeded(amount, currency), JournalKind.REFUND_REOPENED)
        ledger.post(session, now, draft, cause)


def _paid_by_another(session: Session, payment: Payment, operation: Operation) -> bool:
    """Tell whether another attempt took money, or holds an authorisation that was not voided."""
    others = [
        other
        for other in operations.of_payment(session, payment.id)
        if other.attempt_id != operation.attempt_id
        and other.state == OperationState.SUCCESS
        and not other.suspense
    ]
    voided = {other.attempt_id for other in others if other.kind == OperationKind.VOID}
    return any(
        other.kind in _TAKES
        or (other.kind == OperationKind.AUTHORIZE and other.attempt_id not in voided)
        for other in others
    )


def learn_card(session: Session, operation: Operation, answer: Reading) -> None:
    """Keep the provider's brand, last four and fingerprint on the attempt."""
    if answer.card is None:
        return
    attempt = operations.attempt_of(session, operation)
    attempt.card_brand = answer.card.brand
    attempt.card_last4 = answer.card.last4
    attempt.card_fingerprint = answer.card.fingerprint


def recompute(session: Session, now: datetime, payment: Payment) -> None:
    """Derive the payment's status and amounts from its operations and store them for search."""
    session.flush()
    rows = operations.of_payment(session, payment.id)
    numbers = {item.id: item.number for item in operations.attempts(session, payment.id)}
    live = outbox.live_refs(session, [row.public_id for row in rows])
    facts = PaymentFacts(
        amount_minor=payment.amount_minor,
        capture_mode="manual" if payment.capture_mode == "manual" else "automatic",
        operations=tuple(
            _fact(row, numbers[row.attempt_id], queued=row.public_id in live) for row in rows
        ),
        closed=payment.closed,  # type: ignore[arg-type]  # the column holds the same three words
    )
    summary = summarize(facts)
    status = summary.status
    before = PaymentStatus(payment.status)
    if not is_listed(before, status):
        # Marked on the operation, so that the conflict stays until somebody resolves it.
        conflict(
            session,
            now,
            rows[-1],
            None,
            said("payment {before} cannot become {after}", before=before, after=status),
        )
        status = PaymentStatus.CONFLICTED
    failed = [row.failure_code for row in rows if row.state == OperationState.FAILED]
    payment.status = status
    payment.captured_minor = summary.captured_minor
    payment.captured_peak_minor = max(payment.captured_peak_minor, summary.captured_minor)
    payment.refunded_minor = summary.refunded_minor
    payment.disputed_minor = summary.disputed_minor
    payment.charged_back_minor = summary.charged_back_minor
    payment.failure_code = failed[-1] if failed and summary.captured_minor == 0 else None
    payment.changed_at = now


def event(
    session: Session,
    now: datetime,
    operation: Operation,
    before: OperationState,
    after: OperationState,
    evidence_id: int | None,
    note: str = "",
) -> OperationEvent:
    """Write a change of state; nothing else may change one."""
    row = OperationEvent(
        public_id=new_id("oe", now),
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        operation_id=operation.id,
        before=before,
        after=after,
        evidence_id=evidence_id,
        note=note[:255],
        created_at=now,
    )
    session.add(row)
    return row


def conflict(
    session: Session, now: datetime, operation: Operation, evidence_id: int | None, note: str
) -> None:
    """Mark an operation as contradicting, with the reason; its state stays."""
    operation.conflicted = True
    state = OperationState(operation.state)
    event(session, now, operation, state, state, evidence_id, said("conflict: {note}", note=note))


def _fact(row: Operation, number: int, *, queued: bool) -> OperationFact:
    return OperationFact(
        kind=OperationKind(row.kind),
        state=OperationState(row.state),
        attempt=number,
        amount_minor=row.amount_minor,
        sequence=row.id,
        queued=queued,
        conflicted=row.conflicted,
        suspense=row.suspense,
    )
