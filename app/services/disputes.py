"""What a provider tells of a dispute: its head, its journals, and what no rule may decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.card_numbers import scrub_text
from app.domain.disputes import LOST, Movement, Standing, decide, movements, understand
from app.domain.identifiers import new_id
from app.domain.ledger import postings
from app.domain.money import Money
from app.domain.operations import Decision, OperationKind, OperationState
from app.domain.payments import DisputeStage, DisputeStatus
from app.errors import IllegalStateError, said
from app.models import Dispute
from app.queries import disputes, operations
from app.services import audit, desk, events, fees, ledger, outcomes, refunds

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft
    from app.models import Operation, OperationEvent, Payment
    from app.providers.base import DisputeFacts, Reading


def apply(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    reading: Reading,
    evidence_id: int,
    *,
    looked_up: bool,
) -> Decision:
    """Apply what is told of a dispute to its operation, whose payment is locked.

    CONFLICT means that it contradicts: what a message tells (not `looked_up`) is then asked of the
    provider (`look_up_at` is set), and what the provider insists on is marked and put on the desk.
    Raises IllegalStateError for a stage or status that is none of ours.
    """
    facts = reading.dispute
    if facts is None:
        return Decision.NOTHING
    told = understand(facts.stage, facts.status, withdrawn=facts.withdrawn)
    if told is None:
        raise IllegalStateError(
            said(
                "A dispute that is {stage} and {status} is not known here.",
                stage=facts.stage,
                status=facts.status,
            )
        )
    head = disputes.of_operation(session, operation.id)
    decision = _judge(payment, operation, head, reading, told)
    if decision is Decision.CONFLICT:
        return _contradicts(session, now, payment, operation, evidence_id, looked_up=looked_up)
    if head is None:
        _open(session, now, payment, operation, told, facts, evidence_id)
    else:
        if decision is Decision.APPLY:
            _go_on(session, now, payment, operation, head, told, evidence_id)
        if decision is Decision.APPLY or looked_up:
            _learn(head, facts)
    outcomes.recompute(session, now, payment)
    if head is None or decision is Decision.APPLY:
        events.dispute_changed(session, now, payment, operation, opened=head is None)
    return decision


def standing(head: Dispute) -> Standing:
    """Return where a dispute stands."""
    return Standing(DisputeStage(head.stage), DisputeStatus(head.status), head.withdrawn)


def _judge(
    payment: Payment,
    operation: Operation,
    head: Dispute | None,
    reading: Reading,
    told: Standing,
) -> Decision:
    differs = (
        reading.amount_minor not in {None, operation.amount_minor}
        or reading.currency not in {None, operation.currency}
        or reading.reference not in {None, payment.public_id}
    )
    if differs:
        return Decision.CONFLICT
    return Decision.APPLY if head is None else decide(standing(head), told)


def _contradicts(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    evidence_id: int,
    *,
    looked_up: bool,
) -> Decision:
    if not looked_up:
        operation.look_up_at = now
    elif not operation.conflicted:
        note = said("the provider insists on what contradicts this dispute")
        outcomes.conflict(session, now, operation, evidence_id, note)
        outcomes.recompute(session, now, payment)
    return Decision.CONFLICT


def _open(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    told: Standing,
    facts: DisputeFacts,
    evidence_id: int,
) -> None:
    head = Dispute(
        public_id=new_id("dp", now),
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        payment_id=operation.payment_id,
        operation_id=operation.id,
        stage=told.stage,
        status=told.status,
        amount_minor=operation.amount_minor,
        currency=operation.currency,
        withdrawn=told.withdrawn,
        created_at=now,
        changed_at=now,
    )
    _learn(head, facts)
    head.closed_at = now if told.over else None
    session.add(head)
    before = OperationState(operation.state)
    operation.state = OperationState.SUCCESS
    operation.changed_at = now
    event = outcomes.event(
        session, now, operation, before, OperationState.SUCCESS, evidence_id, _words(told)
    )
    session.flush()
    _check_cover(session, now, payment, operation, evidence_id)
    _move(session, now, payment, operation, movements(None, told), told, event)
    _trace(session, now, payment, operation, head, {})


def _go_on(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    head: Dispute,
    told: Standing,
    evidence_id: int,
) -> None:
    before = standing(head)
    head.stage, head.status, head.withdrawn = told.stage, told.status, told.withdrawn
    head.changed_at = now
    head.closed_at = (head.closed_at or now) if told.over else None
    state = OperationState(operation.state)
    event = outcomes.event(session, now, operation, state, state, evidence_id, _words(told))
    session.flush()
    steps = movements(before, told)
    if Movement.OPENED in steps:
        _check_cover(session, now, payment, operation, evidence_id)
    # Money that was taken is given back by winning, whether or not this message repeats it.
    taken = Standing(told.stage, told.status, told.withdrawn or before.withdrawn)
    _move(session, now, payment, operation, steps, taken, event)
    _trace(session, now, payment, operation, head, _facts(before))


def _learn(head: Dispute, facts: DisputeFacts) -> None:
    head.reason_code = scrub_text(facts.reason_code or "")[:64] or head.reason_code
    head.reason_text = scrub_text(facts.reason_text or "")[:255] or head.reason_text
    head.due_at = facts.due_at or head.due_at


def _move(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    steps: tuple[Movement, ...],
    told: Standing,
    event: OperationEvent,
) -> None:
    """Post the journals of a step, in order; money that is not this payment's stays."""
    if operation.suspense:
        return
    cause = outcomes.cause_of(session, payment, operation, event.public_id)
    for step in steps:
        draft = _draft(session, payment, operation, step, withdrawn=told.withdrawn)
        ledger.post(session, now, draft, cause)
        if step is Movement.OPENED:
            fees.post_chargeback(session, now, payment, operation, cause)


