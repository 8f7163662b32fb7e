"""Pages of a list in any order, found by the row at their edge; rows are never skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, literal, or_, select

from app.queries.records import key_column

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

MOST_COUNTED = 1000


class CappedCount(int):
    """A number of rows; `more` where there are more than are counted."""

    more = False

    @classmethod
    def of(cls, found: int) -> CappedCount:
        """Count at most MOST_COUNTED."""
        count = cls(min(found, MOST_COUNTED))
        count.more = found > MOST_COUNTED
        return count


@dataclass(frozen=True, slots=True)
class Edge:
    """The row after which a page begins, or before which it ends, by its address."""

    address: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """One column up or down, then the key in the same direction."""

    model: type[Any]
    column: str = ""
    descending: bool = False

    def applied(self, found: Select[Any], *, back: bool = False) -> Select[Any]:
        """Return the rows in this order, or backwards."""
        down = self.descending is not back
        return found.order_by(*(each.desc() if down else each.asc() for each in self._columns()))

    def beyond(self, row: object, *, back: bool = False) -> ColumnElement[bool]:
        """Return the condition for what comes after a row, or before it.

        It is written out: servers use an index for it, not for `(a, b) > (x, y)`. An empty column
        counts as less than any value, as MariaDB and SQLite order it.
        """
        down = self.descending is not back
        *first, key = self._columns()
        tie: ColumnElement[bool] = _past(key, getattr(row, key.key), down=down)
        for column in first:
            value = getattr(row, column.key)
            tie = or_(_past(column, value, down=down), and_(_same(column, value), tie))
        return tie

    def _columns(self) -> list[Any]:
        key = key_column(self.model)
        return [getattr(self.model, self.column), key] if self.column else [key]


def counted(session: Session, *found: Select[Any]) -> CappedCount:
    """Count what several statements find that do not overlap, as far as MOST_COUNTED."""
    some = [each.limit(MOST_COUNTED + 1).subquery() for each in found]
    numbers = [select(func.count()).select_from(each).scalar_subquery() for each in some]
    return CappedCount.of(session.scalar(select(sum(numbers[1:], numbers[0]))) or 0)


def _past(column: ColumnElement[Any], value: object, *, down: bool) -> ColumnElement[bool]:
    if value is None:
        return false() if down else column.is_not(None)
    edge = literal(value, column.type)
    return or_(column < edge, column.is_(None)) if down else column > edge


def _same(column: ColumnElement[Any], value: object) -> ColumnElement[bool]:
    same: ColumnElement[bool] = (
        column.is_(None) if value is None else column == literal(value, column.type)
    )
    return same
