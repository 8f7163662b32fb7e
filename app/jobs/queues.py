"""Which queues a worker listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
