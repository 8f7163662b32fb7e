"""The one job that a wake-up starts: work off what is due in a queue."""

from __future__ import annotations

from app.adapters.queue import wake
from app.jobs.base import named
from app.jobs.handlers import HANDLERS
from app.services import leases


def drain(queue: str) -> int:
    """Run up to 100 due tasks of a queue; wakes it again when there may be more."""
    count = leases.drain(queue, named(HANDLERS), limit=leases.MOST_PER_DRAIN)
    if count == leases.MOST_PER_DRAIN:
        wake(queue)
    return count
