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
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views import home_rows

if TYPE_CHECKING:
    from tests.fixtures.application import World

ZONES = ("UTC", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
KOLKATA = ZoneInfo("Asia/Kolkata")
ON_THE_DAY = DayRange(NOW.date(), NOW.date(), ZoneInfo("UTC"))
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


def test_the_days_of_a_clock_change_are_counted_by_one_statement(world: World) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    span = DayRange(date(2026, 3, 28), date(2026, 3, 30), berlin)
    moments = {
        datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC): 28,
        datetime(2026, 3, 28, 23, 0, tzinfo=UTC): 29,
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC): 29,
        datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC): 29,  # an hour earlier than the day before
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC): 30,
    }
    rows.keep(world.owner(), [rows.payment(world.acme, moment) for moment in moments])
    with db.reading(world.owner()) as session:
        found = {each.day.day: each.count for each in home.counts(session, span)}
    assert found == {28: 1, 29: 3, 30: 1}


def test_the_days_before_are_as_many_and_end_where_these_begin() -> None:
    span = DayRange(date(2026, 3, 1), date(2026, 3, 7), KOLKATA)
    assert (span.before.first, span.before.last) == (date(2026, 2, 22), date(2026, 2, 28))
    assert span.before.ends == span.begins


def test_totals_are_those_of_the_range_by_status_and_currency(world: World) -> None:
    made = [
        rows.payment(world.acme, amount_minor=1),
        rows.payment(world.acme, amount_minor=2),
        rows.payment(world.acme, currency="JPY"),
        rows.payment(world.acme, NOW - timedelta(days=1)),
    ]
    rows.keep(world.owner(), made)
    with db.reading(world.owner()) as session:
        found = home.totals(session, ON_THE_DAY)
    assert {(each.currency, each.count, each.amount_minor) for each in found} == {
        ("EUR", 2, 3),
        ("JPY", 1, 1000),
    }


def test_refunds_are_told_apart_from_those_of_the_days_before(world: World) -> None:
    (paid,) = rows.keep(world.owner(), [rows.payment(world.acme)])
    for number, (days, state) in enumerate(((0, "success"), (1, "success"), (0, "failed")), 1):
        home_rows.operation(
            world,
            world.owner(),
            paid,
            NOW - timedelta(days=days),
            number=number,
            kind="refund",
            state=state,
            amount_minor=number,
        )
    with db.reading(world.staff()) as session:
        found = home.refunds(session, ON_THE_DAY)
    assert {(each.now, each.currency, each.count, each.amount_minor) for each in found} == {
        (True, "EUR", 1, 1),
        (False, "EUR", 1, 2),
    }


def test_failed_payments_are_told_apart_by_their_reason(world: World) -> None:
    made = [
        rows.payment(world.acme, status="failed", failure_code="expired_card"),
        *(
            rows.payment(world.acme, status="failed", failure_code="card_declined")
            for _ in range(2)
        ),
        rows.payment(world.acme, status="failed"),
    ]
    rows.keep(world.owner(), made)
    with db.reading(world.owner()) as session:
        found = home.counts(session, ON_THE_DAY)
    assert {each.failure: each.count for each in found} == {
        "card_declined": 2,
        "expired_card": 1,
        None: 1,
    }


def test_the_largest_merchants_of_one_currency_or_by_number(world: World) -> None:
    rows.keep(world.owner(), [rows.payment(world.acme, amount_minor=1) for _ in range(2)])
    rows.keep(world.stranger(), [rows.payment(world.globex, amount_minor=50)])
    rows.keep(world.stranger(), [rows.payment(world.globex, status="failed") for _ in range(3)])
    with db.reading(world.staff()) as session:
        largest = home.top_merchants(session, ON_THE_DAY, ["succeeded"], "EUR", 5)
        first = home.top_merchants(session, ON_THE_DAY, ["succeeded"], "", 1)
    assert [(each.name, each.count, each.amount_minor) for each in largest] == [
        ("Globex", 1, 50),
        ("Acme", 2, 2),
    ]
    assert [(each.name, each.count, each.amount_minor) for each in first] == [("Acme", 2, 0)]
    with db.reading(world.owner()) as session:
        own = home.top_merchants(session, ON_THE_DAY, ["succeeded"], "EUR", 5)
    assert [each.name for each in own] == ["Acme"]
