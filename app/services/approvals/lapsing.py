"""Letting requests lapse on which nobody decided in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.domain.actors import Actor
from app.queries import actors, approvals, outbox
from app.services.approvals.requests import OUT_OF_TIME, lapse

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.queries.outbox import Lease

LABEL: Final = "approvals"
HOUSE: Final = Actor.house(None, LABEL)
MOST_AT_ONCE: Final = 100


def lapse_due(session: Session, now: datetime) -> int:
    """End the requests that waited too long, as far as the actor sees them; answers how many."""
    found = approvals.due(session, now, MOST_AT_ONCE)
    return sum(lapse(session, now, row, OUT_OF_TIME) for row in found)


def run(lease: Lease) -> None:
    """Do the recurring task: a unit of work for each merchant and book with such requests."""
    now = clock.now()
    with db.reading(HOUSE) as session:
        found = actors.lapsed_approvals(session, now)
    ended = 0
    for merchant_id, livemode in found:
        actor = (
            Actor.house(livemode, LABEL)
            if merchant_id is None
            else Actor.system(merchant_id, livemode, LABEL)
        )
        with db.unit_of_work(actor) as session:
            ended += lapse_due(session, now)
    with db.unit_of_work(HOUSE) as session:
        if ended >= MOST_AT_ONCE:
            outbox.postpone(session, lease, seconds=1)
        else:
            outbox.finish(session, lease)
