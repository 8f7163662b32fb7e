"""The one job that a wake-up starts: work off what is due in a queue."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from app.adapters.queue import wake
from app.jobs.base import named
from app.jobs.handlers import HANDLERS
from app.services import leases

SECONDS: Final = MappingProxyType({"webhooks": 10})
"""Queues that give their worker back early: other people's servers may be slow to answer."""


def drain(queue: str) -> int:
    """Run up to 100 due tasks of a queue; wakes it again when there may be more."""
    seconds = SECONDS.get(queue, leases.LONGEST_DRAIN_SECONDS)
    count = leases.drain(queue, named(HANDLERS), leases.MOST_PER_DRAIN, seconds)
    if count == leases.MOST_PER_DRAIN:
        wake(queue)
    return count
