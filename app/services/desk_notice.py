"""Noticing what should have ended by now, and putting it on the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.domain.operations import OperationState
from app.errors import said
from app.queries import actors, operations, outbox
from app.services import desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation
    from app.queries.outbox import Lease

HOUSE: Final = Actor.house(None, "desk notice")
MOST_AT_ONCE: Final = 100


def run(lease: Lease) -> None:
    """Do the recurring task: open a case for each unknown outcome past its deadline."""
    with db.reading(HOUSE) as session:
        found = actors.overdue_operations(session, clock.now(), MOST_AT_ONCE)
    for merchant_id, livemode, operation_id in found:
        with db.unit_of_work(Actor.system(merchant_id, livemode, "desk notice")) as session:
            operation = operations.get(session, operation_id)
            if operation is not None and operation.state == OperationState.UNKNOWN:
                open_unknown(session, clock.now(), operation)
    with db.unit_of_work(HOUSE) as session:
        if len(found) == MOST_AT_ONCE:
            outbox.postpone(session, lease, seconds=1)
        else:
            outbox.finish(session, lease)


def open_unknown(session: Session, now: datetime, operation: Operation) -> None:
    """Put an unknown outcome on the desk, once; the look-ups go on meanwhile."""
    desk.open_case(
        session,
        now,
        case_key=f"unknown:{operation.public_id}",
        kind="unknown",
        text=said("Nobody can say yet whether this {operation} happened", operation=operation.kind),
        livemode=operation.livemode,
        merchant_id=operation.merchant_id,
        payment_id=operation.payment_id,
        operation_id=operation.id,
        amount=Money(operation.amount_minor, operation.currency),
    )
