"""Writing an operation that is to be sent, together with the task that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.identifiers import new_id
from app.domain.operations import OperationKind, OperationState
from app.models import Operation
from app.models.tenancy import actor_of
from app.services import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Payment

MONEY_QUEUE = "money"
WEB_HEAD_START_SECONDS = 15
"""How long the request that made an operation may work on it before a worker takes it up."""


def add_operation(  # what an operation is made of; all but six are named
    session: Session,
    now: datetime,
    payment: Payment,
    attempt_id: int,
    kind: OperationKind,
    amount_minor: int,
    *,
    reason: str | None = None,
    head_start_seconds: float = 0,
) -> Operation:
    """Write an operation that is to be sent, and the task that sends it."""
    operation = Operation(
        public_id=new_id("re" if kind is OperationKind.REFUND else "op", now),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        attempt_id=attempt_id,
        kind=kind,
        state=OperationState.INIT,
        amount_minor=amount_minor,
        currency=payment.currency,
        provider_key=new_id("pk", now),
        reason=reason,
        requested_by=actor_of(session).label,
        created_at=now,
        changed_at=now,
    )
    session.add(operation)
    outbox.enqueue(
        session,
        now,
        queue=MONEY_QUEUE,
        kind="operation",
        ref=operation.public_id,
        job_key=outbox.operation_key(operation.public_id),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        delay_seconds=head_start_seconds,
    )
    session.flush()
    return operation
