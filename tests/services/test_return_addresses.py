"""Whither payers are led, on MariaDB: what the settings allow, and where nothing was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.payment_links import LinkKind, NewLink, Price
from app.errors import BadInputError
from app.models import Merchant
from app.services import payment_links, routing
from app.services.bulk import creating
from tests.services import flows, opened

if TYPE_CHECKING:
    from tests.fixtures.application import World

USUAL: Final = "https://shop.example/thanks"
ELSEWHERE: Final = "https://evil.example/"
LINK: Final = NewLink(
    kind=LinkKind.ONE_OFF,
    title="Invoice 7",
    price=Price(currency="EUR", amount_minor=6000),
    reference="inv-7",
    return_url="https://pay.example/done",
)


def _allow(world: World, hosts: str, usual: str = USUAL) -> None:
    with db.unit_of_work(world.staff()) as session:
        merchant = session.get_one(Merchant, world.acme)
        merchant.return_url, merchant.return_hosts = usual, hosts


def _led(world: World, payment: str) -> str:
    return flows.read(world.owner(), payment).return_url


def test_a_payment_without_an_address_takes_the_merchants_usual_one(sandbox_world: World) -> None:
    world = sandbox_world
    _allow(world, "shop.example")
    owner = world.owner()
    assert _led(world, opened.ask(owner, world.acme)) == USUAL
    assert _led(world, flows.pay(owner, world.acme)) == USUAL
    own = replace(opened.wish(), return_url="https://shop.example/done")
    assert _led(world, opened.ask(owner, world.acme, own)) == "https://shop.example/done"
    row = replace(opened.wish(), method="card", card_token="tok_approve", origin="bulk")
    with db.unit_of_work(owner) as session:
        routes = routing.known(session, livemode=False)
        (made,) = creating.create_all(session, clock.now(), world.acme, [row], routes)
        assert made.return_url == USUAL


def test_an_address_that_is_not_allowed_is_refused_at_its_place(sandbox_world: World) -> None:
    world = sandbox_world
    _allow(world, "shop.example")
    owner, wish = world.owner(), replace(opened.wish(), return_url=ELSEWHERE)
    with pytest.raises(BadInputError, match=r"evil\.example") as refused:
        opened.ask(owner, world.acme, wish)
    assert refused.value.place == "return_url"
    with pytest.raises(BadInputError), db.unit_of_work(owner) as session:
        payment_links.create(session, clock.now(), world.acme, LINK)


def test_a_payer_is_not_to_blame_for_a_host_that_is_no_longer_allowed(world: World) -> None:
    owner = world.owner()
    payer = Actor.system(world.acme, False, "payer")
    with db.unit_of_work(owner) as session:
        link = payment_links.create(session, clock.now(), world.acme, LINK).public_id
    _allow(world, "shop.example")
    with db.unit_of_work(payer) as session:
        made = payment_links.open_payment(session, clock.now(), link, None)
        assert made.return_url == USUAL
