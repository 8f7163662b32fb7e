"""Running a conditional update and counting what it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Update
    from sqlalchemy.orm import Session


def changed(session: Session, statement: Update) -> int:
    """Run an ORM update without touching loaded objects; answers the number of rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[tuple[()]]", result).rowcount
