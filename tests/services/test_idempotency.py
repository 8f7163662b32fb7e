"""One key, one effect: many at once, after a crash, with another body, and forgotten in the end."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.errors import (
    BadInputError,
    IdempotencyInFlightError,
    IdempotencyMismatchError,
    LimitExceededError,
)
from app.jobs.handlers import HANDLERS
from app.models import IdempotencyKey, Payment
from app.services import execute, idempotency, leases, recurring
from app.services.payments import NewPayment
from app.views import payment_commands
from app.views.once import Command, once
from tests.services import flows

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from tests.fixtures.application import World

AT_ONCE = 50
ASKED = NewPayment(
    amount=Money(6000, "EUR"),
    method="card",
    reference="order-1",
    origin="form",
    card_token="tok_approve",
)


def _count(world: World, model: type[Payment | IdempotencyKey]) -> int:
    with db.reading(world.staff()) as session:
        return int(session.scalar(select(func.count()).select_from(model)) or 0)


def _ask(world: World, key: str, asked: NewPayment = ASKED) -> payment_commands.Asked:
    return payment_commands.ask_payment(world.owner(), key, asked)


def test_fifty_requests_with_one_key_make_one_payment(context: Flask, sandbox_world: World) -> None:
    def ask(_number: int) -> str:
        with context.app_context():
            try:
                made = _ask(sandbox_world, "key-1")
            except IdempotencyInFlightError as error:
                return f"in flight {error.data['object_id']}"
        return f"{'again' if made.is_replay else 'made'} {made.payment_id}"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(AT_ONCE)))
    counted = Counter(answer.rpartition(" ")[0] for answer in answers)
    assert counted["made"] == 1
    assert len({answer.rpartition(" ")[2] for answer in answers}) == 1
    assert _count(sandbox_world, Payment) == _count(sandbox_world, IdempotencyKey) == 1
    payment = flows.read(sandbox_world.owner(), answers[0].rpartition(" ")[2])
    assert (payment.status, payment.captured_minor) == ("succeeded", 6000)


class _KilledError(BaseException):
    """What ends a process in the middle."""


def test_after_a_crash_the_object_is_answered_once_the_lease_is_over(
    sandbox_world: World, monkeypatch: pytest.MonkeyPatch, migrator_engine: Engine
) -> None:
    def killed(*_arguments: object, **_names: object) -> None:
        # Killed, it cannot end its lease either.
        monkeypatch.setattr(idempotency, "finish", lambda *_a, **_n: None)
        raise _KilledError

    with monkeypatch.context() as patch:
        patch.setattr(execute, "run_now", killed)
        with pytest.raises(_KilledError):
            _ask(sandbox_world, "key-1")
    with pytest.raises(IdempotencyInFlightError) as refused:
        _ask(sandbox_world, "key-1")
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE idempotency_key SET lease_until = created_at")
    again = _ask(sandbox_world, "key-1")
    assert again.is_replay
    assert again.payment_id == refused.value.data["object_id"]
    assert flows.read(sandbox_world.owner(), again.payment_id).status == "processing"
    assert _count(sandbox_world, Payment) == 1


def test_another_body_is_refused_and_an_answered_request_is_replayed(
    sandbox_world: World,
) -> None:
    made = _ask(sandbox_world, "key-1")
    assert _ask(sandbox_world, "key-1") == payment_commands.Asked(made.payment_id, is_replay=True)
    with pytest.raises(IdempotencyMismatchError):
        _ask(sandbox_world, "key-1", replace(ASKED, reference="order-2"))


def test_what_is_refused_is_not_stored(sandbox_world: World) -> None:
    made = _ask(sandbox_world, "key-1")
    paid = flows.read(sandbox_world.owner(), made.payment_id)

    def refund(amount: int) -> payment_commands.Asked:
        return payment_commands.ask_refund(
            sandbox_world.owner(), "key-2", paid, amount, "returned goods"
        )

    with pytest.raises(LimitExceededError):
        refund(60_01)
    assert _count(sandbox_world, IdempotencyKey) == 1
    assert not refund(60_00).is_replay
    assert refund(60_00).is_replay
    assert flows.read(sandbox_world.owner(), made.payment_id).refunded_minor == 6000


def test_what_is_complete_with_its_commit_is_never_in_flight(world: World) -> None:
    command = Command(
        actor=world.owner(), key="key-1", merchant_id=world.acme, path="/x", body={"a": 1}
    )

    def write(_session: Session, _now: datetime) -> tuple[str, str]:
        return "obj_1", "made"

    first, second = once(command, write), once(command, write)
    assert (first.object_id, first.made, first.is_replay) == ("obj_1", "made", False)
    assert (second.object_id, second.made, second.is_replay) == ("obj_1", None, True)


def test_keys_of_merchants_and_books_never_meet(world: World) -> None:
    for actor, merchant_id in (
        (world.owner(), world.acme),
        (world.stranger(), world.globex),
        (world.owner(livemode=True), world.acme),
    ):
        with db.unit_of_work(actor) as session:
            digest = idempotency.digest("POST", "/x", {})
            taken = idempotency.begin(
                session, clock.now(), "key-1", digest, "obj", merchant_id=merchant_id
            )
            assert taken is None


def test_the_digest_covers_method_path_and_the_body_in_any_order() -> None:
    digest = idempotency.digest
    assert digest("POST", "/a", {"x": 1, "y": 2}) == digest("POST", "/a", {"y": 2, "x": 1})
    others = [("PUT", "/a", {"x": 1}), ("POST", "/b", {"x": 1}), ("POST", "/a", {"x": 2})]
    assert len({digest("POST", "/a", {"x": 1}), *(digest(*each) for each in others)}) == 4


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "a\nb"])
def test_a_key_that_cannot_be_kept_is_refused(world: World, key: str) -> None:
    with db.unit_of_work(world.owner()) as session, pytest.raises(BadInputError):
        idempotency.begin(session, clock.now(), key, b"x" * 32, "obj", merchant_id=world.acme)


def test_keys_are_forgotten_after_31_days_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch, migrator_engine: Engine
) -> None:
    monkeypatch.setattr(idempotency, "MOST_AT_ONCE", 2)
    now = clock.now()
    ages = [timedelta(days=days) for days in (40, 35, 32, 30, 0)]
    for actor, merchant_id in ((world.owner(), world.acme), (world.stranger(), world.globex)):
        with db.unit_of_work(actor) as session:
            for number, age in enumerate(ages):
                idempotency.begin(
                    session, now - age, f"k{number}", b"x" * 32, "obj", merchant_id=merchant_id
                )
    with db.unit_of_work(Actor.house(None, "test")) as session:
        recurring.plan(session, now)
    for _ in range(2):
        with migrator_engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE outbox SET run_at = '2020-01-01' WHERE kind = 'idempotency.expire'"
            )
        leases.drain("default", HANDLERS)
    with db.reading(world.staff()) as session:
        left = Counter(session.scalars(select(IdempotencyKey.key)))
    assert left == {"k3": 2, "k4": 2}
