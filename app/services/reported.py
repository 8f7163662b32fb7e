"""Operations that we did not ask for: disputes, and what was done at the provider's own desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.identifiers import new_id
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.errors import said
from app.models import Operation
from app.providers.base import Outcome, Verb
from app.queries import inbound as inbound_rows
from app.queries import payments
from app.services import audit, evidence, outbox, outcomes, refunds
from app.services.operations import MONEY_QUEUE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ConnectorAccount, Payment
    from app.providers.base import ProviderEvent, Reading
    from app.services.evidence import Applied, Told

KINDS: Mapping[Verb, OperationKind] = {
    Verb.DISPUTE: OperationKind.DISPUTE,
    Verb.REFUND: OperationKind.REFUND,
    Verb.CAPTURE: OperationKind.CAPTURE,
    Verb.VOID: OperationKind.VOID,
}
"""What may come to be without us."""

_SAYS_SOMETHING = frozenset({Outcome.SUCCESS, Outcome.PENDING, Outcome.ACTION, Outcome.FAILED})
_BY = "provider"


def says_something(told: ProviderEvent) -> bool:
    """Tell whether an operation can be written from this message."""
    reading = told.reading
    if told.verb not in KINDS or told.provider_reference is None or reading is None:
        return False
    if told.verb is Verb.DISPUTE:
        return reading.dispute is not None and bool(reading.amount_minor)
    return reading.outcome in _SAYS_SOMETHING and bool(
        reading.amount_minor or told.verb is Verb.VOID
    )


def write(
    session: Session,
    now: datetime,
    payment: Payment,
    charge: Operation,
    account: ConnectorAccount,
    event: ProviderEvent,
    told: Told,
) -> tuple[Operation, Applied]:
    """Write an operation that the provider tells of and apply what it tells.

    The payment is locked, `says_something` holds. Where currency or reference are not the
    payment's, its charge is in conflict and nothing is written.
    """
    reading = told.reading
    if reading.currency not in {None, payment.currency} or reading.reference not in {
        None,
        payment.public_id,
    }:
        return charge, _conflict(session, now, payment, charge, account, told)
    operation = _operation(session, now, payment, charge, event, reading)
    row, _ = evidence.store(session, now, account, operation, told)
    if operation.kind != OperationKind.DISPUTE:
        # Never `init`: what nobody here asked for must not be sent by a worker either.
        operation.state = OperationState.PENDING
        outcomes.event(session, now, operation, OperationState.INIT, OperationState.PENDING, row.id)
        session.flush()
        _reserve(session, now, payment, operation, row.id)
        _trace(session, now, payment, operation)
    return operation, evidence.apply(session, now, operation, reading, row, sent_before=True)


def _conflict(
    session: Session,
    now: datetime,
    payment: Payment,
    charge: Operation,
    account: ConnectorAccount,
    told: Told,
) -> Applied:
    row, _ = evidence.store(session, now, account, charge, told)
    note = said("what is told of it is in another currency or of another payment")
    outcomes.conflict(session, now, charge, row.id, note)
    outcomes.recompute(session, now, payment)
    return evidence.in_conflict(charge)


def _operation(
    session: Session,
    now: datetime,
    payment: Payment,
    charge: Operation,
    event: ProviderEvent,
    reading: Reading,
) -> Operation:
    kind = KINDS[event.verb or Verb.DISPUTE]
    operation = Operation(
        public_id=new_id("re" if kind is OperationKind.REFUND else "op", now),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        attempt_id=charge.attempt_id,
        kind=kind,
        state=OperationState.INIT,
        amount_minor=reading.amount_minor or charge.amount_minor,
        currency=payment.currency,
        provider_key=new_id("pk", now),
        provider_reference=event.provider_reference,
        first_sent_at=now,
        requested_by=_BY,
        created_at=now,
        changed_at=now,
    )
    session.add(operation)
    # The task looks it up where that is needed; it never sends anything.
    outbox.enqueue(
        session,
        now,
        queue=MONEY_QUEUE,
        kind="operation",
        ref=operation.public_id,
        job_key=outbox.operation_key(operation.public_id),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
    session.flush()
    return operation


def _reserve(
    session: Session, now: datetime, payment: Payment, operation: Operation, evidence_id: int
) -> None:
    """Count it against the limits of what we ask; past them it is recorded and in conflict."""
    amount, fits = operation.amount_minor, True
    if operation.kind == OperationKind.REFUND:
        fits = payments.ask_refund(session, payment.id, amount)
        refunds.hold_refund(session, now, payment, operation)
    elif operation.kind == OperationKind.CAPTURE:
        fits = inbound_rows.reserve_capture(session, payment.id, amount)
    else:
        payment.void_asked = True
    if not fits:
        note = said("it passes what was left to be asked for")
        outcomes.conflict(session, now, operation, evidence_id, note)


def _trace(session: Session, now: datetime, payment: Payment, operation: Operation) -> None:
    audit.record(
        session,
        now,
        action=f"payments.{operation.kind}",
        object_type="payment",
        object_id=payment.public_id,
        sentence=said(
            "The provider tells of a {operation} of {amount} that was not asked for here",
            operation=operation.kind,
            amount=Money(operation.amount_minor, operation.currency),
        ),
        after={
            "operation": operation.public_id,
            "amount_minor": operation.amount_minor,
            "currency": operation.currency,
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
