"""A worker is killed while it releases: what is due is released once all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.processes import Process, eventually
from tests.services import flows
from tests.services.releasing import let_all_be_due, lots_of

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.redis import RedisServer


@pytest.mark.timeout(240)
@pytest.mark.parametrize("failpoint", ["release.before_commit", "release.committed"])
def test_a_release_survives_the_death_of_its_worker(
    failpoint: str,
    sandbox_world: World,
    migrator_engine: Engine,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    assert redis_server.answers()
    payments = [
        flows.pay(owner, sandbox_world.acme, reference=f"order-{number}") for number in range(3)
    ]
    let_all_be_due(migrator_engine)
    with Process(log, "scheduler"):
        eventually(lambda: _hurry(migrator_engine), "the look is planned", log)
        with Process(log, "worker", failpoint=failpoint) as doomed:
            eventually(doomed.died, f"the worker dies at {failpoint}", log)
        with Process(log, "worker"):
            eventually(lambda: _released(sandbox_world, payments), "all is released", log)
    left = {code.split(":")[-2]: amount for code, amount in flows.balances(owner).items()}
    assert left == {"pending": 0, "available": -3 * 5850}


def _hurry(engine: Engine) -> bool:
    """Let the recurring look be due now instead of in a minute."""
    statement = "UPDATE outbox SET run_at = UTC_TIMESTAMP(6) WHERE kind = 'settlement.look'"
    with engine.begin() as connection:
        return bool(connection.exec_driver_sql(statement).rowcount)


def _released(world: World, payments: list[str]) -> bool:
    return all(lot.state == "released" for each in payments for lot in lots_of(world, each))
