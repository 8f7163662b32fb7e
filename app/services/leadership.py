"""Leading a loop of which only one may run, such as the scheduler's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.models import ProcessLease
from app.queries import leader

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def lead(session: Session, now: datetime, name: str, owner: str, seconds: float) -> bool:
    """Take or keep the lead of the loop `name` for `seconds`; False while another leads."""
    if leader.prolong(session, name, owner, seconds):
        return True
    if leader.exists(session, name):
        return False
    first = ProcessLease(name=name, owner=owner, lease_until=now + timedelta(seconds=seconds))
    try:
        with session.begin_nested():
            session.add(first)
            session.flush()
    except IntegrityError:
        return False
    return True
