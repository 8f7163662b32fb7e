"""Reads of the task table for the jobs screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

import config
from app.models import Operation, Outbox, Payment
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

LIVE_STATES = ("failed", "leased", "waiting")
_TASKS = Keys(Outbox.created_at, Outbox.id, Outbox.public_id)


@dataclass(frozen=True, slots=True)
class Depth:
    """How many tasks of a queue are in a state, and since when the first of them is due."""

    queue: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """What the desk is narrowed to; no state means all that have not ended."""

    state: str = ""
    queue: str = ""
    ref: str = ""


def depths(session: Session) -> Sequence[Depth]:
    """Return the numbers of tasks that have not ended; those that have are never counted."""
    rows = session.execute(
        select(Outbox.queue, Outbox.state, func.count(), func.min(Outbox.run_at))
        .where(Outbox.queue.in_(config.QUEUES), Outbox.state.in_(LIVE_STATES))
        .group_by(Outbox.queue, Outbox.state)
        .order_by(Outbox.queue, Outbox.state)
    )
    return [Depth(queue, state, int(count), oldest) for queue, state, count, oldest in rows]


def page(session: Session, wanted: TaskFilter, window: Window) -> Slice:
    """Return one page of tasks that have not ended, newest first."""
    found = select(
        Outbox.public_id,
        Outbox.queue,
        Outbox.kind,
        Outbox.ref,
        Outbox.state,
        Outbox.run_at,
        Outbox.attempt,
        Outbox.lease_owner,
        Outbox.lease_until,
        Outbox.error,
        Outbox.note,
        Outbox.created_at,
        Payment.public_id.label("payment_public_id"),
    )
    found = found.outerjoin(Operation, Operation.public_id == Outbox.ref)
    found = found.outerjoin(Payment, Payment.id == Operation.payment_id)
    return listing.page(session, _narrowed(found, wanted), _TASKS, window)


def count(session: Session, wanted: TaskFilter) -> CappedCount:
    """Count the tasks of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(select(Outbox.id), wanted))


def _narrowed(found: Select[*tuple[Any, ...]], wanted: TaskFilter) -> Select[*tuple[Any, ...]]:
    found = found.where(Outbox.state.in_([wanted.state] if wanted.state else LIVE_STATES))
    found = found.where(Outbox.queue.in_([wanted.queue] if wanted.queue else config.QUEUES))
    if wanted.ref:
        found = found.where(Outbox.ref == wanted.ref)
    return found
