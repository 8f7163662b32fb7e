"""The scheduler's loop: wakes the queues in which something is due.

Only one process leads, by a lease in the database. Without the queue's server nothing is lost:
what is due stays in the outbox, and the first sweep after its return wakes the workers.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError

from app.adapters import clock, db
from app.adapters.queue import wake
from app.domain.actors import Actor
from app.errors import PayAgencyError
from app.queries import leader, outbox
from app.services import leases, recurring
from app.services.leadership import lead

if TYPE_CHECKING:
    from threading import Event

log = structlog.get_logger()

NAME = "scheduler"
SCHEDULER = Actor.house(None, NAME)
SWEEPS_PER_LEASE = 3
LEAST_LEASE_SECONDS = 5.0


def sweep(owner: str, seconds: float) -> list[str]:
    """Wake the queues that have something due, if this process leads; answers which."""
    lease_seconds = max(LEAST_LEASE_SECONDS, SWEEPS_PER_LEASE * seconds)
    with db.unit_of_work(SCHEDULER) as session:
        if not lead(session, clock.now(), NAME, owner, lease_seconds):
            return []
        recurring.plan(session, clock.now())
    with db.reading(SCHEDULER) as session:
        names = list(outbox.queues_due(session))
    return [name for name in names if wake(name)]


def run(seconds: float, stop: Event) -> None:
    """Sweep every `seconds` until `stop` is set; a failed sweep is logged and tried again."""
    owner = leases.owner()
    while not stop.is_set():
        try:
            sweep(owner, seconds)
        except (PayAgencyError, DBAPIError) as error:
            log.warning("sweep_failed", error=type(error).__name__, detail=str(error)[:300])
        stop.wait(seconds)
    with suppress(PayAgencyError, DBAPIError), db.unit_of_work(SCHEDULER) as session:
        leader.resign(session, NAME, owner)
