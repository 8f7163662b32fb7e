from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from app.services.bulk import running
from tests.services.bulk import files

if TYPE_CHECKING:
    import pytest
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World

ROWS = 40


def test_uploads_of_the_same_rows_run_at_once_pay_each_row_once(
    context: Flask, world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 5)
    rows = [files.card(f"order-{number}") for number in range(ROWS)]
    ids = [
        files.checked(world.owner(), files.text(order)).public_id for order in (rows, rows[::-1])
    ]
    for public_id in ids:
        files.confirm(world.owner(), public_id)
    together = Barrier(2)

    def worker() -> None:
        with context.app_context():
            together.wait()
            files.work()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(worker) for _ in ids]:
            done.result()
    files.end_leases(migrator_engine)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET run_at = '2000-01-01' WHERE queue = 'bulk'")
    files.work()
    states = [
        files.states(world.owner(), files.read(world.owner(), public_id)) for public_id in ids
    ]
    assert sum(state.get("created", 0) for state in states) == ROWS
    assert sum(state.get("already_done", 0) for state in states) == ROWS
    assert len(files.payments(world.owner())) == ROWS
