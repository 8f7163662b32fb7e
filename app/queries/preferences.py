"""What a person has chosen for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Preference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def of(session: Session, user_id: int) -> dict[str, str]:
    """Return name → value of what a user chose; empty for anybody but the actor."""
    chosen = select(Preference.name, Preference.value).where(Preference.user_id == user_id)
    return {row.name: row.value for row in session.execute(chosen)}


def row(session: Session, user_id: int, name: str) -> Preference | None:
    """Return the row of one choice."""
    chosen = select(Preference).where(Preference.user_id == user_id, Preference.name == name)
    return session.scalars(chosen).one_or_none()
