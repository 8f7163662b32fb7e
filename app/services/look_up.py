"""Asking the provider at once how a payment stands, instead of when its task is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import config
from app.domain.operations import OperationState
from app.errors import BadInputError, IllegalStateError, NotFoundError, said
from app.queries import operations, outbox, payments
from app.services import audit, execute
from app.services.operations import MONEY_QUEUE
from app.services.outbox import operation_key, wake_after_commit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation

UNDER_WAY: Final = frozenset(
    {OperationState.PENDING, OperationState.ACTION, OperationState.UNKNOWN}
)

MOST_AT_ONCE: Final = 20


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
        raise NotFoundError(said("There is no payment {payment}.", payment=payment_id))
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
        raise IllegalStateError(
            said("Nothing of this payment waits for an answer from the provider.")
        )
    _record(session, now, payment_id, found)
    return found


def ask_all(session: Session, now: datetime, payment_ids: Iterable[str]) -> int:
    """Let workers ask the providers now how several payments stand; return how many are open.

    Raises BadInputError for more than MOST_AT_ONCE or none, NotFoundError, and IllegalStateError
    where none of them waits for an outcome.
    """
    wanted = list(dict.fromkeys(payment_ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise BadInputError(
            "id",
            said("are none, or more than {most} payments.", most=MOST_AT_ONCE),
            said("Each of them is asked of its provider, so select a few."),
        )
    found = {payment_id: find(session, payment_id) for payment_id in wanted}
    waiting = {payment_id: each for payment_id, each in found.items() if each.operation_ids}
    if not waiting:
        raise IllegalStateError(
            said("None of these payments waits for an answer from the provider.")
        )
    for payment_id, each in waiting.items():
        _record(session, now, payment_id, each)
        for operation_id in each.operation_ids:
            outbox.make_due(session, operation_key(operation_id))
    wake_after_commit(session, MONEY_QUEUE)
    return len(waiting)


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


def _record(session: Session, now: datetime, payment_id: str, found: LookUp) -> None:
    audit.record(
        session,
        now,
        action="payments.look_up",
        object_type="payment",
        object_id=payment_id,
        sentence=said("Asked the provider how payment {payment} stands", payment=payment_id),
        after={"operations": list(found.operation_ids)},
        merchant_id=found.merchant_id,
        livemode=found.livemode,
    )
