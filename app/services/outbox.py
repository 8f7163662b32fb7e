"""Putting tasks into the outbox; the queue is told after the commit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.adapters import queue as wakeups
from app.adapters.db import after_commit
from app.domain.card_numbers import refuse
from app.domain.identifiers import new_id
from app.errors import BadInputError, IllegalStateError, said
from app.models import Outbox
from app.queries import outbox
from app.services import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def operation_key(operation_id: str) -> str:
    """Return the job key of an operation's one task."""
    return f"operation:{operation_id}"


def enqueue(
    session: Session,
    now: datetime,
    *,
    queue: str,
    kind: str,
    ref: str,
    job_key: str,
    merchant_id: int | None,
    livemode: bool,
    delay_seconds: float = 0,
) -> Outbox:
    """Add a task that is due after `delay_seconds`; without delay the workers are woken."""
    row = Outbox(
        public_id=new_id("tsk", now),
        queue=queue,
        kind=kind,
        ref=ref,
        job_key=job_key,
        state="waiting",
        run_at=now + timedelta(seconds=delay_seconds),
        attempt=0,
        merchant_id=merchant_id,
        livemode=livemode,
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    if delay_seconds <= 0:
        wake_after_commit(session, queue)
    return row


def wake_after_commit(session: Session, queue: str) -> None:
    """Tell the workers of a queue once, after this unit of work has committed."""
    woken = session.info.setdefault("woken", set())
    if queue not in woken:
        woken.add(queue)
        after_commit(session, lambda: wakeups.wake(queue))


def retry(session: Session, now: datetime, public_id: str, reason: str) -> None:
    """Start a failed task again, for a reason that is kept.

    Raises BadInputError without a usable reason, IllegalStateError unless the task has failed.
    """
    refuse(reason, "reason")
    if not reason.strip():
        raise BadInputError(
            "reason", said("is missing."), said("Say why the task is started again.")
        )
    row = outbox.get(session, public_id)
    if row is None or not outbox.restart(session, public_id, reason):
        raise IllegalStateError(said("Only a failed task can be started again."))
    audit.record(
        session,
        now,
        action="jobs.retry",
        object_type="task",
        object_id=public_id,
        sentence=said("Started task {task} again: {reason}", task=public_id, reason=reason),
        before={"state": "failed", "error": row.error},
        after={"state": "waiting", "reason": reason},
        merchant_id=row.merchant_id,
        livemode=row.livemode,
    )
    wake_after_commit(session, row.queue)
