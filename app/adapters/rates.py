"""How often something was asked for lately, counted in Redis for all web processes together.

Without Redis nobody is refused: a limit protects the house from being kept busy, and the payments
that are let in without it are as safe as all others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import structlog
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

import config
from app.adapters import clock

log = structlog.get_logger()

WINDOW_SECONDS = 60
_ANSWERS_WITHIN_SECONDS = 1


@dataclass(frozen=True, slots=True)
class Rate:
    """How one caller stands: `allowed` now, so many requests left, seconds until there are more."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int


def hit(name: str, caller: str, per_minute: int) -> Rate | None:
    """Count one request of a caller; None where nobody can count."""
    item = RateLimitItemPerMinute(per_minute, namespace="payagency")
    try:
        limiter = _limiter(config.get().redis)
        allowed = limiter.hit(item, name, caller)
        stats = limiter.get_window_stats(item, name, caller)
    except (RedisError, StorageError, OSError) as error:
        log.warning("rate_not_counted", error=type(error).__name__)
        return None
    reset = max(1, math.ceil(stats.reset_time - clock.now().timestamp()))
    return Rate(allowed, per_minute, max(0, stats.remaining), reset)


@lru_cache(maxsize=4)
def _limiter(url: str) -> SlidingWindowCounterRateLimiter:
    uri = f"redis+{url}" if url.startswith("unix:") else url
    storage = RedisStorage(
        uri,
        socket_timeout=_ANSWERS_WITHIN_SECONDS,
        socket_connect_timeout=_ANSWERS_WITHIN_SECONDS,
    )
    return SlidingWindowCounterRateLimiter(storage)
