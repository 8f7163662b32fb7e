"""Who leads a loop of which only one may run; compared by the database's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from app.models import ProcessLease
from app.queries.changes import changed
from app.queries.sqltime import utc_now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def prolong(session: Session, name: str, owner: str, seconds: float) -> bool:
    """Take or keep the lead until `seconds` from now; False while another process leads."""
    free = or_(ProcessLease.owner == owner, ProcessLease.lease_until < utc_now())
    taken = update(ProcessLease).where(ProcessLease.name == name, free)
    return changed(session, taken.values(owner=owner, lease_until=utc_now(seconds))) == 1


def exists(session: Session, name: str) -> bool:
    """Tell whether anybody has ever led this loop."""
    found = select(ProcessLease.name).where(ProcessLease.name == name)
    return session.scalar(found) is not None


def resign(session: Session, name: str, owner: str) -> None:
    """Let the next process lead at once."""
    own = update(ProcessLease).where(ProcessLease.name == name, ProcessLease.owner == owner)
    changed(session, own.values(lease_until=utc_now()))
