"""The task table: what is due, leases with fencing, how a task ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, update

from app.models import Outbox
from app.queries.changes import changed
from app.queries.sqltime import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Lease:
    """A task that this process may work on until its lease ends; `attempt` is the fence."""

    outbox_id: int
    queue: str
    kind: str
    ref: str
    merchant_id: int | None
    livemode: bool
    attempt: int
    owner: str


def _due() -> ColumnElement[bool]:
    return or_(
        and_(Outbox.state == "waiting", Outbox.run_at <= utc_now()),
        and_(Outbox.state == "leased", Outbox.lease_until < utc_now()),
    )


def due(session: Session, queue: str, limit: int) -> Sequence[int]:
    """Return the ids of tasks of `queue` that may be leased now, oldest first."""
    found = select(Outbox.id).where(Outbox.queue == queue, _due())
    return session.scalars(found.order_by(Outbox.run_at, Outbox.id).limit(limit)).all()


def queues_due(session: Session) -> Sequence[str]:
    """Return the names of the queues that have something to do."""
    return session.scalars(select(Outbox.queue).where(_due()).distinct()).all()


def _take(session: Session, where: ColumnElement[bool], owner: str, seconds: float) -> bool:
    return (
        changed(
            session,
            update(Outbox)
            .where(where)
            .values(
                state="leased",
                lease_owner=owner,
                lease_until=utc_now(seconds),
                attempt=Outbox.attempt + 1,
                changed_at=utc_now(),
            ),
        )
        == 1
    )


def _read(session: Session, where: ColumnElement[bool], owner: str) -> Lease | None:
    row = session.scalars(
        select(Outbox)
        .where(where, Outbox.lease_owner == owner)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    return Lease(
        outbox_id=row.id,
        queue=row.queue,
        kind=row.kind,
        ref=row.ref,
        merchant_id=row.merchant_id,
        livemode=row.livemode,
        attempt=row.attempt,
        owner=owner,
    )


def lease(session: Session, outbox_id: int, owner: str, seconds: float) -> Lease | None:
    """Lease a due task; None when another process was faster."""
    if not _take(session, and_(Outbox.id == outbox_id, _due()), owner, seconds):
        return None
    return _read(session, Outbox.id == outbox_id, owner)


def lease_now(session: Session, job_key: str, owner: str, seconds: float) -> Lease | None:
    """Lease a task before it is due (the request that made it, a person who looks it up)."""
    free = or_(Outbox.state == "waiting", and_(Outbox.state == "leased", _due()))
    if not _take(session, and_(Outbox.job_key == job_key, free), owner, seconds):
        return None
    return _read(session, Outbox.job_key == job_key, owner)


def _held(held: Lease) -> ColumnElement[bool]:
    return and_(
        Outbox.id == held.outbox_id,
        Outbox.state == "leased",
        Outbox.lease_owner == held.owner,
        Outbox.attempt == held.attempt,
    )


def make_due(session: Session, job_key: str) -> bool:
    """Let a waiting task be worked on now instead of later."""
    return (
        changed(
            session,
            update(Outbox)
            .where(Outbox.job_key == job_key, Outbox.state == "waiting")
            .values(run_at=utc_now(), changed_at=utc_now()),
        )
        == 1
    )


def make_due_again(session: Session, job_key: str) -> bool:
    """Let a task be worked on now, also one that has ended; False while somebody works on it."""
    free = Outbox.state.in_(("waiting", "done", "failed"))
    return (
        changed(
            session,
            update(Outbox)
            .where(Outbox.job_key == job_key, free)
            .values(state="waiting", run_at=utc_now(), attempt=0, changed_at=utc_now()),
        )
        == 1
    )


def renew(session: Session, held: Lease, seconds: float) -> bool:
    """Prolong the lease and lock its row; False when the fence has moved on."""
    return (
        changed(
            session,
            update(Outbox)
            .where(_held(held))
            .values(lease_until=utc_now(seconds), changed_at=utc_now()),
        )
        == 1
    )


def finish(session: Session, held: Lease, *, state: str = "done", error: str | None = None) -> bool:
    """End the task; False when the fence has moved on."""
    return (
        changed(
            session,
            update(Outbox)
            .where(_held(held))
            .values(
                state=state, error=error, lease_owner=None, lease_until=None, changed_at=utc_now()
            ),
        )
        == 1
    )


def postpone(session: Session, held: Lease, *, seconds: float, error: str | None = None) -> bool:
    """Give the task back, to be due again after `seconds`."""
    return (
        changed(
            session,
            update(Outbox)
            .where(_held(held))
            .values(
                state="waiting",
                run_at=utc_now(seconds),
                error=error,
                lease_owner=None,
                lease_until=None,
                changed_at=utc_now(),
            ),
        )
        == 1
    )


def restart(session: Session, public_id: str, note: str) -> bool:
    """Make a failed task due now, with the reason of the person who asked."""
    return (
        changed(
            session,
            update(Outbox)
            .where(Outbox.public_id == public_id, Outbox.state == "failed")
            .values(state="waiting", run_at=utc_now(), note=note, changed_at=utc_now()),
        )
        == 1
    )


def start_again(session: Session, job_key: str, rest_seconds: float) -> bool:
    """Make a task that ended at least `rest_seconds` ago due again, as if it were new."""
    rested = Outbox.changed_at <= utc_now(-rest_seconds)
    ended = Outbox.state.in_(("done", "failed"))
    return (
        changed(
            session,
            update(Outbox)
            .where(Outbox.job_key == job_key, ended, rested)
            .values(state="waiting", run_at=utc_now(), attempt=0, changed_at=utc_now()),
        )
        == 1
    )


def by_key(session: Session, job_key: str) -> Outbox | None:
    """Return the one task of a job key."""
    return session.scalars(select(Outbox).where(Outbox.job_key == job_key)).one_or_none()


def get(session: Session, public_id: str) -> Outbox | None:
    """Return one task."""
    return session.scalars(select(Outbox).where(Outbox.public_id == public_id)).one_or_none()


def depths(session: Session) -> Sequence[tuple[str, str, int]]:
    """Return (queue, state, number) of all tasks that have not ended."""
    rows = session.execute(
        select(Outbox.queue, Outbox.state, func.count())
        .where(Outbox.state != "done")
        .group_by(Outbox.queue, Outbox.state)
    )
    return [(queue, state, count) for queue, state, count in rows]
