"""Business days: weekends and holidays by country, and the moment at which a day begins."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import calendar
from app.errors import BadInputError

DAYS = st.dates(date(2002, 1, 1), date(2033, 12, 31))
COUNTRIES = st.sampled_from(["IN", "DE", "US", "AE", "CN", "GB", "BR", "ZZ"])
COUNTS = st.integers(0, 40)
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("Asia/Kolkata", "America/Sao_Paulo", "Asia/Beirut", "UTC")]
)
MOMENTS = st.integers(10**9, 2 * 10**9).map(lambda each: datetime.fromtimestamp(each, UTC))


@pytest.mark.parametrize(
    "day,count,country,expected",
    [
        (date(2026, 1, 23), 2, "IN", date(2026, 1, 28)),  # Friday; Republic Day is the Monday
        (date(2026, 12, 24), 1, "DE", date(2026, 12, 28)),
        (date(2026, 7, 2), 1, "US", date(2026, 7, 6)),  # Independence Day is observed on Friday
        (date(2021, 6, 3), 1, "AE", date(2021, 6, 6)),  # Friday and Saturday until 2021
        (date(2023, 6, 1), 1, "AE", date(2023, 6, 2)),  # Saturday and Sunday since
        (date(2026, 2, 13), 1, "CN", date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 1, 2), 1, "ZZ", date(2026, 1, 5)),
        (date(2026, 1, 3), 0, "DE", date(2026, 1, 5)),
        (date(2026, 1, 5), 0, "DE", date(2026, 1, 5)),
    ],
)
def test_known_days(day: date, count: int, country: str, expected: date) -> None:
    assert calendar.add_business_days(day, count, country) == expected


@given(DAYS, COUNTS, COUNTRIES)
def test_exactly_so_many_business_days_are_passed(day: date, count: int, country: str) -> None:
    end = calendar.add_business_days(day, count, country)
    assert calendar.is_business_day(end, country)
    passed = [day + timedelta(days=each + 1) for each in range((end - day).days)]
    between = sum(calendar.is_business_day(each, country) for each in passed)
    assert between == (count or int(end > day))


@given(DAYS, COUNTS, COUNTS, COUNTRIES)
def test_steps_add_up_and_never_go_back(day: date, one: int, two: int, country: str) -> None:
    first = calendar.add_business_days(day, one, country)
    assert first >= day
    if one:
        assert calendar.add_business_days(first, two, country) == calendar.add_business_days(
            day, one + two, country
        )
    assert calendar.add_business_days(day + timedelta(days=1), one, country) >= first


@given(MOMENTS, COUNTS, COUNTRIES, ZONES)
def test_money_is_released_as_its_business_day_begins(
    taken: datetime, count: int, country: str, zone: ZoneInfo
) -> None:
    moment = calendar.release_moment(taken, count, country, zone)
    assert moment.tzinfo is UTC
    day = calendar.add_business_days(taken.astimezone(zone).date(), count, country)
    assert moment.astimezone(zone).date() == day
    before = moment - timedelta(microseconds=1)
    assert before.astimezone(zone).date() == day - timedelta(days=1)
    assert count == 0 or moment > taken


@given(MOMENTS, st.integers(0, 365), COUNTRIES, ZONES)
def test_a_reserve_waits_for_days_of_the_calendar_and_then_for_a_business_day(
    taken: datetime, days: int, country: str, zone: ZoneInfo
) -> None:
    day = calendar.reserve_moment(taken, days, country, zone).astimezone(zone).date()
    waited = day - taken.astimezone(zone).date()
    assert timedelta(days=days) <= waited <= timedelta(days=days + 14)
    assert calendar.is_business_day(day, country)


@pytest.mark.parametrize("count", [-1, calendar.MOST_DAYS + 1])
def test_days_that_cannot_be_are_refused(count: int) -> None:
    with pytest.raises(BadInputError, match="are not between"):
        calendar.add_business_days(date(2026, 1, 1), count, "DE")


def test_a_day_without_midnight_begins_with_the_jump() -> None:
    beirut = ZoneInfo("Asia/Beirut")
    assert calendar.start_of_day(date(2022, 3, 27), beirut) == datetime(2022, 3, 26, 22, tzinfo=UTC)
