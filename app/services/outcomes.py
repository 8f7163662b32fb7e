"""What an outcome does: journals, the fee, the card's facts and the payment's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.actors import ActorKind
from app.domain.desk import CaseKind
from app.domain.identifiers import new_id
from app.domain.ledger import postings
from app.domain.ledger.journals import JournalKind, mirrored
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import (
    UNSENT,
    OperationFact,
    PaymentFacts,
    PaymentStatus,
    is_listed,
    summarize,
)
from app.errors import said
from app.models import OperationEvent
from app.models.tenancy import actor_of
from app.queries import actors, disputes, operations, payments
from app.queries import ledger as ledger_rows
from app.services import desk, events, fees, ledger, lots, money_in, refunds
from app.services.notify import news

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Dispute, Operation, Payment
    from app.providers.base import Reading


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
    cause = cause_of(session, payment, operation, event_id)
    if kind in money_in.TAKES:
        if after is OperationState.SUCCESS:
            money_in.take(session, now, payment, operation, before, cause)
        elif before is OperationState.SUCCESS:
            money_in.untake(session, now, payment, operation, cause)
        else:
            money_in.settle(session, now, operation, cause)
    elif kind is OperationKind.REFUND and operation.suspense:
        money_in.refund_of_money_apart(session, now, operation, before, cause)
    elif kind is OperationKind.REFUND:
        _refund(session, now, payment, operation, before, cause)
    _release_reservation(session, payment, operation, before)


def receive(
    session: Session, now: datetime, payment: Payment, operation: Operation, evidence_id: int
) -> None:
    """Post what has come or gone without a change of state: a part, or more than was asked for."""
    state = OperationState(operation.state)
    note = said("received {amount}", amount=Money(operation.received_minor or 0, payment.currency))
    row = event(session, now, operation, state, state, evidence_id, note)
    session.flush()
    cause = cause_of(session, payment, operation, row.public_id)
    money_in.settle(session, now, operation, cause)


def _release_reservation(
    session: Session, payment: Payment, operation: Operation, before: OperationState
) -> None:
    """Give back what a capture or void had reserved when it fails.

    One that was done after all takes it again; past a limit that is a conflict.
    """
    kind, after = OperationKind(operation.kind), OperationState(operation.state)
    amount = operation.amount_minor
    if kind is OperationKind.CAPTURE:
        if after is OperationState.FAILED:
            payments.return_capture(session, payment.id, amount)
        elif before is OperationState.FAILED and not payments.ask_capture(
            session, payment.id, amount
        ):
            operation.conflicted = True
    elif kind is OperationKind.VOID:
        if after is OperationState.FAILED:
            payments.return_void(session, payment.id)
        elif before is OperationState.FAILED and not payments.ask_void(session, payment.id):
            operation.conflicted = True


def cause_of(
    session: Session, payment: Payment, operation: Operation, event_id: str
) -> ledger.Cause:
    """Return an operation's event as the cause of a journal."""
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
        # What passed the limit had reserved nothing that could be given back.
        if not operation.conflicted:
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
    if OperationState.SUCCESS in {before, after}:
        fees.post_refund(session, now, payment, operation, cause)


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
    stood = events.standing(payment)
    session.flush()
    rows = operations.of_payment(session, payment.id)
    numbers = {row.attempt_id: operations.attempt_of(session, row).number for row in rows}
    unsent = [row.public_id for row in rows if row.state in UNSENT]
    live = actors.live_refs(session, unsent) if unsent else set()
    heads = _heads(session, rows)
    facts = PaymentFacts(
        amount_minor=payment.amount_minor,
        capture_mode="manual" if payment.capture_mode == "manual" else "automatic",
        operations=tuple(
            _fact(row, numbers[row.attempt_id], heads.get(row.id), queued=row.public_id in live)
            for row in rows
        ),
        attempts_left=payment.may_try_again and payment.closed is None,
        closed=payment.closed,  # type: ignore[arg-type]  # the column holds the same three words
    )
    summary = summarize(facts)
    payment.status = _checked_status(session, now, payment, rows, summary.status)
    payment.authorized_minor = summary.authorized_minor
    payment.captured_minor = summary.captured_minor
    payment.captured_peak_minor = max(payment.captured_peak_minor, summary.captured_minor)
    payment.refunded_minor = summary.refunded_minor
    payment.disputed_minor = summary.disputed_minor
    payment.charged_back_minor = summary.charged_back_minor
    payment.failure_code = None if summary.captured_minor else _last_failure(rows)
    payment.changed_at = now
    events.payment_changed(session, now, payment, stood)
    news.receipt(session, now, payment, stood)


