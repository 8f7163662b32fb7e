"""Keyset paging over rows that share their moment, in both directions, for each actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.errors import NotFoundError
from app.queries import listing, payment_list
from app.queries.listing import Window
from app.queries.payment_list import PaymentFilter
from tests.queries import rows

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.queries.listing import Slice
    from tests.fixtures.application import World

EVERYTHING = PaymentFilter()


def page(actor: Actor, *, older: str = "", newer: str = "", limit: int = 50) -> Slice:
    with db.reading(actor) as session:
        return payment_list.payments(session, EVERYTHING, Window(older, newer, limit))


def ids(found: Slice) -> list[str]:
    return [row.public_id for row in found.rows]


def test_older_pages_tile_the_list(world: World) -> None:
    made = rows.series(world.owner(), world.acme, 11)
    seen, edge = [], ""
    while True:
        found = page(world.owner(), older=edge, limit=4)
        seen += ids(found)
        if found.older is None:
            break
        edge = found.older
    assert seen == made


def test_newer_pages_lead_back_the_same_way(world: World) -> None:
    made = rows.series(world.owner(), world.acme, 11)
    last = page(world.owner(), older=made[7], limit=4)
    assert ids(last) == made[8:]
    middle = page(world.owner(), newer=last.newer or "", limit=4)
    assert ids(middle) == made[4:8]
    assert (middle.newer, middle.older) == (made[4], made[7])


def test_going_newer_ends_with_a_whole_first_page(world: World) -> None:
    made = rows.series(world.owner(), world.acme, 5)
    found = page(world.owner(), newer=made[2], limit=4)
    assert ids(found) == made[:4]
    assert (found.newer, found.older) == (None, made[3])


def test_a_list_that_fits_has_no_neighbours(world: World) -> None:
    made = rows.series(world.owner(), world.acme, 3)
    found = page(world.owner(), limit=3)
    assert (ids(found), found.older, found.newer) == (made, None, None)


def test_an_edge_of_another_merchant_is_not_found(world: World) -> None:
    foreign = rows.series(world.stranger(), world.globex, 1)[0]
    with pytest.raises(NotFoundError):
        page(world.owner(), older=foreign)


def test_each_merchant_sees_their_own_and_staff_all(world: World) -> None:
    own = rows.series(world.owner(), world.acme, 2)
    foreign = rows.series(world.stranger(), world.globex, 2)
    assert ids(page(world.owner())) == own
    assert sorted(ids(page(world.staff()))) == sorted([*own, *foreign])
    assert ids(page(world.staff(livemode=True))) == []


def test_merchants_are_found_by_key_id_and_beginning(world: World) -> None:
    with db.reading(world.staff()) as session:
        assert listing.merchant_ids(session, "acme") == [world.acme]
        assert listing.merchant_ids(session, "Glo") == [world.globex]
        assert listing.merchant_ids(session, "nobody") == []
        assert listing.merchant_names(session, [world.acme]) == {world.acme: "Acme"}
        assert listing.merchant_names(session, []) == {}


def test_a_merchant_finds_no_other_merchant(world: World) -> None:
    with db.reading(world.owner()) as session:
        assert listing.merchant_ids(session, "globex") == []
        assert listing.timezone_of(session, world.acme) == "Asia/Kolkata"
        assert listing.timezone_of(session, None) == "UTC"
