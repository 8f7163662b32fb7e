from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

import config
from app.adapters import clock, db, queue
from app.errors import BadInputError, DatabaseBusyError
from app.jobs import queues, schedule
from app.queries import outbox
from app.services import leadership
from tests.services import flows

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.redis import RedisServer

SWEEP_SECONDS = 5


def _wait(world: World, reference: str) -> None:
    """Leave a payment that nobody was told of."""
    flows.pay(world.owner(), world.acme, run=False, head_start_seconds=0.001, reference=reference)
    time.sleep(0.01)


def test_a_sweep_wakes_the_queues_with_something_due(
    world: World, redis_server: RedisServer
) -> None:
    assert schedule.sweep("one", SWEEP_SECONDS) == []
    _wait(world, "forgotten")
    redis_server.flush()
    assert schedule.sweep("one", SWEEP_SECONDS) == ["money"]
    assert queue.queue("money").count == 1


def test_wake_ups_do_not_pile_up_while_no_worker_takes_them(
    world: World, redis_server: RedisServer
) -> None:
    _wait(world, "forgotten")
    redis_server.flush()
    for _ in range(10):
        schedule.sweep("one", SWEEP_SECONDS)
    assert 1 <= queue.queue("money").count <= config.get().payagency_workers


def test_only_the_leader_sweeps_until_its_lease_is_over(
    world: World, redis_server: RedisServer, migrator_engine: Engine
) -> None:
    assert redis_server.answers()
    _wait(world, "forgotten")
    assert schedule.sweep("one", SWEEP_SECONDS) == ["money"]
    assert schedule.sweep("two", SWEEP_SECONDS) == []
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE process_lease SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND"
        )
    assert schedule.sweep("two", SWEEP_SECONDS) == ["money"]
    assert schedule.sweep("one", SWEEP_SECONDS) == []


def test_of_ten_that_begin_at_once_one_leads(context: Flask) -> None:
    led: list[str] = []
    gate = threading.Barrier(10)

    def begin(owner: str) -> None:
        gate.wait()
        # A deadlock is an answer too: the loop tries again with its next sweep.
        with (
            context.app_context(),
            suppress(DatabaseBusyError),
            db.unit_of_work(schedule.SCHEDULER) as session,
        ):
            if leadership.lead(session, clock.now(), "loop", owner, 60):
                led.append(owner)

    threads = [threading.Thread(target=begin, args=(f"p{n}",)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(led) == 1


def test_without_redis_nothing_is_lost_and_nothing_fails(
    world: World, redis_server: RedisServer
) -> None:
    _wait(world, "kept")
    redis_server.kill()
    queue.connection.cache_clear()
    assert schedule.sweep("one", SWEEP_SECONDS) == []
    with db.reading(schedule.SCHEDULER) as session:
        assert outbox.queues_due(session) == ["money"]
    redis_server.start()
    assert schedule.sweep("one", SWEEP_SECONDS) == ["money"]


@pytest.mark.usefixtures("world")
def test_the_loop_survives_a_failed_sweep_and_gives_up_the_lead_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, sweeps = threading.Event(), []

    def sweep(owner: str, seconds: float) -> list[str]:
        sweeps.append(owner)
        if len(sweeps) == 1:
            raise OperationalError("SELECT 1", {}, Exception("gone"))
        stop.set()
        return real(owner, seconds)

    real = schedule.sweep
    monkeypatch.setattr(schedule, "sweep", sweep)
    schedule.run(0.01, stop)
    assert len(sweeps) == 2
    time.sleep(0.01)
    monkeypatch.undo()
    with db.unit_of_work(schedule.SCHEDULER) as session:
        assert leadership.lead(session, clock.now(), schedule.NAME, "next", 5)


def test_an_unknown_queue_is_refused_by_name() -> None:
    with pytest.raises(BadInputError, match="there is no queue monye"):
        queues.chosen(["monye"])
    assert queues.chosen([]) == ("money", "bulk", "default", "webhooks")
    assert queues.chosen(["bulk"]) == ("bulk",)
