"""What every task runs in: the job's id in each of its log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rq import get_current_job

from app.adapters import logging

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.queries.outbox import Lease

    Handler = Callable[[Lease], None]


def named(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """Return the handlers so that what they log carries the id of the job that runs them."""
    return {kind: _named(handler) for kind, handler in handlers.items()}


def _named(handler: Handler) -> Handler:
    def run(lease: Lease) -> None:
        job = get_current_job()
        logging.bind(job_id=None if job is None else job.id)
        handler(lease)

    return run
