"""The figures of the home page, grouped by the database, in the days of the reader's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.models import Payment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from sqlalchemy.orm import Session

_DAY = timedelta(days=1)
_STEP = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DayRange:
    """Whole local days, the last one included."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begins(self) -> datetime:
        """The first moment, in UTC."""
        return midnight(self.first, self.zone)

    @property
    def ends(self) -> datetime:
        """The first moment after it, in UTC."""
        return midnight(self.last + _DAY, self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + _DAY * number for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class DayCount:
    """The payments of a local day in one status, method and currency: number and minor units."""

    day: date
    status: str
    method: str
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days with one distance from UTC."""

    begins: datetime
    ends: datetime
    offset_minutes: int


class _LocalDay(FunctionElement[date]):
    """The calendar day of a UTC moment, moved by a number of minutes."""

    type = Date()
    inherit_cache = True


@compiles(_LocalDay, "mysql")
def _on_mysql(element: _LocalDay, compiler: Any, **options: Any) -> str:  # noqa: ANN401  # SQLAlchemy's hook is untyped
    moment, minutes = (compiler.process(part, **options) for part in element.clauses)
    return f"DATE(DATE_ADD({moment}, INTERVAL {minutes} MINUTE))"


@compiles(_LocalDay, "sqlite")
def _on_sqlite(element: _LocalDay, compiler: Any, **options: Any) -> str:  # noqa: ANN401  # as above
    moment, minutes = (compiler.process(part, **options) for part in element.clauses)
    return f"date({moment}, {minutes} || ' minutes')"


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the moment in UTC at which a local day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def counts(session: Session, span: DayRange) -> list[DayCount]:
    """Count and sum the payments by local day, status, method and currency, reading them once."""
    found = []
    for stretch in _stretches(span):
        day = _LocalDay(Payment.created_at, literal(stretch.offset_minutes, Integer))
        parts = (day, Payment.status, Payment.method, Payment.currency)
        rows = session.execute(
            select(*parts, func.count(), func.sum(Payment.amount_minor))
            .where(Payment.created_at >= stretch.begins, Payment.created_at < stretch.ends)
            .group_by(*parts)
        )
        found += [
            DayCount(on, status, method, currency, int(number), int(total))
            for on, status, method, currency, number, total in rows
        ]
    return found


def _stretches(span: DayRange) -> Iterator[_Stretch]:
    """Cut the range where the clocks change: a day with a change stands in two stretches."""
    begins = moment = span.begins
    while moment < span.ends:
        after = min(moment + _DAY, span.ends)
        if _offset(after, span.zone) != _offset(begins, span.zone):
            after = moment + _STEP
        changed = _offset(after, span.zone) != _offset(begins, span.zone)
        if changed or after >= span.ends:
            yield _Stretch(begins, after, _offset(begins, span.zone))
            begins = after
        moment = after


def _offset(moment: datetime, zone: tzinfo) -> int:
    distance = moment.astimezone(zone).utcoffset() or timedelta(0)
    return distance // timedelta(minutes=1)
