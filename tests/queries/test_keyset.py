from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from app.adapters import db as adapter
from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.errors import NotFoundError
from app.extensions import db
from app.models import Capability, Merchant
from app.models.accounts import User
from app.queries.interface import RecordInterface, Related, Wanted
from app.queries.keyset import Edge
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures.application import World

SEEN = (None, NOW.replace(tzinfo=None), (NOW - timedelta(days=1)).replace(tzinfo=None))
"""When people signed in last; somebody never did, several did at the same moment."""


@pytest.fixture
def people(world: World) -> Iterator[RecordInterface]:
    """Yield the interface of users, of whom seven have signed in at three times or never."""
    assert world
    house = Actor.house(None, "seed")
    with unit_of_work(house) as session:
        session.add_all(
            User(
                username=f"u{number}",
                first_name="U",
                last_name="U",
                email=f"u{number}@example.com",
                active=number % 2 == 0,
                last_login=SEEN[number % 3],
            )
            for number in range(7)
        )
    db.session().info["actor"] = house
    yield RecordInterface(User, many={"roles": "name"})
    db.session.remove()


def walked(people: RecordInterface, wanted: Wanted, size: int) -> list[str]:
    """Leaf from the first page to the last one, then check that the way back is the same."""
    pages, edge = [], None
    while True:
        found = people.page(wanted, edge, size)
        pages.append([row.username for row in found.rows])
        assert found.before is (edge is not None)
        if not found.after:
            break
        edge = Edge(str(found.rows[-1].id))
    back = pages[-1:]
    while found.before:
        found = people.page(wanted, Edge(str(found.rows[0].id), before=True), size)
        back.append([row.username for row in found.rows])
    assert back[::-1] == pages
    return [name for page in pages for name in page]


@pytest.mark.parametrize(
    "column,descending,size",
    list(product(["last_login", "active", "username", ""], [False, True], [1, 2, 3])),
)
def test_every_row_is_met_once_in_order(
    people: RecordInterface, column: str, descending: bool, size: int
) -> None:
    wanted = Wanted(order=column, descending=descending)
    whole = [row.username for row in people.page(wanted, None, 100).rows]
    assert len(whole) == people.counted(wanted) >= 7
    assert walked(people, wanted, size) == whole
    assert [row.username for rows in people.chunks(wanted, size) for row in rows] == whole


def test_who_never_signed_in_comes_first(people: RecordInterface) -> None:
    rows = people.page(Wanted(order="last_login"), None, 100).rows
    times = [row.last_login for row in rows]
    known = [each for each in times if each is not None]
    assert times == [*[None] * (len(times) - len(known)), *sorted(known)]


def test_the_page_before_the_second_row_is_the_whole_first_page(people: RecordInterface) -> None:
    wanted = Wanted(order="username")
    first = people.page(wanted, None, 3).rows
    found = people.page(wanted, Edge(str(first[1].id), before=True), 3)
    assert list(found.rows) == list(first)
    assert (found.before, found.after) == (False, True)


@pytest.mark.parametrize("address", ["0", "x", "9" * 30, ""])
def test_an_edge_that_is_no_row_is_not_found(people: RecordInterface, address: str) -> None:
    with pytest.raises(NotFoundError):
        people.page(Wanted(), Edge(address), 3)


def test_the_edge_of_another_merchant_is_none(world: World) -> None:
    grants = RecordInterface(Capability, related={"merchant_id": Related(Merchant, "key", "name")})
    with adapter.reading(world.stranger()) as session:
        foreign = grants.through(session).page(Wanted(), None, 1).rows[0].public_id
    with adapter.reading(world.owner()) as session:
        mine = grants.through(session)
        assert foreign not in {row.public_id for row in mine.page(Wanted(), None, 100).rows}
        with pytest.raises(NotFoundError):
            mine.page(Wanted(), Edge(foreign), 1)
        assert mine.page(Wanted(addresses=[foreign]), None, 1).rows == []


def test_only_rows_that_were_picked_are_read(people: RecordInterface) -> None:
    rows = people.page(Wanted(order="username"), None, 100).rows
    picked = [str(rows[0].id), str(rows[2].id), "x", "-1"]
    found = people.page(Wanted(order="username", addresses=picked), None, 100).rows
    assert list(found) == [rows[0], rows[2]]
