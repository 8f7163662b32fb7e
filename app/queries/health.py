"""What a database says of itself: its clock and how its tables compare text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, String, Table, func, select

from app.queries.sqltime import utc_now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

CHARACTER_SET = "utf8mb4"

# The server's own catalogue: no table of ours, so the guard has nothing to say about it.
_CATALOGUE = MetaData(schema="information_schema")
_TABLES = Table(
    "TABLES",
    _CATALOGUE,
    Column("TABLE_SCHEMA", String, key="schema"),
    Column("TABLE_NAME", String, key="table"),
    Column("TABLE_COLLATION", String, key="collation"),
)
_COLUMNS = Table(
    "COLUMNS",
    _CATALOGUE,
    Column("TABLE_SCHEMA", String, key="schema"),
    Column("TABLE_NAME", String, key="table"),
    Column("COLUMN_NAME", String, key="column"),
    Column("CHARACTER_SET_NAME", String, key="charset"),
)


def clock(session: Session) -> datetime:
    """Return the database's present moment."""
    return session.scalars(select(utc_now())).one()


def is_mysql(session: Session) -> bool:
    """Tell whether the database is MySQL or MariaDB."""
    return session.get_bind().dialect.name == "mysql"


def foreign_texts(session: Session) -> Sequence[str]:
    """Return the tables and columns of a MySQL database that do not keep text as utf8mb4."""
    tables = select(_TABLES.c.table).where(
        _TABLES.c.schema == func.database(),
        _TABLES.c.collation.not_like(f"{CHARACTER_SET}%"),
    )
    columns = select(func.concat(_COLUMNS.c.table, ".", _COLUMNS.c.column)).where(
        _COLUMNS.c.schema == func.database(), _COLUMNS.c.charset != CHARACTER_SET
    )
    return [*session.scalars(tables), *session.scalars(columns)]
