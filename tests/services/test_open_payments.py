"""Open payments: asked for without a method, paid by whichever their payer chooses, once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.errors import (
    BadInputError,
    CapabilityMissingError,
    CardNumberRefusedError,
    IllegalStateError,
    LimitExceededError,
    PayAgencyError,
    UnavailableError,
)
from app.providers.base import NextAction, Outcome, Reading
from app.queries import outbox, payments
from app.services import closing, open_payments
from app.services.invariants import registry as invariants
from app.services.told import objects
from tests.sealing import APPROVED, DECLINED
from tests.services import flows, opened

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from app.services.new_payment import NewPayment
    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer
    from tests.services.families import Provider

AT_ONCE = 50


def _violations() -> list[object]:
    with db.reading(Actor.house(None, "test")) as session:
        session.info["unscoped"] = "test"
        return [each for each in invariants.check_all(session) if each.violations]


def _told(actor: Actor, payment: str) -> dict[str, object]:
    with db.reading(actor) as session:
        found = payments.get(session, payment)
        assert found is not None
        return objects.payments(session, [found])[0].model_dump()


def test_an_open_payment_waits_for_its_payer_for_a_day(world: World) -> None:
    payment = opened.ask(world.owner(), world.acme)
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.method, stored.may_try_again) == ("created", "", True)
    assert stored.expires_at == stored.created_at + open_payments.LASTS
    assert flows.read_operations(world.owner(), payment) == []
    told = _told(world.owner(), payment)
    assert (told["method"], told["next_action"], told["failure"]) == (None, None, None)
    assert str(told["checkout_url"]).endswith(f"/pay/{stored.page_token}")
    assert _violations() == []


@pytest.mark.parametrize(
    "asked, error",
    [
        (opened.wish(method="card"), BadInputError),
        (opened.wish(card_token="tok_approve"), BadInputError),
        (opened.wish(expires_at=clock.now() - timedelta(days=1)), BadInputError),
        (opened.wish(description=f"card {APPROVED}"), CardNumberRefusedError),
    ],
)
def test_what_an_open_payment_cannot_have_is_refused(
    world: World, asked: NewPayment, error: type[PayAgencyError]
) -> None:
    with pytest.raises(error):
        opened.ask(world.owner(), world.acme, asked)


def test_a_payment_that_no_method_takes_says_why(world: World, migrator_engine: Engine) -> None:
    owner = world.owner()
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE capability SET kind = 'upi' WHERE kind = 'card'")
    with pytest.raises(BadInputError) as refused:
        opened.ask(owner, world.acme)
    assert refused.value.data["place"] == "currency"
    with pytest.raises(LimitExceededError):
        opened.ask(owner, world.acme, opened.wish(9_00_00_000_00, "INR"))
    opened.ask(owner, world.acme, opened.wish(1_000_00, "INR"))
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM capability")
    with pytest.raises(UnavailableError, match="No method of payment is enabled"):
        opened.ask(owner, world.acme)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE connector_account SET enabled = 0")
    with pytest.raises(UnavailableError, match="No provider"):
        opened.ask(owner, world.acme)


def test_an_encrypted_card_pays_and_is_stored_nowhere(
    sandbox_world: World, sandbox_server: SandboxServer, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = opened.ask(owner, acme)
    cards = opened.sealed(sandbox_server)
    opened.pay(owner, acme, payment, cards)
    stored = flows.read(owner, payment)
    assert (stored.status, stored.method, stored.captured_minor) == ("succeeded", "card", 6000)
    assert _told(owner, payment)["method"] == {
        "type": "card",
        "name": None,
        "brand": "visa",
        "last4": "4242",
    }
    assert _violations() == []
    (jwe,) = cards.values()
    assert _tables_with(migrator_engine, jwe[-40:]) == []
    assert _tables_with(migrator_engine, APPROVED) == []


def _tables_with(engine: Engine, text: str) -> list[str]:
    """Return the tables in any of whose columns a text stands."""
    with engine.connect() as connection:
        names = [row[0] for row in connection.exec_driver_sql("SHOW TABLES")]
        return [
            name
            for name in names
            if any(
                text in str(value)
                for row in connection.exec_driver_sql(f"SELECT * FROM `{name}`")
                for value in row
            )
        ]


def test_after_a_decline_another_card_pays(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = opened.ask(owner, acme)
    opened.pay(owner, acme, payment, opened.sealed(sandbox_server, DECLINED))
    declined = _told(owner, payment)
    assert (declined["status"], declined["next_action"]) == ("created", None)
    assert "'code': 'card_declined'" in str(declined["failure"])
    opened.pay(owner, acme, payment, opened.sealed(sandbox_server))
    assert flows.read(owner, payment).status == "succeeded"
    with pytest.raises(IllegalStateError, match="paid"):
        opened.attempt(owner, payment, cards=opened.sealed(sandbox_server))
    assert _violations() == []


def test_fifty_payers_at_once_start_one_attempt(
    context: Flask, sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner = sandbox_world.owner()
    payment = opened.ask(owner, sandbox_world.acme)
    cards = opened.sealed(sandbox_server)

    @db.retry_when_busy
    def start(_number: int) -> str:
        with context.app_context():
            try:
                return opened.attempt(owner, payment, cards=cards)
            except IllegalStateError:
                return ""

    with ThreadPoolExecutor(16) as pool:
        started = [each for each in pool.map(start, range(AT_ONCE)) if each]
    assert len(started) == 1
    opened.send(owner, sandbox_world.acme, started[0], cards)
    assert flows.read(owner, payment).captured_minor == 6000
    assert len(flows.read_operations(owner, payment)) == 1
    assert sum(flows.balances(sandbox_world.staff()).values()) == 0


def test_a_payment_whose_time_is_over_or_that_was_given_up_is_not_tried(
    sandbox_world: World, sandbox_server: SandboxServer, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    late, given_up = opened.ask(owner, acme), opened.ask(owner, acme)
    cards = opened.sealed(sandbox_server)
    with migrator_engine.begin() as connection:
        past = "UPDATE payment SET expires_at = '2020-01-01' WHERE public_id = %s"
        connection.exec_driver_sql(past, (late,))
    with db.unit_of_work(owner) as session:
        closing.cancel(session, clock.now(), given_up, "not wanted any more")
    for payment in (late, given_up):
        with pytest.raises(IllegalStateError, match="over"):
            opened.attempt(owner, payment, cards=cards)
    assert flows.read(owner, given_up).status == "canceled"


def test_a_method_that_is_not_enabled_or_a_card_for_another_account_is_refused(
    sandbox_world: World,
) -> None:
    owner = sandbox_world.owner()
    payment = opened.ask(owner, sandbox_world.acme)
    with pytest.raises(CapabilityMissingError):
        opened.attempt(owner, payment, "apm", "ideal")
    for cards in ({"ca_other": "a.b.c.d.e"}, {}):
        with pytest.raises(BadInputError):
            opened.attempt(owner, payment, cards=cards)
    assert flows.read_operations(owner, payment) == []


def test_a_card_whose_request_is_gone_is_not_sent_and_may_be_entered_again(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = opened.ask(owner, acme)
    cards = opened.sealed(sandbox_server)
    flows.send(owner, acme, opened.attempt(owner, payment, cards=cards))
    stored = flows.read(owner, payment)
    assert (stored.status, stored.failure_code) == ("created", "card_details_gone")
    assert sandbox_server.log().of_reference(payment) == []
    opened.pay(owner, acme, payment, cards)
    assert flows.read(owner, payment).status == "succeeded"
    assert _violations() == []


def _run_expiry(payment: str) -> None:
    with db.unit_of_work(Actor.house(None, "test")) as session:
        lease = outbox.lease_now(session, f"expire:{payment}", "test", 30)
    assert lease is not None
    closing.expire(lease)


def test_a_payment_lasts_as_long_as_what_was_chosen_and_then_expires(
    families: World, provider: Provider, migrator_engine: Engine
) -> None:
    owner = families.owner()
    soon = clock.now() + timedelta(minutes=10)
    payment = opened.ask(owner, families.acme, opened.wish(expires_at=soon))
    bank = NextAction("redirect", "https://bank.example/pay")
    provider.says = Reading(outcome=Outcome.ACTION, action=bank)
    operation = opened.attempt(owner, payment, "apm", "ideal")
    flows.send(owner, families.acme, operation)
    stored = flows.read(owner, payment)
    assert stored.expires_at is not None
    assert stored.expires_at - soon > timedelta(minutes=19), "iDEAL gives half an hour"
    _run_expiry(payment)
    assert flows.read(owner, payment).status == "requires_action"
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET expires_at = '2020-01-01'")
    _run_expiry(payment)
    assert flows.read(owner, payment).status == "expired"
    assert _violations() == []


def test_an_open_payment_that_nobody_tried_expires(world: World, migrator_engine: Engine) -> None:
    payment = opened.ask(world.owner(), world.acme)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET expires_at = '2020-01-01'")
    _run_expiry(payment)
    assert flows.read(world.owner(), payment).status == "expired"
    assert _violations() == []
