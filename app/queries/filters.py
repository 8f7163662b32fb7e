"""Filters of generated lists: exact, escaped, with dates in UTC; bad values are refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from flask_appbuilder.models.filters import BaseFilter, BaseFilterConverter

from app.errors import BadInputError

if TYPE_CHECKING:
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


class ColumnFilter(BaseFilter, ABC):
    """A condition on one column."""

    input_type = "text"

    def apply(self, query: Select[Any], value: Any) -> Select[Any]:
        """Add the condition; raises BadInputError for a value that cannot be one."""
        text = str(value).strip()
        if len(text) > MOST_LENGTH or "\0" in text:
            raise BadInputError(self.column_name, "is too long or holds a NUL character.")
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
            raise BadInputError(self.column_name, "is no whole number.", "Write digits only.")
        found: ColumnElement[bool] = column == int(text)
        return found


class IsTrue(ColumnFilter):
    """The column is yes or no."""

    name = "is (yes or no)"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare as a truth value."""
        if text not in {"yes", "no"}:
            raise BadInputError(self.column_name, "is neither yes nor no.")
        found: ColumnElement[bool] = column.is_(text == "yes")
        return found


class From(ColumnFilter):
    """The moment lies on or after this day, in UTC."""

    name = "from"
    input_type = "date"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with the start of the day."""
        found: ColumnElement[bool] = column >= _start(self.column_name, text)
        return found


class Until(ColumnFilter):
    """The moment lies on or before this day, in UTC."""

    name = "until"
    input_type = "date"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with the end of the day."""
        found: ColumnElement[bool] = column < _start(self.column_name, text) + timedelta(days=1)
        return found


class Names(ColumnFilter):
    """The key of another table, typed by its name; looked up through a scoped query."""

    name = "is"

    def condition(self, column: Any, text: str) -> ColumnElement[bool]:
        """Compare with the key behind the name."""
        found: ColumnElement[bool] = column == self.datamodel.resolve(self.column_name, text)
        return found


def _start(place: str, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        # One day is added to it: the last day that exists has no end.
        day + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise BadInputError(place, "is no day.", "Write it like 2026-01-31.") from error
    return datetime.combine(day, time.min, UTC)


class ColumnFilters(BaseFilterConverter):
    """Which filters a column has, by its type; a type that is not named has none."""

    conversion_table = (
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
