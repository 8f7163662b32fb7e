"""What the application's database user may not do, tried on MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pymysql
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from app import models
from app.extensions import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

TABLES = [model.__tablename__ for model in models.APPEND_ONLY]
DENIED = {1142, 1227, 1044, 1370}
ATTACKS = {
    "update": "UPDATE {table} SET created_at = created_at",
    "delete": "DELETE FROM {table}",
    "replace": "REPLACE INTO {table} SELECT * FROM {table}",
    "truncate": "TRUNCATE TABLE {table}",
    "drop": "DROP TABLE {table}",
    "alter": "ALTER TABLE {table} ADD COLUMN x INT",
    "on duplicate": "INSERT INTO {table} (id) VALUES (1) ON DUPLICATE KEY UPDATE id = 2",
}


@pytest.fixture
def application(application_url: str) -> Iterator[Connection]:
    """Yield a connection of the application's user."""
    engine = create_engine(application_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_append_only_tables_cannot_be_changed(
    application: Connection, table: str, attack: str
) -> None:
    with pytest.raises((OperationalError, ProgrammingError)) as caught:
        application.exec_driver_sql(ATTACKS[attack].format(table=f"`{table}`"))
    original = caught.value.orig
    assert isinstance(original, pymysql.err.MySQLError)
    assert original.args[0] in DENIED


def test_the_application_can_do_its_work_on_every_table(application: Connection) -> None:
    for table in metadata.tables:
        assert application.exec_driver_sql(f"SELECT COUNT(*) FROM `{table}`").scalar_one() >= 0
        if table not in TABLES:
            application.exec_driver_sql(f"DELETE FROM `{table}` WHERE 1 = 0")


def test_every_table_compares_text_alike(application: Connection) -> None:
    rows = application.exec_driver_sql(
        "SELECT table_name, table_collation FROM information_schema.tables "
        "WHERE table_schema = DATABASE() AND table_name <> 'alembic_version'"
    ).all()
    assert {row[1] for row in rows} == {"utf8mb4_unicode_520_ci"}
    assert len(rows) == len(metadata.tables)
