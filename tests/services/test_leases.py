"""Leases and their fence, by the database's clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.adapters import db
from app.domain.actors import Actor
from app.domain.operations import OperationState
from app.models import Evidence, Outbox
from app.queries import operations, outbox
from app.services import execute, leases
from app.services.outbox import operation_key
from tests.services import flows

if TYPE_CHECKING:
    import pytest

    from app.providers.base import ProviderAnswer
    from app.queries.outbox import Lease
    from tests.fixtures.application import World

HOUSE = Actor.house(None, "test")


def _lease(world: World, seconds: float = 30) -> Lease:
    payment = flows.pay(world.owner(), world.acme, run=False)
    operation = flows.read_operations(world.owner(), payment)[0]
    with db.unit_of_work(HOUSE) as session:
        lease = outbox.lease_now(session, operation_key(operation.public_id), "first", seconds)
    assert lease is not None
    return lease


def test_a_live_lease_is_not_given_twice_and_an_ended_one_is(world: World) -> None:
    lease = _lease(world, seconds=0.3)
    with db.unit_of_work(HOUSE) as session:
        assert outbox.lease(session, lease.outbox_id, "second", 30) is None
    time.sleep(0.4)
    with db.unit_of_work(HOUSE) as session:
        again = outbox.lease(session, lease.outbox_id, "second", 30)
    assert again is not None
    assert again.attempt == lease.attempt + 1
    with db.unit_of_work(HOUSE) as session:
        assert not outbox.renew(session, lease, 30)
        assert not outbox.finish(session, lease)


def test_a_worker_whose_lease_was_taken_stores_its_answer_and_stops(
    sandbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = _lease(sandbox_world, seconds=0.1)
    conclude = execute._conclude

    def taken_over(held: Lease, actor: Actor, plan: execute._Plan, answer: ProviderAnswer) -> None:
        with db.unit_of_work(HOUSE) as session:
            assert outbox.lease(session, lease.outbox_id, "second", 30) is not None
        conclude(held, actor, plan, answer)

    time.sleep(0.2)
    monkeypatch.setattr(execute, "_conclude", taken_over)
    execute.run_operation(lease)
    with db.reading(sandbox_world.staff()) as session:
        assert session.query(Evidence).count() == 1
        assert session.query(Outbox).one().lease_owner == "second"
    operation = _operation(sandbox_world, lease)
    assert operation == OperationState.INIT


def _operation(world: World, lease: Lease) -> str:
    with db.reading(world.staff()) as session:
        found = operations.get(session, lease.ref)
        assert found is not None
        return str(found.state)


def test_a_failing_handler_keeps_the_reason_and_comes_back(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, run=False)
    assert payment
    with db.unit_of_work(HOUSE) as session:
        session.query(Outbox).update({"run_at": Outbox.created_at})

    def broken(_lease: Lease) -> None:
        raise RuntimeError("card 4242 4242 4242 4242 broke it")

    assert leases.drain("money", {"operation": broken}) == 1
    with db.reading(world.staff()) as session:
        row = session.query(Outbox).one()
    assert row.state == "waiting"
    assert row.error is not None
    assert "RuntimeError" in row.error
    assert "4242 4242" not in row.error
