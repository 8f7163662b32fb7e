"""A worker is killed with its children at each failpoint: every operation exactly once."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db, failpoints, queue
from app.domain.actors import Actor
from app.services import captures, refunds
from app.services.invariants import registry
from tests.faults.processes import Process, eventually
from tests.services import agreement, flows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.redis import RedisServer
    from tests.infra.sandbox import SandboxServer

EXECUTE = (
    "execute.leased",
    "execute.before_call",
    "execute.after_call",
    "execute.evidence_stored",
    "execute.before_commit",
    "execute.committed",
)


ENDS = {
    "purchase": "succeeded",
    "authorize": "authorized",
    "capture": "succeeded",
    "void": "canceled",
    "refund": "partially_refunded",
}
# Killing processes takes seconds each: one kind a failpoint in every run, the rest at full scale.
REAL = list(
    zip(["purchase", "capture", "refund", "void", "authorize", "refund"], EXECUTE, strict=True)
)
ALL = (
    [each for each in itertools.product(ENDS, EXECUTE) if each not in REAL]
    if os.environ.get("SCALE") == "full"
    else []
)


@pytest.fixture
def asked(sandbox_world: World, kind: str) -> str:
    """A payment with one operation of `kind` that nobody has sent yet."""
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    manual = "automatic" if kind in {"purchase", "refund"} else "manual"
    sent = kind not in {"purchase", "authorize"}
    payment = flows.pay(owner, acme, capture=manual, run=sent, head_start_seconds=0)
    with db.unit_of_work(owner) as session:
        if kind == "capture":
            captures.ask_capture(session, clock.now(), payment, None)
        elif kind == "void":
            captures.ask_void(session, clock.now(), payment, "not needed")
        elif kind == "refund":
            refunds.ask_refund(session, clock.now(), payment, 2500, "returned goods")
    return payment


def _agree(sandbox: SandboxServer) -> None:
    """The provider's own log and our books tell the same, and every invariant holds."""
    with db.reading(Actor.house(None, "test")) as session:
        session.info["unscoped"] = "test"
        assert agreement.differences(session, sandbox.log().effects) == []
        assert [each for each in registry.check_all(session) if each.violations] == []


@pytest.mark.parametrize("kind, failpoint", [*REAL, *ALL])
def test_an_operation_survives_the_death_of_its_worker(
    kind: str,
    failpoint: str,
    asked: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    assert redis_server.answers()
    with Process(log, "worker", failpoint=failpoint) as doomed:
        eventually(doomed.died, f"the worker dies at {failpoint}", log)
    with Process(log, "worker"), Process(log, "scheduler"):
        ended = f"the {kind} ends"
        eventually(lambda: flows.read(owner, asked).status == ENDS[kind], ended, log)
    _agree(sandbox_server)


class Vanished(BaseException):
    """The process is gone: nothing after this line of it happens."""


@pytest.mark.parametrize("kind", ENDS)
@pytest.mark.parametrize("failpoint", EXECUTE)
def test_an_operation_whose_worker_vanishes_is_done_once(
    kind: str,
    failpoint: str,
    asked: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same at every point of every kind, within the process: an exception nobody catches."""
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    operation = flows.read_operations(owner, asked)[-1].public_id

    def vanish(name: str) -> None:
        if name == failpoint:
            raise Vanished

    with monkeypatch.context() as patch, pytest.raises(Vanished):
        patch.setattr(failpoints, "hit", vanish)
        flows.send(owner, acme, operation)
    with migrator_engine.begin() as connection:
        past = "UPDATE outbox SET lease_until = '2020-01-01' WHERE lease_until IS NOT NULL"
        connection.exec_driver_sql(past)
    flows.send(owner, acme, operation)
    assert flows.read(owner, asked).status == ENDS[kind]
    _agree(sandbox_server)


def test_an_emptied_queue_loses_nothing(
    sandbox_world: World, redis_server: RedisServer, tmp_path: Path
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    payments = [
        flows.pay(
            owner,
            sandbox_world.acme,
            run=False,
            head_start_seconds=0,
            reference=f"flushed-{number}",
        )
        for number in range(20)
    ]
    redis_server.flush()
    assert queue.queue("money").count == 0
    with Process(log, "scheduler"), Process(log, "worker"):
        eventually(
            lambda: all(flows.read(owner, each).status == "succeeded" for each in payments),
            "all payments succeed",
            log,
        )
