"""Invariants are checked over all that was ever written: no join may look at each row for each."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from app.services.invariants import registry
from tests.services.bulk import files
from tests.services.invariants.planting import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine, RowMapping
    from sqlalchemy.engine import Connection

    from tests.fixtures.application import World

    Values = tuple[Any, ...] | dict[str, Any]


@contextmanager
def _heard(connection: Connection) -> Iterator[list[tuple[str, Values]]]:
    """Note what is asked of the database, word for word."""
    asked: list[tuple[str, Values]] = []

    def note(_conn: object, _cursor: object, said: str, values: Values, *_more: object) -> None:
        asked.append((said, values))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _is_a_scan(step: RowMapping) -> bool:
    """Whether a step reads a whole table and could not do otherwise, however large that is."""
    return step["type"] in {"ALL", "index"} and not step["possible_keys"]


def _scans(connection: Connection, statement: str, values: Values) -> list[str]:
    """Return the tables that a statement would read whole for each row of another.

    In small tables the order of an inner join is chosen by chance; one of the two must do.
    """
    as_written = statement.replace("SELECT", "SELECT STRAIGHT_JOIN", 1)
    found = _scans_of(connection, statement, values)
    return found and _scans_of(connection, as_written, values)


def _scans_of(connection: Connection, statement: str, values: Values) -> list[str]:
    steps = connection.exec_driver_sql(f"EXPLAIN {statement}", values).mappings().all()
    seen: set[int] = set()
    scans = []
    for step in steps:
        is_joined = step["id"] in seen
        seen.add(step["id"])
        if is_joined and _is_a_scan(step):
            scans.append(f"{step['table']} in {statement}")
    return scans


def test_every_join_of_an_invariant_has_a_key(world: World, migrator_engine: Engine) -> None:
    files.finished(world.owner(), files.cards(3))
    with migrator_engine.connect() as connection:
        with _heard(connection) as asked:
            for invariant in registry.INVARIANTS:
                found(connection, invariant.name)
        assert len(asked) >= len(registry.INVARIANTS)
        assert [scan for each in asked for scan in _scans(connection, *each)] == []


def test_a_join_without_a_key_is_found(world: World, migrator_engine: Engine) -> None:
    del world
    quadratic = (
        "SELECT payment.id FROM payment LEFT JOIN bulk_row ON bulk_row.payment_id = payment.id"
    )
    with migrator_engine.connect() as connection:
        assert [scan.split()[0] for scan in _scans(connection, quadratic, ())] == ["bulk_row"]
