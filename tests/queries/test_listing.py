"""Keyset paging over rows that share their moment, in both directions, for each actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.identifiers import new_id
from app.errors import NotFoundError
from app.models import Merchant
from app.queries import listing, payment_list
from app.queries.listing import Window
from app.queries.payment_list import PaymentFilter
from tests.fixtures.application import NOW
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
        assert listing.merchants_named(session, "acme") == {world.acme: "Acme"}
        assert listing.merchants_named(session, "Glo") == {world.globex: "Globex"}
        assert listing.merchants_named(session, "nobody") == {}
        assert listing.merchant_names(session, [world.acme]) == {world.acme: "Acme"}
        assert listing.merchant_names(session, []) == {}


def test_a_merchant_finds_no_other_merchant(world: World) -> None:
    with db.reading(world.owner()) as session:
        assert listing.merchants_named(session, "globex") == {}
        assert listing.timezone_of(session, world.acme) == "Asia/Kolkata"
        assert listing.timezone_of(session, None) == "UTC"


def test_chunks_hold_every_row_once_and_never_more_than_a_chunk(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = rows.series(world.owner(), world.acme, 7)
    monkeypatch.setattr(listing, "CHUNK_ROWS", 3)
    with db.reading(world.owner()) as session:
        found = list(
            listing.chunks(lambda window: payment_list.payments(session, EVERYTHING, window))
        )
    assert [len(chunk) for chunk in found] == [3, 3, 1]
    assert [row.public_id for chunk in found for row in chunk] == made


def test_merchants_of_rows_are_read_once(world: World) -> None:
    rows.series(world.owner(), world.acme, 1)
    rows.series(world.stranger(), world.globex, 1)
    with db.reading(world.staff()) as session:
        found = payment_list.payments(session, EVERYTHING, Window()).rows
        names = listing.merchants_of(session, found)
        assert names == {world.acme: "Acme", world.globex: "Globex"}
        assert listing.merchants_of(session, found, [world.acme]) == {world.globex: "Globex"}
        assert listing.merchants_of(session, [object()]) == {}


def test_the_merchant_that_is_meant_comes_before_those_that_begin_alike(world: World) -> None:
    with db.unit_of_work(world.staff()) as session:
        session.add_all(
            Merchant(
                public_id=new_id("mer", NOW),
                key=key,
                name=name,
                status="active",
                country="IN",
                default_currency="INR",
                timezone="Asia/Kolkata",
                created_at=NOW,
            )
            for key, name in (("acme-two", "Acme"), ("a", "Aaa acme"))
        )
    with db.reading(world.staff()) as session:
        assert listing.merchants_named(session, "acme") == {world.acme: "Acme"}
        assert sorted(listing.merchants_named(session, "Ac").values()) == ["Acme", "Acme"]
        assert listing.merchants_named(session, "a") == {**listing.merchants_named(session, "Aaa")}
