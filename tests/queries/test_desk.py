"""The queue of the desk: the oldest case first, narrowed, and only for the house."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.money import Money
from app.queries import desk as cases
from app.queries.desk import CaseFilter
from app.queries.listing import Window
from app.services import desk
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.queries.listing import Slice
    from tests.fixtures.application import World


@pytest.fixture
def queue(world: World) -> list[str]:
    """Five cases of acme, an hour apart, the oldest first; two share a moment."""
    made = []
    with db.unit_of_work(world.staff()) as session:
        for number in range(5):
            at = NOW + timedelta(hours=min(number, 3))
            case = desk.open_case(
                session,
                at,
                case_key=f"late:{number}",
                kind="late" if number % 2 else "second",
                text="The money came after the payment was over",
                livemode=False,
                merchant_id=world.acme,
                amount=Money(100 * (number + 1), "EUR"),
            )
            made.append(case.public_id)
    return made


EVERY = CaseFilter(state="every")


def page(actor: Actor, window: Window, wanted: CaseFilter | None = None) -> Slice:
    with db.reading(actor) as session:
        return cases.page(session, wanted or CaseFilter(), window)


def ids(actor: Actor, wanted: CaseFilter) -> list[str]:
    return [row.public_id for row in page(actor, Window(), wanted).rows]


def test_pages_go_from_the_oldest_to_the_newest_and_back(world: World, queue: list[str]) -> None:
    first = page(world.staff(), Window(limit=2))
    second = page(world.staff(), Window(older=first.older or "", limit=2))
    third = page(world.staff(), Window(older=second.older or "", limit=2))
    found = [row.public_id for part in (first, second, third) for row in part.rows]
    assert (found, third.older, first.newer) == (queue, None, None)
    back = page(world.staff(), Window(newer=third.newer or "", limit=2))
    assert [row.public_id for row in back.rows] == queue[2:4]


def test_the_queue_is_narrowed(world: World, queue: list[str]) -> None:
    staff = world.staff()
    assert ids(staff, CaseFilter(kinds=("second",))) == queue[::2]
    assert ids(staff, CaseFilter(currency="EUR", least_minor=200, most_minor=300)) == queue[1:3]
    assert ids(staff, CaseFilter(opened_before=NOW + timedelta(hours=1))) == queue[:1]
    assert ids(staff, CaseFilter(merchant="globex")) == []
    with db.unit_of_work(staff) as session:
        desk.claim(session, NOW, queue[0])
    assert ids(staff, CaseFilter(claimed_by=staff.user_id)) == queue[:1]
    assert ids(staff, CaseFilter(unclaimed=True)) == queue[1:]
    assert ids(staff, CaseFilter(state="resolved")) == []
    assert ids(staff, EVERY) == queue


def test_open_cases_are_counted_by_kind(world: World, queue: list[str]) -> None:
    with db.reading(world.staff()) as session:
        found = cases.depths(session)
        assert cases.count(session, CaseFilter()) == len(queue)
    assert [(each.kind, each.count, each.oldest) for each in found] == [
        ("late", 2, NOW + timedelta(hours=1)),
        ("second", 3, NOW),
    ]


def test_the_desk_is_closed_to_merchants_and_the_other_book(world: World, queue: list[str]) -> None:
    assert queue
    assert ids(world.owner(), EVERY) == []
    assert ids(world.staff(livemode=True), EVERY) == []
