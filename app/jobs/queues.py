"""Which worker listens to which queues, and how many wake-ups already wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from app.adapters.queue import queue
from app.errors import BadInputError
from config import QUEUES

if TYPE_CHECKING:
    from collections.abc import Sequence


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return the queues to listen to, first served first; all where none is named."""
    unknown = [name for name in names if name not in QUEUES]
    if unknown:
        raise BadInputError(
            "worker", f"there is no queue {', '.join(unknown)}.", f"Known: {', '.join(QUEUES)}."
        )
    return tuple(names) or QUEUES


def waiting(name: str) -> int:
    """Return how many wake-ups of a queue nobody has taken yet; 0 where that cannot be known."""
    try:
        return int(queue(name).count)
    except (RedisError, OSError):
        return 0
