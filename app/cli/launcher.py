"""Running one worker or the scheduler; `run.py` hands in the built application and its parts.

The application, its models and the jobs are imported before the first fork: a forked job costs
milliseconds. What a fork must not share, the child gives up first: database connections (Redis
connections are given up by their pool, which knows the process that opened them).
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import configure_mappers

import config
from app.adapters import failpoints, queue
from app.adapters.db import reading
from app.domain.actors import Actor
from app.errors import ConfigurationError
from app.extensions import db
from app.providers.http import DOOR
from app.queries import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask
    from rq import Queue
    from rq.job import Job

log = structlog.get_logger()

RETRY_SECONDS = 1.0


class QueueWorker(Worker):
    """A worker that notes that it was asked to stop, and whose children open their own doors."""

    is_asked_to_stop = False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run in the forked child."""
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def handle_warm_shutdown_request(self) -> None:
        """Finish the job at hand, then stop."""
        self.is_asked_to_stop = True


def work(app: Flask, names: Sequence[str], job: Callable[[str], int]) -> None:
    """Work off these queues until asked to stop; waits while Redis does not answer.

    `job` is what wake-ups name: handed in, so that it is imported before the first fork.
    """
    if f"{job.__module__}.{job.__qualname__}" != queue.DRAIN:
        raise ConfigurationError([f"worker: wake-ups name {queue.DRAIN}, not {job.__qualname__}"])
    failpoints.take_along(os.getpid())
    with app.app_context():
        _warm_up(names)
        is_done = False
        while not is_done:
            _wait_for_queue()
            is_done = _work_once(names)


def _warm_up(names: Sequence[str]) -> None:
    """Do once what each forked job would otherwise do anew: map tables, build statements."""
    configure_mappers()
    DOOR.warm_up()
    try:
        with reading(Actor.house(None, "warm-up")) as session:
            for name in names:
                outbox.due(session, name, 1)
    except DBAPIError as error:
        log.warning("database_unreachable", error=type(error).__name__)
    db.engine.dispose()
    gc.freeze()


def _work_once(names: Sequence[str]) -> bool:
    connection = queue.connection(config.get().redis)
    worker = QueueWorker(list(names), connection=connection, serializer=JSONSerializer)
    for name in names:
        queue.wake(name)
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("queue_lost", error=type(error).__name__)
        time.sleep(RETRY_SECONDS)
    return worker.is_asked_to_stop


def _wait_for_queue() -> None:
    is_told = False
    while not queue.ping():
        if not is_told:
            log.warning("queue_unreachable", detail="Waiting; tasks are kept in the database.")
            is_told = True
        time.sleep(RETRY_SECONDS)


def schedule(app: Flask, loop: Callable[[float, threading.Event], None]) -> None:
    """Run the scheduler's loop until asked to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with app.app_context():
        loop(config.get().payagency_sweep_seconds, stop)
