"""Who holds a lease, and draining what is due."""

from __future__ import annotations

import os
import socket
import threading
import time
import traceback
from itertools import takewhile
from typing import TYPE_CHECKING

import structlog

import config
from app.adapters import db, logging
from app.domain.actors import Actor
from app.domain.card_numbers import scrub
from app.errors import DatabaseBusyError, PayAgencyError, UnavailableError
from app.queries import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.queries.outbox import Lease

log = structlog.get_logger()

MOST_PER_DRAIN = 100
LONGEST_DRAIN_SECONDS = 300
"""A drain starts no task after this; the queue's server would end the job at 600 s."""
MOST_TRIES = 8
RETRY_SECONDS = (5, 15, 60, 120, 300, 600, 1800)
HOUSE = Actor.house(None, "tasks")


def owner() -> str:
    """Return what names this thread among all workers."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{threading.get_ident()}"


def drain(
    queue: str,
    handlers: Mapping[str, Callable[[Lease], None]],
    limit: int = MOST_PER_DRAIN,
    seconds: float = LONGEST_DRAIN_SECONDS,
) -> int:
    """Lease and run up to `limit` due tasks of a queue; answers how many were run.

    None is started once `seconds` are over.
    """
    with db.reading(HOUSE) as session:
        ids = list(outbox.due(session, queue, limit))
    end = time.monotonic() + seconds
    return sum(
        _run_one(outbox_id, handlers)
        for outbox_id in takewhile(lambda _: time.monotonic() < end, ids)
    )


def _run_one(outbox_id: int, handlers: Mapping[str, Callable[[Lease], None]]) -> bool:
    with db.unit_of_work(HOUSE) as session:
        seconds = config.get().payagency_lease_seconds
        lease = outbox.lease(session, outbox_id, owner(), seconds)
    if lease is None:
        return False
    logging.bind(task=lease.outbox_id, task_kind=lease.kind, ref=lease.ref)
    try:
        handlers[lease.kind](lease)
    except Exception as error:  # noqa: BLE001  # a task must end on the desk, whatever broke
        _give_back(lease, error)
    finally:
        logging.clear()
    return True


def _give_back(lease: Lease, error: Exception) -> None:
    """Keep the masked reason; try again where that makes sense, else leave it on the desk."""
    log.error("task_failed", task=lease.outbox_id, kind=lease.kind, exc_info=error)
    if isinstance(error, PayAgencyError):
        text = error.detail
    else:
        text = "".join(traceback.format_exception(error))[-4000:]
    text = str(scrub(text))
    passing = isinstance(error, DatabaseBusyError | UnavailableError)
    wait = RETRY_SECONDS[min(lease.attempt, len(RETRY_SECONDS)) - 1]
    with db.unit_of_work(HOUSE) as session:
        if passing or lease.attempt < MOST_TRIES:
            outbox.postpone(session, lease, seconds=wait, error=text)
        else:
            outbox.finish(session, lease, state="failed", error=text)
