"""Reads and conditional updates of the cases at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import DeskCase

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session


def by_key(session: Session, case_key: str) -> DeskCase | None:
    """Return the case about what `case_key` names."""
    return session.scalars(select(DeskCase).where(DeskCase.case_key == case_key)).one_or_none()


def get(session: Session, public_id: str) -> DeskCase | None:
    """Return a case by its public id."""
    return session.scalars(select(DeskCase).where(DeskCase.public_id == public_id)).one_or_none()


def open_of_operation(
    session: Session, operation_id: int, kinds: Collection[str]
) -> Sequence[DeskCase]:
    """Return the open cases of these kinds about an operation."""
    found = select(DeskCase).where(
        DeskCase.operation_id == operation_id, DeskCase.state == "open", DeskCase.kind.in_(kinds)
    )
    return session.scalars(found).all()
