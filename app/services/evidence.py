"""Evidence is the only way by which facts enter: stored first, then applied by one function."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.domain.card_numbers import scrub
from app.domain.failure_codes import FailureCode
from app.domain.identifiers import new_id
from app.domain.operations import (
    EVIDENCE_ONLY,
    FINAL_STATES,
    Decision,
    OperationKind,
    OperationState,
    decide,
)
from app.errors import said
from app.models import Evidence, ProviderCall
from app.providers.base import Outcome
from app.queries import operations
from app.services import disputes, methods, outcomes
from app.services.audit import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ConnectorAccount, Operation, Payment
    from app.providers.base import CallRecord, ProviderAnswer, Reading

ANSWER = "answer"
LOOK_UP = "look_up"
EVENT = "event"
UNKNOWN_LASTS = timedelta(minutes=30)
"""An outcome that is unknown for longer goes to the desk; it is still looked up meanwhile."""
NOT_FOUND_APART = timedelta(minutes=10)
"""Two looks that find nothing count as `failed` when they are this far apart."""

_NO_ANSWER = frozenset({Outcome.UNKNOWN, Outcome.NOT_SENT})
_STATES = {
    Outcome.SUCCESS: OperationState.SUCCESS,
    Outcome.PENDING: OperationState.PENDING,
    Outcome.ACTION: OperationState.ACTION,
    Outcome.FAILED: OperationState.FAILED,
    Outcome.UNKNOWN: OperationState.UNKNOWN,
    Outcome.NOT_SENT: OperationState.NOT_SENT,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider told: the reading, the name of this piece of evidence, and how it came.

    `event_id` is the provider's event id or that of our call; `source` is ANSWER, LOOK_UP or EVENT;
    `response` is the scrubbed text of it.
    """

    reading: Reading
    event_id: str
    source: str
    response: Mapping[str, object] | None

    @classmethod
    def by_call(cls, answer: ProviderAnswer, source: str) -> Told:
        """Return what the answer to one of our calls tells."""
        return cls(answer, answer.event_id, source, answer.call.response_masked)


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an answer: state before and after, the decision, whether to look again."""

    before: OperationState
    after: OperationState
    decision: Decision
    look_again: bool = False


def in_conflict(operation: Operation) -> Applied:
    """Return that what was told contradicts and changed no state."""
    state = OperationState(operation.state)
    return Applied(state, state, Decision.CONFLICT)


def store(
    session: Session,
    now: datetime,
    account: ConnectorAccount,
    operation: Operation,
    told: Told,
) -> tuple[Evidence, bool]:
    """Keep what a provider told, scrubbed; answers the row and whether it is new."""
    known = operations.known_evidence(session, account.id, told.event_id)
    if known is not None:
        return known, False
    reading = told.reading
    facts = {
        "outcome": reading.outcome,
        "provider_reference": reading.provider_reference,
        "amount_minor": reading.amount_minor,
        "currency": reading.currency,
        "reference": reading.reference,
        "provider_code": reading.provider_code,
        "provider_text": reading.provider_text,
        "response": told.response,
    }
    row = Evidence(
        public_id=new_id("ev", now),
        livemode=account.livemode,
        merchant_id=operation.merchant_id,
        connector_account_id=account.id,
        event_id=told.event_id,
        source=told.source,
        operation_id=operation.id,
        facts=canonical(facts),
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        known = operations.known_evidence(session, account.id, told.event_id)
        if known is None:
            raise
        return known, False
    return row, True


def keep_call(
    session: Session,
    now: datetime,
    account: ConnectorAccount,
    operation: Operation,
    call: CallRecord,
) -> None:
    """Keep the masked transcript of one call."""
    session.add(
        ProviderCall(
            livemode=account.livemode,
            merchant_id=operation.merchant_id,
            connector_account_id=account.id,
            operation_id=operation.id,
            verb=call.verb,
            method=call.method,
            url=str(scrub(call.url))[:255],
            status=call.status,
            duration_ms=call.duration_ms,
            request=json.dumps(scrub(dict(call.request_masked)), default=str),
            response=None
            if call.response_masked is None
            else json.dumps(scrub(dict(call.response_masked)), default=str),
            error=None if call.error is None else str(scrub(call.error))[:255],
            created_at=now,
        )
    )


def apply(
    session: Session,
    now: datetime,
    operation: Operation,
    answer: Reading,
    evidence_row: Evidence,
    *,
    sent_before: bool,
) -> Applied:
    """Apply an answer to its operation: state, event, journals, and the payment's summary.

    `sent_before`: an earlier call of this operation may have reached the provider. The payment's
    row is locked first, so that two pieces of evidence never meet. What contradicts is looked up,
    and when the look-up insists it is marked `conflicted` and moves nothing; this never raises for
    what a provider says.
    """
    payment = operations.payment_of(session, operation)
    session.refresh(operation)
    before = OperationState(operation.state)
    looked_up = _looked_up(operation, answer, evidence_row)
    if operation.kind == OperationKind.DISPUTE:
        return _dispute(session, now, payment, operation, answer, evidence_row)
    reported = _reported(operation, answer, now, looked_up=looked_up, sent_before=sent_before)
    if reported is None:
        return Applied(before, before, Decision.NOTHING)
    if _differs(operation, answer, payment.public_id):
        outcomes.conflict(
            session, now, operation, evidence_row.id, said("amount, currency or reference differ")
        )
        outcomes.recompute(session, now, payment)
        return in_conflict(operation)
    decision = decide(before, reported)
    contradicts = decision is Decision.CONFLICT or (before, reported) in EVIDENCE_ONLY
    if contradicts and not looked_up:
        operation.look_up_at = now
        return Applied(before, before, Decision.NOTHING, look_again=True)
    if decision is Decision.CONFLICT:
        note = said("{before} cannot become {after}", before=before, after=reported)
        outcomes.conflict(session, now, operation, evidence_row.id, note)
    more_came = _more_came(operation, answer)
    outcomes.learn_card(session, operation, answer)
    _learn(operation, answer)
    methods.learn(session, now, operation, answer)
    if decision is Decision.APPLY:
        operation.state = reported
        operation.changed_at = now
        operation.deadline_at = _deadline(operation, now)
        event = outcomes.event(session, now, operation, before, reported, evidence_row.id)
        session.flush()
        outcomes.post(session, now, payment, operation, before, event.public_id)
    elif more_came:
        outcomes.receive(session, now, payment, operation, evidence_row.id)
    outcomes.recompute(session, now, payment)
    return Applied(before, OperationState(operation.state), decision)


def _deadline(operation: Operation, now: datetime) -> datetime | None:
    """Return when an unknown outcome goes to the desk, counted from when it became unknown."""
    if operation.state != OperationState.UNKNOWN:
        return None
    return operation.deadline_at or now + UNKNOWN_LASTS


def _more_came(operation: Operation, answer: Reading) -> bool:
    return answer.received_minor not in {None, operation.received_minor}


def _looked_up(operation: Operation, answer: Reading, evidence_row: Evidence) -> bool:
    """Tell whether this is a look-up's answer; one that says something ends the wish for it."""
    looked_up = evidence_row.source == LOOK_UP
    if looked_up and answer.outcome not in _NO_ANSWER:
        operation.look_up_at = None
    return looked_up


