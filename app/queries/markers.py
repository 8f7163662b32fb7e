"""What the last release command made; read without loading any model, so that a start is quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, select

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_MARKERS = Table("release_marker", MetaData(), Column("name", String), Column("value", String))


def read(connection: Connection) -> dict[str, str]:
    """Return name → value of every marker."""
    rows = connection.execute(select(_MARKERS.c.name, _MARKERS.c.value))
    return {row.name: row.value for row in rows}
