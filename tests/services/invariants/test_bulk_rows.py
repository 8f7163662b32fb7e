from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.bulk import files
from tests.services.bulk import test_linking as linking
from tests.services.invariants.planting import found, planted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

PLANTED = (
    ("has no payment", "UPDATE bulk_row SET payment_id = NULL LIMIT 1"),
    ("comes from a file and from no row", "UPDATE bulk_row SET payment_id = NULL LIMIT 1"),
    ("has no payment", "UPDATE bulk_row SET state = 'refused', code = 'x' LIMIT 1"),
    ("has no payment", "UPDATE bulk_row SET reference = 'another' LIMIT 1"),
    ("has no payment", "UPDATE bulk_row SET amount_minor = amount_minor + 1 LIMIT 1"),
    ("counts 3 rows and has 2", "DELETE FROM bulk_row LIMIT 1"),
    ("counts 4 rows and has 3", "UPDATE bulk_upload SET rows_loaded = 4"),
)

PLANTED_AT_LINKS = (
    "UPDATE bulk_row SET payment_link_id = NULL LIMIT 1",
    "UPDATE bulk_row SET state = 'refused', code = 'x' LIMIT 1",
    "UPDATE bulk_row SET currency = 'INR' LIMIT 1",
    "UPDATE payment_link SET amount_minor = amount_minor + 1 LIMIT 1",
)


@pytest.fixture
def uploaded(world: World) -> World:
    """Run a file of three payments, and then one with two of them again and a fourth."""
    files.finished(world.owner(), files.cards(3))
    return world


def test_a_file_that_was_run_twice_in_part_holds(uploaded: World, migrator_engine: Engine) -> None:
    files.finished(uploaded.owner(), files.cards(3, start=2))
    with migrator_engine.connect() as connection:
        assert found(connection, "bulk_rows") == []


@pytest.mark.usefixtures("uploaded")
def test_every_planted_violation_is_found(
    subtests: pytest.Subtests, migrator_engine: Engine
) -> None:
    for words, statement in PLANTED:
        with (
            subtests.test(words, statement=statement),
            planted(migrator_engine, statement) as connection,
        ):
            told = [violation.text for violation in found(connection, "bulk_rows")]
            assert any(words in line for line in told), told


@pytest.mark.parametrize("statement", PLANTED_AT_LINKS)
def test_a_row_without_its_link_is_found(
    world: World, migrator_engine: Engine, statement: str
) -> None:
    files.finished(world.owner(), linking.text([linking.link("inv-7")]))
    with planted(migrator_engine, statement) as connection:
        (told,) = [violation.text for violation in found(connection, "bulk_rows")]
    assert "has no payment or link" in told


@pytest.mark.usefixtures("uploaded")
def test_a_payment_of_two_rows_is_found(migrator_engine: Engine) -> None:
    name = "uq_bulk_row_merchant_id_livemode_payment_id"
    columns = "merchant_id, livemode, payment_id"
    with migrator_engine.connect() as ddl:
        spare = f"ADD INDEX spare ({columns})"
        ddl.exec_driver_sql(f"ALTER TABLE bulk_row {spare}, DROP INDEX {name}")
        both = "UPDATE bulk_row SET payment_id = (SELECT MIN(id) FROM payment) WHERE line <= 3"
        try:
            with planted(migrator_engine, both) as connection:
                told = [violation.text for violation in found(connection, "bulk_rows")]
        finally:
            back = f"ADD UNIQUE {name} ({columns}), DROP INDEX spare"
            ddl.exec_driver_sql(f"ALTER TABLE bulk_row {back}")
    assert "comes from 2 rows" in told
