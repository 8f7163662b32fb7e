"""Asking the provider at once how a payment stands, instead of when its task is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import config
from app.domain.operations import OperationState
from app.errors import IllegalStateError, NotFoundError
from app.queries import operations, payments
from app.services import audit, execute

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation

UNDER_WAY: Final = frozenset(
    {OperationState.PENDING, OperationState.ACTION, OperationState.UNKNOWN}
)


@dataclass(frozen=True, slots=True)
class LookUp:
    """The operations of one payment that wait for an outcome, by public id."""

    merchant_id: int
    livemode: bool
    operation_ids: tuple[str, ...]


def is_open(asked: Iterable[Operation]) -> bool:
    """Whether one of these operations has been sent and waits for its outcome."""
    return any(operation.state in UNDER_WAY for operation in asked)


def find(session: Session, payment_id: str) -> LookUp:
    """Return what could be looked up of a payment; NotFoundError where the actor sees none."""
    payment = payments.get(session, payment_id)
    if payment is None:
        raise NotFoundError(f"There is no payment {payment_id}.")
    waiting = [
        operation.public_id
        for operation in operations.of_payment(session, payment.id)
        if operation.state in UNDER_WAY
    ]
    return LookUp(payment.merchant_id, payment.livemode, tuple(waiting))


def ask(session: Session, now: datetime, payment_id: str) -> LookUp:
    """Write down that a person asks; `run` it after the commit.

    Raises NotFoundError, and IllegalStateError where nothing waits for an outcome.
    """
    found = find(session, payment_id)
    if not found.operation_ids:
        raise IllegalStateError("Nothing of this payment waits for an answer from the provider.")
    audit.record(
        session,
        now,
        action="payments.look_up",
        object_type="payment",
        object_id=payment_id,
        sentence=f"Asked the provider how payment {payment_id} stands",
        after={"operations": list(found.operation_ids)},
        merchant_id=found.merchant_id,
        livemode=found.livemode,
    )
    return found


def run(asked: LookUp) -> None:
    """Ask the provider; outside any unit of work, within the budget of a request.

    An operation on which a worker is busy is left to it.
    """
    seconds = config.get().payagency_web_budget_seconds / max(1, len(asked.operation_ids))
    for operation_id in asked.operation_ids:
        execute.run_now(
            operation_id,
            merchant_id=asked.merchant_id,
            livemode=asked.livemode,
            budget_seconds=seconds,
        )
