"""Running a conditional update and counting what it changed; reading a row once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from sqlalchemy import inspect

if TYPE_CHECKING:
    from sqlalchemy import CursorResult, Select, Update
    from sqlalchemy.orm import Session

_Row = TypeVar("_Row")


def changed(session: Session, statement: Update) -> int:
    """Run an ORM update without touching loaded objects; answers the number of rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[tuple[()]]", result).rowcount


def read_once(session: Session, place: tuple[type[_Row], int], found: Select[_Row]) -> _Row:
    """Return the one row of `found`, read once by an actor as long as the session keeps it.

    A second reading would answer the same object, with the values of the first: only a lock or a
    refresh reads anew. `place` is the row's class and key.
    """
    read = session.info.setdefault("read_once", {})
    known = (place, session.info.get("actor"))
    row = read.get(known)
    if row is None or row not in session or inspect(row).expired:
        row = read[known] = session.scalars(found).one()
    return cast("_Row", row)
