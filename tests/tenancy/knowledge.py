"""What can be known of a merchant: every id to try and every text that must stay theirs.

It is read from the tables by raw SQL, so that a new table or column is part of it by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import String, Table, text

from app.domain.webhooks_out import EventType
from app.extensions import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Engine

SHORTEST: Final = 8
"""Texts below this length are words such as `card`; they give nobody away."""

WORDS: Final = "word"
"""Stands for the table of words that are no one's, such as the names of columns."""

_ALSO: Final = frozenset({"name", "username", "email", "stored_at", "errors_at"})
_GROUPS: Final = ("status", "state", "kind")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a merchant's row, and where it stands.

    `is_first` where no row before has the same status, state and kind.
    """

    table: str
    column: str
    text: str
    is_first: bool = True

    @property
    def place(self) -> str:
        """Return `table.column`."""
        return f"{self.table}.{self.column}"


@dataclass(frozen=True)
class Rows:
    """All rows of one merchant, and what can be written into an address to name one of them."""

    tables: Mapping[str, Sequence[Row]]
    values: Sequence[Value]

    @cached_property
    def texts(self) -> set[str]:
        """Return every text of the rows, in lower case."""
        return _texts(self.tables)

    def all(self, place: str) -> list[str]:
        """Return the values of `table.column`, one row of each status first."""
        return self._by_place.get(place, [])

    def one(self, place: str) -> str:
        """Return the first value of `table.column`, which there must be."""
        return self.all(place)[0]

    @cached_property
    def _by_place(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for value in self.values:
            found.setdefault(value.place, []).append(value.text)
        return found

    def any_text(self, place: str) -> set[str]:
        """Return every text in `table.column`."""
        table, _, column = place.partition(".")
        return {str(row[column]) for row in self.tables[table] if row[column]}

    @cached_property
    def samples(self) -> list[Value]:
        """Return one value of every kind of id; numbers tell no kind, so a few are enough."""
        found: dict[str, Value] = {}
        for value in self.values:
            if not value.text.isdigit() or value.table in {"merchant", "ab_user", "payment"}:
                found.setdefault(value.place, value)
        return list({value.text: value for value in found.values()}.values())


def read(engine: Engine, merchant_id: int, other_id: int, words: Sequence[str] = ()) -> Rows:
    """Return all that belongs to a merchant or is about it, people and memberships included.

    A text that the other merchant's rows hold too is no id. `words` may be in addresses like ids.
    """
    with engine.connect() as connection:
        tables, others = (_tables(connection, each) for each in (merchant_id, other_id))
    shared = _texts(others)
    values = [
        Value(name, column, str(row[column]), is_first)
        for name, rows in tables.items()
        for row, is_first in _varied(rows)
        for column in _identifying(metadata.tables[name])
        if row[column] not in {None, ""} and _text(row[column]) not in shared
    ]
    return Rows(tables, [*values, *(Value(WORDS, "field", each) for each in words)])


def secrets(theirs: Rows, others: Rows) -> frozenset[str]:
    """Return the texts that only `theirs` has, in lower case: ids, tokens, names.

    What can happen is called the same for everybody.
    """
    return frozenset(
        found
        for found in theirs.texts - others.texts - frozenset(EventType)
        if len(found) >= SHORTEST and not found.isdigit() and found.isprintable()
    )


def _tables(connection: Connection, merchant_id: int) -> dict[str, list[Row]]:
    found = {table.name: _rows(connection, table, merchant_id) for table in metadata.sorted_tables}
    return {name: rows for name, rows in found.items() if rows}


def _rows(connection: Connection, table: Table, merchant_id: int) -> list[Row]:
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


def _texts(tables: Mapping[str, Sequence[Row]]) -> set[str]:
    values = (value for rows in tables.values() for row in rows for value in row.values())
    return {found for value in values if (found := _text(value)) is not None}


def _text(value: object) -> str | None:
    """Return a text in lower case; a number is no text, though digits of a card may equal it."""
    return value.lower() if isinstance(value, str) else None


def _varied(rows: Sequence[Row]) -> list[tuple[Row, bool]]:
    """Put the first row of each status before the others, and say which those are."""
    seen: set[tuple[Any, ...]] = set()
    first: list[tuple[Row, bool]] = []
    rest: list[tuple[Row, bool]] = []
    for row in rows:
        group = tuple(row[name] for name in _GROUPS if name in row)
        is_first = group not in seen
        (first if is_first else rest).append((row, is_first))
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
