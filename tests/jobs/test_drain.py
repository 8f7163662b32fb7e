from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import queue
from app.cli.supervisor import Supervisor
from app.jobs.drain import drain
from app.jobs.handlers import HANDLERS
from app.services import leases
from app.services.bulk.uploads import QUEUE as BULK_QUEUE
from app.services.invariants.tasks_end import KINDS
from app.services.operations import MONEY_QUEUE
from config import QUEUES, Settings
from tests.services import flows

if TYPE_CHECKING:
    import pytest

    from tests.fixtures.application import World
    from tests.infra.redis import RedisServer


def test_every_kind_of_task_has_a_handler() -> None:
    assert set(HANDLERS) == KINDS


def test_every_queue_has_a_worker() -> None:
    assert {MONEY_QUEUE, BULK_QUEUE} <= set(QUEUES)
    for workers in (1, 2, 5):
        settings = Settings(_env_file=None, payagency_workers=workers)
        supervisor = Supervisor(settings)
        listening = [supervisor.queues(number) for number in range(1, workers + 1)]
        assert {name for names in listening for name in names} == set(QUEUES)
        assert all(MONEY_QUEUE in names for names in listening)


def test_of_several_workers_one_never_takes_files() -> None:
    supervisor = Supervisor(Settings(_env_file=None, payagency_workers=3))
    assert "bulk" not in supervisor.queues(1)


def test_what_is_due_is_run_once(sandbox_world: World, redis_server: RedisServer) -> None:
    assert redis_server.answers()
    owner = sandbox_world.owner()
    payment = flows.pay(owner, sandbox_world.acme, run=False, head_start_seconds=0)
    assert drain("money") == 1
    assert flows.read(owner, payment).status == "succeeded"
    assert drain("money") == 0


def test_a_full_drain_wakes_the_queue_again(
    sandbox_world: World, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = sandbox_world.owner()
    for number in range(3):
        flows.pay(
            owner,
            sandbox_world.acme,
            run=False,
            head_start_seconds=0,
            reference=f"full-{number}",
        )
    monkeypatch.setattr(leases, "MOST_PER_DRAIN", 2)
    redis_server.flush()
    assert drain("money") == 2
    assert queue.queue("money").count == 1
    redis_server.flush()
    assert drain("money") == 1
    assert queue.queue("money").count == 0
