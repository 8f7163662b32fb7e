"""What leaves the house as a file is written down: who took which list, and how narrowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import said
from app.models.tenancy import actor_of
from app.services import audit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

PERSONAL = frozenset({"email"})
"""Filters whose value is a person's own: the trail, which nobody can clear, says only that."""

GIVEN = "(given)"


def record(
    session: Session,
    now: datetime,
    name: str,
    *,
    filters: Mapping[str, Sequence[str]],
    columns: Sequence[str],
) -> None:
    """Write down that the actor takes the list `name`, by its filters, with these columns."""
    actor = actor_of(session)
    known = {key: GIVEN if key in PERSONAL else list(values) for key, values in filters.items()}
    audit.record(
        session,
        now,
        action=f"exports.{name}",
        object_type="list",
        object_id=name,
        sentence=said("Downloaded the list of {list}", list=name),
        after={"filters": known, "columns": list(columns)},
        livemode=actor.livemode,
    )
