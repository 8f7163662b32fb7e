"""Days are those of the reader's clock, also where that clock is changed, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, create_engine, literal, select

from app.adapters import db
from app.models.base import UtcDateTime
from app.queries import home
from app.queries.home import DayRange
from tests.queries import rows

if TYPE_CHECKING:
    from tests.fixtures.application import World

ZONES = ("UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
KOLKATA = ZoneInfo("Asia/Kolkata")
MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 30))  # noqa: DTZ001  # UTC is added


@pytest.mark.parametrize("name", ZONES)
@given(moment=MOMENTS.map(lambda found: found.replace(tzinfo=UTC)))
def test_every_moment_falls_into_its_local_day(name: str, moment: datetime) -> None:
    zone = ZoneInfo(name)
    local = moment.astimezone(zone).date()
    span = DayRange(local - timedelta(days=40), local + timedelta(days=40), zone)
    stretches = list(home._stretches(span))
    (own,) = (each for each in stretches if each.begins <= moment < each.ends)
    assert (moment + timedelta(minutes=own.offset_minutes)).date() == local
    assert [each.ends for each in stretches[:-1]] == [each.begins for each in stretches[1:]]
    assert (stretches[0].begins, stretches[-1].ends) == (span.begins, span.ends)


def test_sqlite_moves_the_day_too() -> None:
    moment = literal(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), UtcDateTime)
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for minutes, day in ((0, 1), (330, 2), (-1260, 28)):
            local = home._LocalDay(moment, literal(minutes, Integer))
            found = connection.execute(select(local)).scalar_one()
            assert found.day == day
    engine.dispose()


def test_volume_by_day_of_the_reader_and_status(world: World) -> None:
    late = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # already the 2nd in Kolkata
    made = [
        rows.payment(world.acme, late - timedelta(hours=10)),
        rows.payment(world.acme, late, amount_minor=250),
        rows.payment(world.acme, late, status="failed", amount_minor=1),
        rows.payment(world.acme, late, currency="JPY"),
    ]
    rows.keep(world.owner(), made)
    span = DayRange(date(2026, 3, 1), date(2026, 3, 2), KOLKATA)
    with db.reading(world.owner()) as session:
        found = home.counts(session, span)
    assert {(each.day.day, each.status, each.currency, each.amount_minor) for each in found} == {
        (1, "succeeded", "EUR", 1000),
        (2, "succeeded", "EUR", 250),
        (2, "failed", "EUR", 1),
        (2, "succeeded", "JPY", 1000),
    }
    assert {each.count for each in found} == {1}


def test_days_outside_do_not_count(world: World) -> None:
    at = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)  # midnight in Kolkata
    just_before = at - timedelta(microseconds=1)
    rows.keep(world.owner(), [rows.payment(world.acme, moment) for moment in (just_before, at)])
    span = DayRange(date(2026, 3, 2), date(2026, 3, 2), KOLKATA)
    with db.reading(world.owner()) as session:
        assert [each.count for each in home.counts(session, span)] == [1]
    assert span.days == [date(2026, 3, 2)]


def test_nothing_of_another_merchant_is_counted(world: World) -> None:
    rows.series(world.stranger(), world.globex, 3)
    span = DayRange(date(2026, 3, 1), date(2026, 3, 1), KOLKATA)
    with db.reading(world.owner()) as session:
        assert home.counts(session, span) == []
