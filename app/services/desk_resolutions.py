"""Ending a case at the desk as a person proposed and another approved."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from app.domain.desk import Ending, resolution
from app.domain.failure_codes import FailureCode
from app.domain.operations import OperationState
from app.errors import BadInputError, IllegalStateError, NotFoundError, said
from app.models.tenancy import actor_of
from app.providers.base import Outcome, Reading
from app.queries import desk as cases
from app.queries import operations
from app.services import audit, desk, evidence, ledger, money_back, outcomes, reasons, suspense
from app.services.audit import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ApprovalRequest, DeskCase, Operation

PERSON = "person"
"""The source of evidence that a person gives: what the provider said by telephone or letter."""


def check(session: Session, case_id: str, ending: str, note: str) -> DeskCase:
    """Return an open case that may end so; nothing is changed.

    Raises NotFoundError, IllegalStateError or BadInputError.
    """
    case = cases.get(session, case_id)
    if case is None:
        raise NotFoundError(said("There is no case {case}.", case=case_id))
    if case.state != desk.OPEN:
        raise IllegalStateError(said("Case {case} has ended already.", case=case_id))
    if resolution(case.kind, ending) is None:
        raise BadInputError(
            "ending",
            said("is no way to end this case."),
            said("Choose one of those that the page offers."),
        )
    reasons.checked(note, said("Say what the decision rests on."))
    return case


def digest(session: Session, case_id: str) -> bytes:
    """Return what stands for the case and its operation as they are now."""
    case = cases.get(session, case_id)
    if case is None:
        raise NotFoundError(said("There is no case {case}.", case=case_id))
    operation = _operation(session, case)
    facts = {
        "state": case.state,
        "kind": case.kind,
        "amount_minor": case.amount_minor,
        "operation": None
        if operation is None
        else [operation.state, operation.conflicted, operation.suspense, operation.suspense_minor],
    }
    return hashlib.sha256(canonical(facts).encode()).digest()


def resolve(
    session: Session,
    now: datetime,
    case_id: str,
    ending: str,
    note: str,
    *,
    reference: str = "",
    approval: str,
) -> str:
    """End a case: post what the ending says, and write down who decided; returns the case's id.

    `reference` is the provider's id where an unknown outcome is said to have happened; `approval`
    is the public id of the request that was approved and names the cause of the journals. Raises
    what `check` raises, LimitExceededError and IllegalStateError.
    """
    case = check(session, case_id, ending, note)
    operation = _operation(session, case)
    if operation is not None:
        _act(session, now, case, operation, Ending(ending), note, reference, approval)
    case.state, case.resolution, case.note = desk.RESOLVED, ending, note[:255]
    case.resolved_by, case.resolved_at = actor_of(session).label, now
    found = resolution(case.kind, ending)
    audit.record(
        session,
        now,
        action="desk.resolve",
        object_type="desk_case",
        object_id=case.public_id,
        sentence=said(
            "Case ended: {resolution}. {note}",
            resolution=found.name if found else ending,
            note=note,
        ),
        after={"kind": case.kind, "ending": ending, "note": note, "approval": approval},
        merchant_id=case.merchant_id,
        livemode=case.livemode,
    )
    return case.public_id


def lock(session: Session, case_id: str) -> None:
    """Keep the case's payment as it is until the end of the unit of work."""
    case = cases.get(session, case_id)
    if case is not None and case.payment_id is not None:
        operations.lock_payment(session, case.payment_id)


def execute(
    session: Session, now: datetime, payload: Mapping[str, str], request: ApprovalRequest
) -> str:
    """Carry out an approved decision: `payload` has case, ending, note and reference."""
    return resolve(
        session,
        now,
        payload["case"],
        payload["ending"],
        payload["note"],
        reference=payload.get("reference", ""),
        approval=request.public_id,
    )


def _act(
    session: Session,
    now: datetime,
    case: DeskCase,
    operation: Operation,
    ending: Ending,
    note: str,
    reference: str,
    approval: str,
) -> None:
    amount = case.amount_minor or 0
    if ending in {Ending.SUCCEEDED, Ending.FAILED}:
        _end_unknown(session, now, operation, ending, note, reference, approval)
        return
    cause = _decision(session, now, operation, approval)
    if ending is Ending.SEND_BACK:
        money_back.send_back(session, now, operation, amount, note)
    elif ending is Ending.CREDIT:
        suspense.credit(session, now, operation, amount, cause)
    elif ending is Ending.ACCEPT:
        suspense.accept(session, now, operation, cause)
    elif ending is Ending.SET_APART:
        suspense.set_apart(session, now, operation, cause)
    elif ending is Ending.KEEP:
        _keep(session, now, operation)


def _decision(session: Session, now: datetime, operation: Operation, approval: str) -> ledger.Cause:
    """Write the decision into the operation's story, and return it as the cause of journals."""
    payment = operations.payment_of(session, operation)
    state = OperationState(operation.state)
    note = said("decided at the desk, approval {approval}", approval=approval)
    row = outcomes.event(session, now, operation, state, state, None, note)
    session.flush()
    return outcomes.cause_of(session, payment, operation, row.public_id)


def _keep(session: Session, now: datetime, operation: Operation) -> None:
    payment = operations.payment_of(session, operation)
    for each in operations.of_payment(session, payment.id):
        each.conflicted = False
    outcomes.recompute(session, now, payment)
    if payment.status == "conflicted":
        raise IllegalStateError(
            said("The amounts of this payment still contradict each other. Set the money apart.")
        )


def _end_unknown(
    session: Session,
    now: datetime,
    operation: Operation,
    ending: Ending,
    note: str,
    reference: str,
    approval: str,
) -> None:
    """Apply what a person found out as evidence; only an unknown outcome can be ended so."""
    session.refresh(operation)
    if operation.state != OperationState.UNKNOWN:
        raise IllegalStateError(
            said("The outcome of this operation is known meanwhile: nothing was changed.")
        )
    if ending is Ending.SUCCEEDED and not reference.strip():
        raise BadInputError(
            "reference", said("is missing."), said("Give the provider's own id of it.")
        )
    attempt = operations.attempt_of(session, operation)
    account = operations.connector_account(session, attempt.connector_account_id)
    happened = ending is Ending.SUCCEEDED
    reading = Reading(
        outcome=Outcome.SUCCESS if happened else Outcome.FAILED,
        provider_reference=reference.strip() or None,
        failure_code=None if happened else FailureCode.NOT_PROCESSED,
    )
    told = evidence.Told(reading, f"{PERSON}:{approval}", PERSON, {"note": note})
    row, _ = evidence.store(session, now, account, operation, told)
    operation.ended_by_hand = not happened
    evidence.apply(session, now, operation, reading, row, sent_before=True)


def _operation(session: Session, case: DeskCase) -> Operation | None:
    if case.operation_id is None:
        return None
    return operations.by_id(session, case.operation_id)