def _checked_status(
    session: Session,
    now: datetime,
    payment: Payment,
    rows: Sequence[Operation],
    status: PaymentStatus,
) -> PaymentStatus:
    """Return the status that was derived, or that of a conflict.

    The desk is told of a conflict that begins; its cases end with it.
    """
    before = PaymentStatus(payment.status)
    if not is_listed(before, status):
        # Marked on the operation, so that the conflict stays until somebody resolves it.
        note = said("payment {before} cannot become {after}", before=before, after=status)
        conflict(session, now, rows[-1], None, note)
        return PaymentStatus.CONFLICTED
    if PaymentStatus.CONFLICTED in {before, status} and before is not status:
        _tell_of_change(session, now, rows, begins=status is PaymentStatus.CONFLICTED)
    return status


def _tell_of_change(
    session: Session, now: datetime, rows: Sequence[Operation], *, begins: bool
) -> None:
    if begins:
        marked = [row for row in rows if row.conflicted]
        note = said("more is taken or given back than may be")
        _tell_desk(session, now, (marked or rows)[-1], note)
    elif actor_of(session).kind is not ActorKind.MERCHANT:
        for row in rows:
            desk.end_by_itself(session, now, row.id, (CaseKind.CONFLICTED,))


def _last_failure(rows: Sequence[Operation]) -> str | None:
    failed = [row.failure_code for row in rows if row.state == OperationState.FAILED]
    return failed[-1] if failed else None


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
    if before is not after:
        events.refund_changed(session, now, operation, before)
    return row


def conflict(
    session: Session, now: datetime, operation: Operation, evidence_id: int | None, note: str
) -> None:
    """Mark an operation as contradicting, with the reason, and put it on the desk.

    Its state stays.
    """
    operation.conflicted = True
    state = OperationState(operation.state)
    event(session, now, operation, state, state, evidence_id, said("conflict: {note}", note=note))
    _tell_desk(session, now, operation, note)


def _tell_desk(session: Session, now: datetime, operation: Operation, note: str) -> None:
    if actor_of(session).kind is ActorKind.MERCHANT:
        return
    case = desk.open_case(
        session,
        now,
        case_key=f"conflicted:{operation.public_id}",
        kind=CaseKind.CONFLICTED,
        text=said("What is known contradicts itself: {note}", note=note),
        livemode=operation.livemode,
        merchant_id=operation.merchant_id,
        payment_id=operation.payment_id,
        operation_id=operation.id,
        amount=Money(operation.amount_minor, operation.currency),
    )
    desk.set_amount(case, operation.amount_minor)


def _heads(session: Session, rows: Sequence[Operation]) -> dict[int, Dispute]:
    """Return operation id → dispute, asked for only where there is one."""
    if not any(row.kind == OperationKind.DISPUTE for row in rows):
        return {}
    return {each.operation_id: each for each in disputes.of_payment(session, rows[0].payment_id)}


def _fact(row: Operation, number: int, head: Dispute | None, *, queued: bool) -> OperationFact:
    return OperationFact(
        kind=OperationKind(row.kind),
        state=OperationState(row.state),
        attempt=number,
        amount_minor=row.effect_minor,
        sequence=row.id,
        queued=queued,
        conflicted=row.conflicted,
        suspense=row.suspense,
        dispute_status=None if head is None else head.status,
        dispute_stage=None if head is None else head.stage,
    )
