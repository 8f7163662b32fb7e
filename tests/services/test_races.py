"""Many at once, on MariaDB: exactly the right number succeed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.actors import Actor
from app.errors import LimitExceededError
from app.queries import outbox
from app.services import idempotency, refunds
from app.services.outbox import operation_key
from tests.services import flows

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World

AT_ONCE = 50


def test_fifty_refunds_at_once_never_pass_what_was_captured(
    context: Flask, sandbox_world: World
) -> None:
    owner = sandbox_world.owner()
    payment = flows.pay(owner, sandbox_world.acme, amount_minor=6000)

    @db.retry_when_busy
    def ask(_number: int) -> bool:
        with context.app_context(), db.unit_of_work(owner) as session:
            try:
                refunds.ask_refund(session, clock.now(), payment, 700, "race")
            except LimitExceededError:
                return False
        return True

    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(ask, range(AT_ONCE)))
    assert done.count(True) == 6000 // 700
    stored = flows.read(owner, payment)
    assert stored.refund_asked_minor == 8 * 700
    held = flows.balances(sandbox_world.staff())
    assert sum(held.values()) == 0
    assert [amount for code, amount in held.items() if "in_refund" in code] == [-5600]


def test_one_of_many_gets_a_lease(context: Flask, world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, run=False)
    key = operation_key(flows.read_operations(world.owner(), payment)[0].public_id)

    def take(number: int) -> bool:
        with context.app_context(), db.unit_of_work(Actor.house(None, "test")) as session:
            return outbox.lease_now(session, key, f"worker-{number}", 30) is not None

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(take, range(AT_ONCE))).count(True) == 1


def test_one_key_makes_one_payment(context: Flask, world: World) -> None:
    owner = world.owner()
    digest = idempotency.digest("POST", "/payments/new", {"amount": "60.00"})

    @db.retry_when_busy
    def begin(number: int) -> str | None:
        with context.app_context(), db.unit_of_work(owner) as session:
            return idempotency.begin(
                session, clock.now(), "form-1", digest, f"pay_{number}", merchant_id=world.acme
            )

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(begin, range(AT_ONCE)))
    assert answers.count(None) == 1
    assert set(answers) - {None} == {f"pay_{answers.index(None)}"}
