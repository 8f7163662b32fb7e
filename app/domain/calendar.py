"""Business days by country, and the moment at which money that waits for one is released.

Weekends, public holidays and the workdays that replace them come from the library `holidays`; a
country that it does not know has Saturdays and Sundays only.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import holidays

from app.errors import BadInputError, said

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

MOST_DAYS: Final = 400
"""More business days are never waited for."""

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_known(country: str) -> bool:
    """Whether the holidays of a country (ISO 3166, two letters) are known."""
    return country in _countries()


def is_business_day(day: date, country: str) -> bool:
    """Whether banks work on this day in a country (ISO 3166, two letters)."""
    if not is_known(country):
        return day.weekday() < _SATURDAY
    return bool(_year(country, day.year).is_working_day(day))


def add_business_days(day: date, count: int, country: str) -> date:
    """The business day that is the `count`-th after `day`; with 0, `day` itself or the next one.

    Raises BadInputError below 0 and above MOST_DAYS.
    """
    if not 0 <= count <= MOST_DAYS:
        raise BadInputError(
            "days", said("are not between 0 and {most}.", most=MOST_DAYS), said("Choose fewer.")
        )
    for _ in range(count):
        day = _on_or_after(day + _DAY, country)
    return _on_or_after(day, country)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a day begins in a zone; where clocks skip midnight, the jump."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def release_moment(taken_at: datetime, days: int, country: str, zone: ZoneInfo) -> datetime:
    """When money taken at `taken_at` is released after `days` business days: as that day begins.

    The day of the capture and the day of the release are those of `zone`, the answer is in UTC.
    """
    return start_of_day(add_business_days(_day_in(zone, taken_at), days, country), zone)


def reserve_moment(taken_at: datetime, days: int, country: str, zone: ZoneInfo) -> datetime:
    """When a reserve is released after `days` days of the calendar, on a business day, in UTC."""
    until = _day_in(zone, taken_at) + timedelta(days=days)
    return start_of_day(_on_or_after(until, country), zone)


def _day_in(zone: ZoneInfo, moment: datetime) -> date:
    return moment.astimezone(zone).date()


def _on_or_after(day: date, country: str) -> date:
    while not is_business_day(day, country):
        day += _DAY
    return day


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


@lru_cache(maxsize=512)
def _year(country: str, year: int) -> holidays.HolidayBase:
    # One year each, never widened: the object is then the same for all threads.
    return holidays.country_holidays(country, years=year, expand=False)
