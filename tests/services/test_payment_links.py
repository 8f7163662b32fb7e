"""Payment links on MariaDB: payments at once, limits, time, traces, merchants apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.domain.payment_links import LinkKind, LinkState, NewLink, Price
from app.errors import IllegalStateError, LimitExceededError, NotFoundError
from app.models import AuditEntry, PaymentLink
from app.queries import actors
from app.queries import payment_links as rows
from app.queries.listing import Window
from app.services import closing, payment_links
from app.services.invariants import registry as invariants
from app.services.told import objects
from tests.services import flows, opened

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from app.queries.payment_links import Came
    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer

AT_ONCE = 50
ONE_OFF = NewLink(
    kind=LinkKind.ONE_OFF,
    title="Invoice 7",
    price=Price(currency="EUR", amount_minor=6000),
    reference="inv-7",
    customer_email="known@example.com",
)
ENTERED = replace(ONE_OFF, price=Price(currency="EUR", least_minor=100, most_minor=9000))
POSTER = replace(ONE_OFF, kind=LinkKind.REUSABLE, reference="poster")


def _make(actor: Actor, merchant_id: int, wanted: NewLink = ONE_OFF) -> str:
    with db.unit_of_work(actor) as session:
        return payment_links.create(session, clock.now(), merchant_id, wanted).public_id


def _payer(world: World) -> Actor:
    return Actor.system(world.acme, False, "payer")


def _open(actor: Actor, link: str, entered: Money | None = None, email: str = "") -> str:
    with db.unit_of_work(actor) as session:
        made = payment_links.open_payment(session, clock.now(), link, entered, email)
        return made.public_id


def _read(actor: Actor, link: str) -> PaymentLink:
    with db.reading(actor) as session:
        return payment_links.get(session, link)


def _came(actor: Actor, link: str) -> Came:
    with db.reading(actor) as session:
        row = payment_links.get(session, link)
        return rows.came(session, [(row.id, row.merchant_id)]).get(row.id, rows.NOTHING)


def _state(actor: Actor, link: str) -> LinkState:
    with db.reading(actor) as session:
        return payment_links.state(session, clock.now(), payment_links.get(session, link))


def _pay(world: World, server: SandboxServer, payment: str) -> None:
    opened.pay(world.owner(), world.acme, payment, opened.sealed(server))


def test_fifty_payers_at_once_open_one_payment_of_a_one_off_link(
    context: Flask, world: World
) -> None:
    link = _make(world.owner(), world.acme)

    @db.retry_when_busy
    def come(_number: int) -> str:
        with context.app_context():
            return _open(_payer(world), link)

    with ThreadPoolExecutor(16) as pool:
        (payment,) = set(pool.map(come, range(AT_ONCE)))
    stored = flows.read(world.owner(), payment)
    assert (stored.amount_minor, stored.reference, stored.origin) == (6000, "inv-7", "link")
    assert stored.customer_email == "known@example.com"
    assert _came(world.owner(), link).opened == 1


def test_a_link_that_may_be_paid_three_times_is_not_opened_more_often_at_once(
    context: Flask, world: World
) -> None:
    link = _make(world.owner(), world.acme, replace(POSTER, most_payments=3))

    @db.retry_when_busy
    def come(_number: int) -> str:
        with context.app_context():
            try:
                return _open(_payer(world), link)
            except IllegalStateError:
                return ""

    with ThreadPoolExecutor(16) as pool:
        made = {each for each in pool.map(come, range(AT_ONCE)) if each}
    assert len(made) == _came(world.staff(), link).opened == 3
    given_up = made.pop()
    with db.unit_of_work(world.owner()) as session:
        closing.cancel(session, clock.now(), given_up, "not wanted")
    assert _open(_payer(world), link) != given_up


def test_a_paid_one_off_link_refuses_and_tells_what_came(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner = sandbox_world.owner()
    link = _make(owner, sandbox_world.acme)
    payment = _open(_payer(sandbox_world), link, email="payer@example.com")
    _pay(sandbox_world, sandbox_server, payment)
    with pytest.raises(IllegalStateError, match="paid already"):
        _open(_payer(sandbox_world), link)
    stored = flows.read(owner, payment)
    assert (stored.status, stored.customer_email) == ("succeeded", "payer@example.com")
    assert _state(owner, link) is LinkState.PAID
    came = _came(owner, link)
    assert (came.opened, came.paid, came.paid_minor, came.more) == (1, 1, 6000, False)
    assert came.newest_paid_at == stored.created_at
    with db.reading(owner) as session:
        (told,) = objects.payments(session, [stored])
    assert told.metadata == {"payment_link": link}


def test_who_comes_again_with_another_amount_begins_anew_unless_it_may_have_paid(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner, payer = sandbox_world.owner(), _payer(sandbox_world)
    link = _make(owner, sandbox_world.acme, ENTERED)
    first = _open(payer, link, Money(6000, "EUR"))
    assert _open(payer, link, Money(6000, "EUR")) == first
    second = _open(payer, link, Money(7000, "EUR"))
    assert flows.read(owner, first).status == "canceled"
    opened.attempt(owner, second, cards=opened.sealed(sandbox_server))
    assert _open(payer, link, Money(8000, "EUR")) == second


def test_a_payment_whose_time_is_over_makes_room_for_another(
    world: World, migrator_engine: Engine
) -> None:
    link = _make(world.owner(), world.acme)
    first = _open(_payer(world), link)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET expires_at = '2020-01-01'")
    assert _open(_payer(world), link) != first


@pytest.mark.parametrize("amount_minor", [99, 9001])
def test_what_may_not_be_entered_opens_nothing(world: World, amount_minor: int) -> None:
    link = _make(world.owner(), world.acme, ENTERED)
    with pytest.raises(LimitExceededError):
        _open(_payer(world), link, Money(amount_minor, "EUR"))
    assert _came(world.owner(), link) == rows.NOTHING


def test_a_link_ends_at_its_moment_and_leaves_its_last_payer_time(world: World) -> None:
    ends = clock.now() + timedelta(minutes=5)
    link = _make(world.owner(), world.acme, replace(POSTER, expires_at=ends))
    with db.unit_of_work(_payer(world)) as session:
        made = payment_links.open_payment(session, ends - timedelta(seconds=1), link, None)
        assert made.expires_at == ends - timedelta(seconds=1) + payment_links.LEAST_TIME
        assert made.reference.startswith("poster-")
    with pytest.raises(IllegalStateError, match="time"), db.unit_of_work(_payer(world)) as session:
        payment_links.open_payment(session, ends, link, None)


def test_a_link_that_is_off_opens_nothing_until_it_is_on(world: World) -> None:
    owner, link = world.owner(), _make(world.owner(), world.acme, POSTER)
    with db.unit_of_work(owner) as session:
        payment_links.switch_off(session, clock.now(), link)
    with pytest.raises(IllegalStateError, match="switched off"):
        _open(_payer(world), link)
    with db.unit_of_work(owner) as session:
        payment_links.switch_on(session, clock.now(), link)
        payment_links.update(session, clock.now(), link, "Poster", None, 3)
    assert _open(_payer(world), link) != _open(_payer(world), link)
    with pytest.raises(IllegalStateError, match="meanwhile"), db.unit_of_work(owner) as session:
        payment_links.update(session, clock.now(), link, "Poster", None, 3)
    with db.reading(owner) as session:
        of_links = select(AuditEntry.action).where(AuditEntry.object_type == "payment_link")
        done = set(session.scalars(of_links))
    assert done == {"links.create", "links.switch_off", "links.switch_on", "links.update"}


def test_a_link_is_its_merchants_alone_and_its_token_leads_to_it(world: World) -> None:
    link = _make(world.owner(), world.acme)
    token = _read(world.owner(), link).token
    with db.reading(None) as session:
        assert actors.payment_link(session, token) == (world.acme, False, link)
        assert actors.payment_link(session, link) is None
    with pytest.raises(NotFoundError):
        _read(world.stranger(), link)
    with pytest.raises(NotFoundError):
        _open(Actor.system(world.globex, False, "payer"), link)
    with pytest.raises(NotFoundError):
        _read(world.owner(livemode=True), link)
    _open(_payer(world), link)
    with db.reading(Actor.house(None, "test")) as session:
        session.info["unscoped"] = "test"
        assert [each for each in invariants.check_all(session) if each.violations] == []


@pytest.mark.parametrize("state", list(LinkState))
def test_the_list_finds_links_by_how_they_stand(
    sandbox_world: World, sandbox_server: SandboxServer, state: LinkState, migrator_engine: Engine
) -> None:
    owner = sandbox_world.owner()
    made = {each: _make(owner, sandbox_world.acme) for each in LinkState}
    _pay(sandbox_world, sandbox_server, _open(_payer(sandbox_world), made[LinkState.PAID]))
    with migrator_engine.begin() as connection:
        for column, which in (("expires_at", "expired"), ("switched_off_at", "off")):
            sql = f"UPDATE payment_link SET {column} = '2026-01-01' WHERE public_id = %s"
            connection.exec_driver_sql(sql, (made[LinkState(which)],))
    wanted = rows.LinkFilter(now=clock.now(), states=(state,))
    with db.reading(owner) as session:
        found = rows.page(session, wanted, Window())
        assert [row.public_id for row in found.rows] == [made[state]]
        assert rows.count(session, wanted) == 1
    assert _state(owner, made[state]) is state
