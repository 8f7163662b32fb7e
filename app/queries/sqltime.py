"""The database's own clock, the same on MySQL, MariaDB and SQLite: leases are compared with it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.models.base import UtcDateTime

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class _UtcNow(FunctionElement[datetime]):
    """The present moment of the database in UTC, plus a number of milliseconds."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_UtcNow, "mysql")
def _on_mysql(element: _UtcNow, compiler: SQLCompiler, **options: object) -> str:
    offset = compiler.process(element.clauses, **options)
    return f"DATE_ADD(UTC_TIMESTAMP(6), INTERVAL ({offset}) * 1000 MICROSECOND)"


@compiles(_UtcNow, "sqlite")
def _on_sqlite(element: _UtcNow, compiler: SQLCompiler, **options: object) -> str:
    offset = compiler.process(element.clauses, **options)
    moment = f"strftime('%Y-%m-%d %H:%M:%f', 'now', (({offset}) * 0.001) || ' seconds')"
    return f"({moment} || '000')"


def utc_now(plus_seconds: float = 0) -> FunctionElement[datetime]:
    """Return the database's moment, moved by `plus_seconds`."""
    return _UtcNow(literal(round(plus_seconds * 1000), Integer))
