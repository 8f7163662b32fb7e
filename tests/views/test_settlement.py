"""Settlement schedules on screen: who sets them, what they may say, and that they count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.models import AuditEntry, SettlementSchedule

if TYPE_CHECKING:
    from tests.views.people import People

ADD = "/settlement/schedules/add"
WANTED = {
    "merchant_id": "acme",
    "method": "",
    "release_days": "3",
    "calendar": "DE",
    "reserve_bps": "12.5",
    "reserve_days": "180",
}


def test_finance_sets_a_schedule_and_it_is_shown_and_traced(people: People) -> None:
    finance = people.browser("finance")
    assert finance.post(ADD, WANTED).status_code == 302
    with people.engine.connect() as connection:
        row = connection.execute(select(SettlementSchedule.__table__)).one()
        actions = list(connection.scalars(select(AuditEntry.__table__.c.action)))
    assert (row.method, row.release_days, row.reserve_bps) == ("", 3, 1250)
    assert (row.calendar, row.reserve_days, row.livemode) == ("DE", 180, False)
    assert actions.count("settlement_schedule.create") == 1
    page = finance.get("/settlement/schedules/").text
    for word in ("Every method", "Germany", "12.5%", "Acme"):
        assert word in page


@pytest.mark.parametrize(
    "field,value,words",
    [
        ("release_days", "91", "Is not between 0 and 90."),
        ("release_days", "-1", "Is not between 0 and 90."),
        ("reserve_days", "366", "Is not between 0 and 365."),
        ("reserve_bps", "101", "is not between 0 and 100"),
        ("calendar", "QQ", "Not a valid choice."),
        ("method", "barter", "Not a valid choice."),
        ("merchant_id", "nobody", "is unknown"),
    ],
)
def test_what_cannot_be_agreed_is_refused_beside_its_field(
    people: People, field: str, value: str, words: str
) -> None:
    answer = people.browser("finance").post(ADD, WANTED | {field: value})
    assert words.casefold() in answer.text.casefold()
    with people.engine.connect() as connection:
        assert connection.execute(select(SettlementSchedule.__table__)).all() == []


def test_a_schedule_is_changed_and_another_one_for_the_same_is_refused(people: People) -> None:
    finance = people.browser("finance")
    finance.post(ADD, WANTED)
    assert "The same exists already" in finance.post(ADD, WANTED, follow_redirects=True).text
    with people.engine.connect() as connection:
        (public_id,) = connection.scalars(select(SettlementSchedule.__table__.c.public_id))
    change = {"release_days": "0", "calendar": "IN", "reserve_bps": "0", "reserve_days": "0"}
    finance.post(f"/settlement/schedules/edit/{public_id}", change)
    with people.engine.connect() as connection:
        row = connection.execute(select(SettlementSchedule.__table__)).one()
    assert (row.release_days, row.calendar, row.reserve_bps) == (0, "IN", 0)


@pytest.mark.parametrize("name,status", [("operations", 200), ("acme-owner", 403)])
def test_others_look_or_stay_outside(people: People, name: str, status: int) -> None:
    browser = people.browser(name)
    assert browser.get("/settlement/schedules/").status_code == status
    assert browser.get(ADD).status_code == 403
