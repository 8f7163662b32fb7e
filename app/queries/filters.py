"""Filters of generated lists: exact, escaped, days by the reader's zone; bad values are refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter
from sqlalchemy import or_, select

from app.domain.card_numbers import refuse
from app.errors import BadInputError, said
from app.queries.home import midnight
from app.queries.records import key_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Select

MOST_LENGTH = 200
_BIGGEST = 2**63


def escaped(text: str) -> str:
    """Return a text of which LIKE takes every character as itself (with `!` as escape)."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def contains(column: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a column contains a text, in any case."""
    found: ColumnElement[bool] = column.ilike(f"%{escaped(text)}%", escape="!")
    return found


def anywhere(datamodel: Any, names: Iterable[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a text stands in one of these columns, or in a related name."""
    refuse_odd("q", text)
    found: list[ColumnElement[bool]] = []
    for name in names:
        column = getattr(datamodel.obj, name)
        if name in datamodel.related:
            other = datamodel.related[name]
            titles = (getattr(other.model, other.value), getattr(other.model, other.title))
            rows = select(key_column(other.model))
            found.append(column.in_(rows.where(or_(*(contains(each, text) for each in titles)))))
        else:
            found.append(contains(column, text))
    return or_(*found)


def refuse_odd(place: str, text: str) -> None:
    """Raise BadInputError for a text that no column holds, or that none may hold."""
    if len(text) > MOST_LENGTH or "\0" in text:
        raise BadInputError(place, said("is too long or holds a NUL character."))
    refuse(text, place)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """A day as it was typed, and the zone in which it is meant."""

    text: str
    zone: tzinfo = UTC

    def __str__(self) -> str:
        return self.text


class ColumnFilter(BaseFilter, ABC):
    """A condition on one column."""

    input_type = "text"

    def apply(self, query: Select[Any], value: Any) -> Select[Any]:
        """Add the condition; raises BadInputError for a value that cannot be one."""
        text = str(value).strip()
        refuse_odd(self.column_name, text)
        return query.where(self.condition(getattr(self.model, self.column_name), text))

    @abstractmethod
    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Return the condition for what was typed."""


class Contains(ColumnFilter):
    """The text stands somewhere in the column."""

    name = "contains"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare in any case."""
        return contains(column, text)


class Is(ColumnFilter):
    """The column is exactly this."""

    name = "is"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare as text."""
        found: ColumnElement[bool] = column == text
        return found


class IsNumber(ColumnFilter):
    """The column is exactly this whole number."""

    name = "is"
    input_type = "number"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare as a number."""
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(_BIGGEST)):
            raise BadInputError(
                self.column_name, said("is no whole number."), said("Write digits only.")
            )
        found: ColumnElement[bool] = column == int(text)
        return found


class IsTrue(ColumnFilter):
    """The column is yes or no."""

    name = "is (yes or no)"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare as a truth value."""
        if text not in {"yes", "no"}:
            raise BadInputError(self.column_name, said("is neither yes nor no."))
        found: ColumnElement[bool] = column.is_(text == "yes")
        return found


class DayFilter(ColumnFilter):
    """A condition on a moment by a day: a LocalDay, or a text that means a day in UTC."""

    input_type = "date"

    def apply(self, query: Select[Any], value: Any) -> Select[Any]:
        """Add the condition; raises BadInputError for what is no day."""
        day = value if isinstance(value, LocalDay) else LocalDay(str(value))
        begin, end = _bounds(self.column_name, day)
        return query.where(self.within(getattr(self.model, self.column_name), begin, end))

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with a day in UTC."""
        return self.within(column, *_bounds(self.column_name, LocalDay(text)))

    @abstractmethod
    def within(self, column: Any, begin: datetime, end: datetime) -> ColumnElement[bool]:
        """Return the condition for a day's beginning and end."""


class From(DayFilter):
    """The moment lies on or after this day."""

    name = "from"

    def within(self, column: Any, begin: datetime, end: datetime) -> ColumnElement[bool]:
        """Compare with the start of the day."""
        del end
        found: ColumnElement[bool] = column >= begin
        return found


class Until(DayFilter):
    """The moment lies on or before this day."""

    name = "until"

    def within(self, column: Any, begin: datetime, end: datetime) -> ColumnElement[bool]:
        """Compare with the end of the day."""
        del begin
        found: ColumnElement[bool] = column < end
        return found


class Names(ColumnFilter):
    """The key of another table, typed by its name; looked up through a scoped query."""

    name = "is"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with the key behind the name."""
        found: ColumnElement[bool] = column == self.datamodel.resolve(self.column_name, text)
        return found


class Holds(ColumnFilter):
    """One of the named rows that belong to it has this name."""

    name = "is"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with the names."""
        named = column.property.mapper.class_
        found: ColumnElement[bool] = column.any(
            getattr(named, self.datamodel.many[self.column_name]) == text
        )
        return found


def _bounds(place: str, day: LocalDay) -> tuple[datetime, datetime]:
    try:
        first = date.fromisoformat(day.text.strip())
        return midnight(first, day.zone), midnight(first + timedelta(days=1), day.zone)
    except (ValueError, OverflowError) as error:
        raise BadInputError(place, said("is no day."), said("Write it like 2026-01-31.")) from error


class ColumnFilters(BaseFilterConverter):
    """Which filters a column has, by its type; a type that is not named has none."""

    conversion_table = (
        ("is_many", [Holds]),
        ("is_related", [Names]),
        ("is_string", [Contains, Is]),
        ("is_integer", [IsNumber]),
        ("is_boolean", [IsTrue]),
        ("is_datetime", [From, Until]),
    )

    def convert(self, col_name: str) -> list[ColumnFilter] | None:
        """Return the filters of a column, None where there are none."""
        for is_type, found in self.conversion_table:
            if getattr(self.datamodel, is_type)(col_name):
                return [each(col_name, self.datamodel) for each in found]
        return None
