"""A worker is killed with its children at each failpoint: every payment exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import queue
from tests.faults.processes import Process, eventually
from tests.services import flows

if TYPE_CHECKING:
    from pathlib import Path

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


def _charged(sandbox: SandboxServer, payment: str) -> list[int]:
    """Return the amounts that the provider really took for a payment."""
    return [
        effect["amount_minor"]
        for effect in sandbox.log().effects
        if effect["our_reference"] == payment and effect["kind"] == "purchase"
    ]


@pytest.mark.parametrize("failpoint", EXECUTE)
def test_a_payment_survives_the_death_of_its_worker(
    failpoint: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    assert redis_server.answers()
    payment = flows.pay(owner, sandbox_world.acme, run=False, head_start_seconds=0)
    with Process(log, "worker", failpoint=failpoint) as doomed:
        eventually(doomed.died, f"the worker dies at {failpoint}", log)
    with Process(log, "worker"), Process(log, "scheduler"):
        eventually(
            lambda: flows.read(owner, payment).status == "succeeded", "the payment succeeds", log
        )
    assert _charged(sandbox_server, payment) == [6000]
    totals = flows.balances(sandbox_world.staff())
    assert {code.split(":")[-2]: amount for code, amount in totals.items()} == {
        "receivable": 6000,
        "pending": -5850,
        "mdr": -150,
    }


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
