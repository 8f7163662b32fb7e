"""The figures of the home page, grouped by the database, in the days of the reader's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Integer, and_, case, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from app.domain.operations import OperationKind, OperationState
from app.models import Merchant, Operation, Payment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import tzinfo

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

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

    @property
    def before(self) -> DayRange:
        """As many days that end where this range begins."""
        return DayRange(self.first - _DAY * len(self.days), self.first - _DAY, self.zone)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The payments of a local day that are alike: number and minor units.

    `failure`: why they failed, where they did and it is known.
    """

    day: date
    status: str
    failure: str | None
    method: str
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class StatusCount:
    """The payments of a range in one status and currency: number and minor units."""

    status: str
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundCount:
    """The refunds of a range in one currency that the provider has made; `now`: of this range."""

    now: bool
    currency: str
    count: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class MerchantCount:
    """What a merchant has been paid in a range: number and, in one currency, minor units."""

    public_id: str
    name: str
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
    """Count and sum the payments by all that DayCount tells apart, reading them once."""
    parts = (
        _local_day(span),
        Payment.status,
        Payment.failure_code,
        Payment.method,
        Payment.currency,
    )
    rows = session.execute(
        select(*parts, func.count(), func.sum(Payment.amount_minor))
        .where(_within(Payment.created_at, span))
        .group_by(*parts)
    )
    return [
        DayCount(on, status, failure, method, currency, int(number), int(total))
        for on, status, failure, method, currency, number, total in rows
    ]


def totals(session: Session, span: DayRange) -> list[StatusCount]:
    """Count and sum the payments by status and currency."""
    parts = (Payment.status, Payment.currency)
    rows = session.execute(
        select(*parts, func.count(), func.sum(Payment.amount_minor))
        .where(_within(Payment.created_at, span))
        .group_by(*parts)
    )
    return [
        StatusCount(status, currency, int(number), int(total))
        for status, currency, number, total in rows
    ]


def refunds(session: Session, span: DayRange) -> list[RefundCount]:
    """Count and sum the refunds made in the range and in the days before it, by currency."""
    now = case((Operation.created_at >= span.begins, 1), else_=0)
    both = DayRange(span.before.first, span.last, span.zone)
    rows = session.execute(
        select(now, Operation.currency, func.count(), func.sum(Operation.amount_minor))
        .where(
            Operation.kind == OperationKind.REFUND,
            Operation.state == OperationState.SUCCESS,
            _within(Operation.created_at, both),
        )
        .group_by(now, Operation.currency)
    )
    return [
        RefundCount(bool(is_now), currency, int(number), int(total))
        for is_now, currency, number, total in rows
    ]


def top_merchants(
    session: Session, span: DayRange, statuses: Collection[str], currency: str, limit: int
) -> list[MerchantCount]:
    """Return the merchants with the largest sums in `statuses`, in one currency.

    Of every currency where `currency` is empty: then by number, and the sum is none of money.
    """
    number = func.count().label("number")
    total = func.sum(Payment.amount_minor).label("total")
    sums = (
        select(Payment.merchant_id, number, total)
        .where(Payment.status.in_(statuses), _within(Payment.created_at, span))
        .group_by(Payment.merchant_id)
        .order_by((total if currency else number).desc(), Payment.merchant_id)
        .limit(limit)
    )
    if currency:
        sums = sums.where(Payment.currency == currency)
    few = sums.subquery()
    found = (
        select(Merchant.public_id, Merchant.name, few.c.number, few.c.total)
        .join(few, few.c.merchant_id == Merchant.id)
        .order_by((few.c.total if currency else few.c.number).desc(), Merchant.id)
    )
    return [
        MerchantCount(public_id, name, int(count), int(amount) if currency else 0)
        for public_id, name, count, amount in session.execute(found)
    ]


def _within(column: InstrumentedAttribute[datetime], span: DayRange) -> ColumnElement[bool]:
    return and_(column >= span.begins, column < span.ends)


def _local_day(span: DayRange) -> ColumnElement[date]:
    """Return the local day of a payment; where the clocks change, each side has its distance."""
    *earlier, last = _stretches(span)
    final = _LocalDay(Payment.created_at, literal(last.offset_minutes, Integer))
    if not earlier:
        return final
    return case(
        *(
            (
                Payment.created_at < each.ends,
                _LocalDay(Payment.created_at, literal(each.offset_minutes, Integer)),
            )
            for each in earlier
        ),
        else_=final,
    )


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