def _dispute(
    session: Session,
    now: datetime,
    payment: Payment,
    operation: Operation,
    answer: Reading,
    evidence_row: Evidence,
) -> Applied:
    """Apply what is told of a dispute, whose stages and statuses are its own."""
    before = OperationState(operation.state)
    looked_up = evidence_row.source == LOOK_UP
    decision = disputes.apply(
        session, now, payment, operation, answer, evidence_row.id, looked_up=looked_up
    )
    again = decision is Decision.CONFLICT and not looked_up
    after = OperationState(operation.state)
    return Applied(before, after, Decision.NOTHING if again else decision, look_again=again)


def _reported(
    operation: Operation,
    answer: Reading,
    now: datetime,
    *,
    looked_up: bool,
    sent_before: bool,
) -> OperationState | None:
    """Return the state that an answer speaks of; None where it says nothing of the operation.

    A look-up without an answer says nothing, and "not sent" speaks of this call only: it never
    frees an operation that an earlier call may have carried out.
    """
    if answer.outcome is Outcome.NOT_FOUND:
        return _not_found(operation, now)
    if looked_up and answer.outcome in _NO_ANSWER:
        return None
    if answer.outcome is Outcome.NOT_SENT and sent_before:
        return OperationState.UNKNOWN
    return _STATES[answer.outcome]


def _not_found(operation: Operation, now: datetime) -> OperationState | None:
    """Count a look that found nothing; two that are far enough apart mean it was never done."""
    if operation.state in FINAL_STATES:
        return None
    first = operation.not_found_at
    operation.not_found_looks += 1
    if first is None:
        operation.not_found_at = now
        return None
    if now - first < NOT_FOUND_APART:
        return None
    operation.failure_code = FailureCode.NOT_PROCESSED
    return OperationState.FAILED


def _differs(operation: Operation, answer: Reading, reference: str) -> bool:
    return (
        answer.amount_minor not in {None, operation.amount_minor}
        or answer.currency not in {None, operation.currency}
        or answer.reference not in {None, reference}
    )


def _learn(operation: Operation, answer: Reading) -> None:
    if answer.provider_reference and not operation.provider_reference:
        operation.provider_reference = answer.provider_reference
    if answer.outcome is Outcome.FAILED:
        operation.failure_code = answer.failure_code
        operation.provider_code = str(scrub(answer.provider_code or ""))[:64]
        operation.provider_text = str(scrub(answer.provider_text or ""))[:255]
