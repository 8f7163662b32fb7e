"""Rules about the tables, read from SQLAlchemy's metadata."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKeyConstraint,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

# Reserved in MySQL 8 or MariaDB, though not in both.
RESERVED: Final = {"rank", "groups"}
_NAMED: Final = (CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint)


def live_metadata() -> MetaData:
    """Import every model and return the one metadata."""
    package = importlib.import_module("app.models")
    for module in pkgutil.walk_packages(package.__path__, "app.models."):
        importlib.import_module(module.name)
    metadata: MetaData = importlib.import_module("app.extensions").metadata
    return metadata


def ours(metadata: MetaData) -> list[Table]:
    """Return the tables that are not Flask-AppBuilder's."""
    return [table for table in metadata.sorted_tables if not table.name.startswith("ab_")]


def _columns(metadata: MetaData) -> Iterator[Column[object]]:
    for table in ours(metadata):
        yield from table.columns


def _plain(column: Column[object]) -> TypeEngine[object]:
    kind = column.type
    return kind.impl_instance if isinstance(kind, TypeDecorator) else kind


def amounts_without_bigint(metadata: MetaData) -> list[str]:
    """Find amounts that do not hold 64 bits."""
    return [
        f"{column} is {column.type!r}"
        for column in _columns(metadata)
        if column.name.endswith("_minor") and not isinstance(_plain(column), BigInteger)
    ]


def amounts_without_currency(metadata: MetaData) -> list[str]:
    """Find amounts with no currency beside them or in the row that they belong to."""
    return [
        f"{column} has no currency"
        for column in _columns(metadata)
        if column.name.endswith("_minor")
        if not any(_has_currency(table) for table in (column.table, *_parents(column.table)))
    ]


def _has_currency(table: object) -> bool:
    return isinstance(table, Table) and any(
        column.name == "currency" or column.name.endswith("_currency") for column in table.columns
    )


def _parents(table: object) -> Iterator[Table]:
    if isinstance(table, Table):
        for key in table.foreign_keys:
            yield key.column.table


def inexact_columns(metadata: MetaData) -> list[str]:
    """Find columns that round."""
    return [
        f"{column} is {column.type!r}"
        for column in _columns(metadata)
        if isinstance(_plain(column), Numeric | Float)
    ]


def naive_times(metadata: MetaData) -> list[str]:
    """Find times that would lose their zone: all go through UtcDateTime."""
    return [
        f"{column} is {column.type!r}"
        for column in _columns(metadata)
        if isinstance(_plain(column), DateTime) and type(column.type).__name__ != "UtcDateTime"
    ]


def unnamed_constraints(metadata: MetaData) -> list[str]:
    """Find constraints without a name: no migration could drop them on every database."""
    return [
        f"{table.name}: {type(constraint).__name__} over {constraint.columns.keys()}"
        for table in ours(metadata)
        for constraint in table.constraints
        if isinstance(constraint, _NAMED)
        if not isinstance(constraint.name, str) or not constraint.name
    ]


def reserved_columns(metadata: MetaData) -> list[str]:
    """Find columns that MySQL 8 or MariaDB would want quoted."""
    return [str(column) for column in _columns(metadata) if column.name.lower() in RESERVED]


def merchant_without_book(metadata: MetaData) -> list[str]:
    """Find merchant-owned tables without a book: `livemode` stands beside `merchant_id`."""
    return [
        table.name
        for table in ours(metadata)
        if "merchant_id" in table.columns and "livemode" not in table.columns
    ]