def _draft(
    session: Session, payment: Payment, operation: Operation, step: Movement, *, withdrawn: bool
) -> JournalDraft:
    amount, currency = operation.amount_minor, operation.currency
    if step is Movement.OPENED:
        own = refunds.own_money(session, payment)
        return postings.dispute_opened(amount, currency, own)
    if step is Movement.WITHDRAWN:
        return postings.dispute_withdrawn(amount, currency)
    if step is Movement.LOST:
        return postings.dispute_lost(amount, currency, withdrawn=withdrawn)
    return postings.dispute_won(amount, currency, withdrawn=withdrawn)


def _check_cover(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    evidence_id: int,
) -> None:
    """Put on the desk what passes the captured money; it is recorded all the same.

    A dispute of money that was refunded before is everyday life: a case, but no contradiction.
    One of money that this payment never took is a contradiction and moves nothing.
    """
    taken_minor = _taken_minor(session, operation)
    if taken_minor == 0:
        operation.suspense = True
        note = said("it disputes money that this payment has not taken")
        outcomes.conflict(session, now, operation, evidence_id, note)
        return
    disputed_minor = sum(
        each.amount_minor
        for each in disputes.of_payment(session, payment.id)
        if each.status != DisputeStatus.WON and each.stage != DisputeStage.INQUIRY
    )
    if disputed_minor > taken_minor:
        note = said("the disputes of this payment pass what was captured")
        outcomes.conflict(session, now, operation, evidence_id, note)
    elif disputed_minor + payment.refund_asked_minor > taken_minor:
        desk.open_case(
            session,
            now,
            case_key=f"disputed-and-refunded:{operation.public_id}",
            kind="conflicted",
            text=said("This payment is disputed for money that was refunded or is being refunded"),
            livemode=operation.livemode,
            merchant_id=operation.merchant_id,
            payment_id=operation.payment_id,
            operation_id=operation.id,
            amount=Money(operation.amount_minor, operation.currency),
        )


def _taken_minor(session: Session, operation: Operation) -> int:
    """Return what the disputed attempt has taken for this payment, in minor units."""
    return sum(
        other.amount_minor
        for other in operations.of_payment(session, operation.payment_id)
        if other.kind in {OperationKind.PURCHASE, OperationKind.CAPTURE}
        and other.state == OperationState.SUCCESS
        and other.attempt_id == operation.attempt_id
        and not other.suspense
    )


def _words(told: Standing) -> str:
    return said(
        "The dispute ({dispute_stage}) is {dispute_status}",
        dispute_stage=told.stage.value,
        dispute_status=told.status.value,
    )


def _facts(told: Standing) -> dict[str, object]:
    return {"stage": told.stage, "status": told.status, "withdrawn": told.withdrawn}


def _trace(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    head: Dispute,
    before: dict[str, object],
) -> None:
    amount = Money(operation.amount_minor, operation.currency)
    sentence = said("The provider tells of a dispute of {amount}", amount=amount)
    if before:
        sentence = said("The provider tells how the dispute of {amount} goes on", amount=amount)
    if head.status in LOST:
        sentence = said("The dispute of {amount} is lost", amount=amount)
    audit.record(
        session,
        now,
        action="disputes.update" if before else "disputes.open",
        object_type="dispute",
        object_id=head.public_id,
        sentence=sentence,
        before=before,
        after={**_facts(standing(head)), "payment": payment.public_id},
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
    )
