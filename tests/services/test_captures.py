"""Partial captures and voids: the provider's sandbox and the ledger agree on every part."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError
from app.providers.base import Outcome
from app.services import attempts, captures, closing
from tests.services import flows
from tests.services.answers import tell

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World

AT_ONCE = 50


def capture(world: World, payment: str, amount: int | None = None) -> str:
    with db.unit_of_work(world.owner()) as session:
        return captures.ask_capture(session, clock.now(), payment, amount).public_id


def void(world: World, payment: str) -> str:
    with db.unit_of_work(world.owner()) as session:
        return captures.ask_void(session, clock.now(), payment, "not needed").public_id


@pytest.fixture
def held(world: World) -> str:
    """A payment of 60.00 EUR that is authorized."""
    payment = flows.pay(world.owner(), world.acme, capture="manual", run=False)
    tell(world, flows.read_operations(world.owner(), payment)[0].public_id, Outcome.SUCCESS)
    return payment


def test_parts_are_captured_at_the_provider_and_the_rest_is_released(
    sandbox_world: World,
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme, capture="manual")
    for amount, status in ((2000, "partially_captured"), (1000, "partially_captured")):
        flows.send(owner, acme, capture(sandbox_world, payment, amount))
        assert flows.read(owner, payment).status == status
    flows.send(owner, acme, void(sandbox_world, payment))
    stored = flows.read(owner, payment)
    assert (stored.status, stored.captured_minor, stored.authorized_minor) == (
        "succeeded",
        3000,
        3000,
    )
    assert [each.state for each in flows.read_operations(owner, payment)] == ["success"] * 4


def test_each_part_has_its_own_fee_and_journal(world: World, held: str) -> None:
    for amount in (2000, 4000):
        tell(world, capture(world, held, amount), Outcome.SUCCESS)
    stored = flows.read(world.owner(), held)
    assert (stored.status, stored.captured_minor) == ("succeeded", 6000)
    balances = flows.balances(world.staff())
    assert sum(amount for code, amount in balances.items() if "revenue:mdr" in code) == -150


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_no_capture(world: World, held: str, amount: int) -> None:
    with pytest.raises(BadInputError, match="more than zero"):
        capture(world, held, amount)


def test_more_than_is_held_is_refused_and_says_what_is_left(world: World, held: str) -> None:
    capture(world, held, 2000)
    with pytest.raises(LimitExceededError, match=r"40\.00 EUR can still be captured"):
        capture(world, held, 4001)
    assert flows.read(world.owner(), held).capture_asked_minor == 2000


def test_a_failed_capture_may_be_asked_for_again(world: World, held: str) -> None:
    tell(world, capture(world, held), Outcome.FAILED)
    stored = flows.read(world.owner(), held)
    assert (stored.status, stored.capture_asked_minor) == ("authorized", 0)
    tell(world, capture(world, held), Outcome.SUCCESS)
    assert flows.read(world.owner(), held).status == "succeeded"


def test_a_voided_authorization_is_closed(world: World, held: str) -> None:
    operation = void(world, held)
    with pytest.raises(IllegalStateError, match="was voided"):
        capture(world, held, 1)
    tell(world, operation, Outcome.SUCCESS)
    assert flows.read(world.owner(), held).status == "canceled"
    with pytest.raises(IllegalStateError, match="was voided"):
        void(world, held)
    with db.reading(world.owner()) as session:
        stored = flows.read(world.owner(), held)
        asked = flows.read_operations(world.owner(), held)
        assert not closing.can_cancel(session, stored)
        assert not attempts.may_try_again(stored, asked)


def test_a_void_that_failed_leaves_the_authorization_open(world: World, held: str) -> None:
    tell(world, void(world, held), Outcome.FAILED)
    tell(world, capture(world, held), Outcome.SUCCESS)
    assert flows.read(world.owner(), held).status == "succeeded"


def test_nothing_is_voided_while_a_capture_is_under_way(world: World, held: str) -> None:
    capture(world, held, 1000)
    with pytest.raises(IllegalStateError, match="under way"):
        void(world, held)


def test_what_is_not_authorized_is_not_captured(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, run=False)
    with pytest.raises(IllegalStateError, match="nothing authorized"):
        capture(world, payment)
    with pytest.raises(NotFoundError):
        capture(world, "pay_00000000000000000000000000")


def test_fifty_captures_and_a_void_at_once_never_pass_what_is_held(
    context: Flask, world: World, held: str
) -> None:
    @db.retry_when_busy
    def ask(number: int) -> int:
        with context.app_context():
            try:
                if number == AT_ONCE // 2:
                    void(world, held)
                    return 0
                capture(world, held, 700)
            except (LimitExceededError, IllegalStateError):
                return 0
        return 700

    with ThreadPoolExecutor(16) as pool:
        taken = sum(pool.map(ask, range(AT_ONCE)))
    stored = flows.read(world.owner(), held)
    assert stored.capture_asked_minor == taken <= 6000
    assert taken == 5600 or stored.void_asked
