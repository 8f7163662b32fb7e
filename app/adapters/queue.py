"""The door to the queue: a wake-up names a queue, nothing else.

What is due stands in the outbox; a wake-up that fails is logged and never an error.
"""

from __future__ import annotations

from functools import lru_cache

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

import config

log = structlog.get_logger()

DRAIN = "app.jobs.drain.drain"


@lru_cache(maxsize=4)
def connection(url: str) -> Redis:
    """Return this process's connection to the queue's server."""
    return Redis.from_url(url, socket_timeout=300, socket_connect_timeout=2)


def queue(name: str) -> Queue:
    """Return the named queue."""
    return Queue(name, connection=connection(config.get().redis), serializer=JSONSerializer)


def wake(name: str) -> bool:
    """Tell the workers of a queue that work is due; answers whether they could be told.

    A wake-up that still waits will see this work too: there are never more than workers.
    """
    try:
        if queue(name).count < config.get().payagency_workers:
            queue(name).enqueue(DRAIN, name, job_timeout=600, result_ttl=0, failure_ttl=86400)
    except (RedisError, OSError) as error:
        log.warning("wake_up_failed", queue=name, error=type(error).__name__)
        return False
    return True


def ping() -> bool:
    """Answer whether the queue's server is reachable."""
    try:
        return bool(connection(config.get().redis).ping())
    except (RedisError, OSError):
        return False
