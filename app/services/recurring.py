"""Work that comes again and again: one task a kind, started anew when its pause is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app.domain.identifiers import new_id
from app.models import Outbox
from app.queries import outbox

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Recurring:
    """A task without a merchant that is due again `every_seconds` after it has ended."""

    kind: str
    every_seconds: int
    queue: str = "default"


RECURRING: Final[tuple[Recurring, ...]] = (
    Recurring("desk.notice", 60, "money"),
    Recurring("desk.debts", 60),
    Recurring("idempotency.expire", 3600),
    Recurring("approvals.lapse", 60),
    Recurring("settlement.look", 60),
    Recurring("applications.lapse", 3600),
)
"""A new one is a line here and one in `app/jobs/handlers.py`."""


def plan(session: Session, now: datetime) -> None:
    """Make due what recurs and has rested long enough; only the leading scheduler calls it.

    A task that failed is tried again too: what recurs must not stop for one bad hour.
    """
    for each in RECURRING:
        if outbox.start_again(session, each.kind, each.every_seconds):
            continue
        if outbox.by_key(session, each.kind) is None:
            _first(session, now, each)


def _first(session: Session, now: datetime, each: Recurring) -> None:
    row = Outbox(
        public_id=new_id("tsk", now),
        queue=each.queue,
        kind=each.kind,
        ref=each.kind,
        job_key=each.kind,
        state="waiting",
        run_at=now + timedelta(seconds=each.every_seconds),
        attempt=0,
        livemode=False,
        created_at=now,
        changed_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return  # another process was faster
