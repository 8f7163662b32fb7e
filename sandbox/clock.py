"""The sandbox's own clock, in whole milliseconds since 1970."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_NS_PER_MS = 1_000_000
MS = 1000


def now_ms() -> int:
    return time.time_ns() // _NS_PER_MS


def iso(moment_ms: int) -> str:
    """Write a moment as the API does, cut to whole seconds."""
    return datetime.fromtimestamp(moment_ms // MS, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
