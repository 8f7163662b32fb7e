"""Where the database's own unique keys stand before the invariant: both are tried."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from tests.services import flows
from tests.services.invariants.planting import found, planted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.fixtures.application import World

# Invariant, table, unique columns, the statement that breaks it.
KEYS = (
    ("provider_keys", "operation", ("provider_key",), "provider_key = 'key_same'"),
    ("task_keys", "outbox", ("job_key",), "job_key = 'same'"),
    (
        "evidence_once",
        "evidence",
        ("connector_account_id", "event_id"),
        "event_id = 'same', operation_id = operation_id",
    ),
)


@contextmanager
def _without_key(engine: Engine, table: str, columns: tuple[str, ...]) -> Iterator[None]:
    name = f"uq_{table}_{'_'.join(columns)}"
    listed = ", ".join(columns)
    spare = f"ADD INDEX spare ({listed}), " if table == "evidence" else ""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} {spare}DROP INDEX {name}")
        try:
            yield
        finally:
            spare = ", DROP INDEX spare" if spare else ""
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD UNIQUE {name} ({listed}){spare}")


@pytest.fixture
def two_payments(sandbox_world: World) -> World:
    for number in range(2):
        flows.pay(sandbox_world.owner(), sandbox_world.acme, reference=f"twice-{number}")
    return sandbox_world


@pytest.mark.usefixtures("two_payments")
@pytest.mark.parametrize("invariant,table,columns,change", KEYS)
def test_a_key_taken_twice_is_refused_and_would_be_found(
    invariant: str, table: str, columns: tuple[str, ...], change: str, migrator_engine: Engine
) -> None:
    with (
        pytest.raises(IntegrityError),
        planted(migrator_engine, f"UPDATE {table} SET {change}"),
    ):
        pass
    with (
        _without_key(migrator_engine, table, columns),
        planted(migrator_engine, f"UPDATE {table} SET {change}") as connection,
    ):
        (violation,) = found(connection, invariant)
        number = connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()
        assert number > 1
        assert str(number) in violation.text
