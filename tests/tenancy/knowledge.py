"""What can be known of a merchant: every id to try and every text that must stay theirs.

It is read from the tables by raw SQL, so that a new table or column is part of it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, Table, text

from app.extensions import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

SHORTEST: Final = 8
"""Texts below this length are words such as `card`; they give nobody away."""

_ALSO: Final = frozenset({"name", "username", "email", "stored_at", "errors_at"})
_GROUPS: Final = ("status", "state", "kind")


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a merchant's row, and where it stands."""

    table: str
    column: str
    text: str

    @property
    def place(self) -> str:
        """Return `table.column`."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Rows:
    """All rows of one merchant by table, each as column → value; `words` may stand in addresses."""

    merchant_id: int
    tables: dict[str, list[dict[str, Any]]]
    words: tuple[Value, ...] = ()

    @cached_property
    def texts(self) -> set[str]:
        """Return every text of the rows, in lower case."""
        return {
            value.lower()
            for rows in self.tables.values()
            for row in rows
            for value in row.values()
            if isinstance(value, str)
        }

    def values(self) -> Iterator[Value]:
        """Yield ids, tokens and codes, at least one row of each status first."""
        for name, rows in self.tables.items():
            for row in _varied(rows):
                for column in _identifying(metadata.tables[name]):
                    if row[column] not in {None, ""}:
                        yield Value(name, column, str(row[column]))
        yield from self.words

    def samples(self, most: int) -> list[Value]:
        """Return values of every kind: at most some of each column, each text once."""
        found: dict[str, Value] = {}
        counts: dict[str, int] = {}
        for value in self.values():
            if value.text not in found and counts.get(value.place, 0) < most:
                counts[value.place] = counts.get(value.place, 0) + 1
                found[value.text] = value
        return list(found.values())

    def texts_of(self, place: str) -> set[str]:
        """Return every text of one column."""
        table, _, column = place.partition(".")
        return {str(row[column]) for row in self.tables[table] if row[column]}

    def one(self, place: str) -> str:
        """Return the first value of a column; KeyError where there is none."""
        found = self.all(place)
        if not found:
            raise KeyError(place)
        return found[0]

    def all(self, place: str) -> list[str]:
        """Return the values of a column, one row of each status first."""
        return [value.text for value in self.values() if value.place == place]


def read(engine: Engine, merchant_id: int, words: tuple[Value, ...] = ()) -> Rows:
    """Return all that belongs to a merchant or is about it, people and memberships included."""
    with engine.connect() as connection:
        tables = {
            table.name: rows
            for table in metadata.sorted_tables
            if (rows := _rows(connection, table, merchant_id))
        }
    return Rows(merchant_id, tables, words)


def secrets(theirs: Rows, others: Rows) -> frozenset[str]:
    """Return the texts that only `theirs` has, in lower case: ids, tokens, names."""
    return frozenset(
        found
        for found in theirs.texts - others.texts
        if len(found) >= SHORTEST and not found.isdigit() and found.isprintable()
    )


def _rows(connection: Connection, table: Table, merchant_id: int) -> list[dict[str, Any]]:
    people = "SELECT user_id FROM membership WHERE merchant_id = :merchant"
    conditions = {
        "merchant": "id = :merchant",
        "ab_user": f"id IN ({people})",
        "ab_user_role": f"user_id IN ({people})",
    }
    condition = conditions.get(table.name)
    if condition is None and "merchant_id" in table.columns:
        condition = "merchant_id = :merchant"
    if condition is None:
        return []
    keys = ", ".join(column.name for column in table.primary_key)
    found = connection.execute(
        text(f"SELECT * FROM `{table.name}` WHERE {condition} ORDER BY {keys}"),
        {"merchant": merchant_id},
    )
    return [dict(row) for row in found.mappings()]


def _varied(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the first row of each status before the others."""
    seen: set[tuple[Any, ...]] = set()
    first, rest = [], []
    for row in rows:
        group = tuple(row[name] for name in _GROUPS if name in row)
        (rest if group in seen else first).append(row)
        seen.add(group)
    return first + rest


def _identifying(table: Table) -> list[str]:
    """Return the columns that may stand in an address: keys, and what is compared byte by byte."""
    return [
        column.name
        for column in table.columns
        if (column.primary_key and not column.foreign_keys)
        or column.name in _ALSO
        or (isinstance(column.type, String) and _is_code(column.type))
    ]


def _is_code(kind: String) -> bool:
    return bool(getattr(kind._variant_mapping.get("mysql"), "collation", None))
