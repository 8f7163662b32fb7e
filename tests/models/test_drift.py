"""The migrations make exactly the tables of the models, on MariaDB and on SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import create_engine

from app.adapters import migrations

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def _differences(engine: Engine) -> None:
    """Raise where the models and the database differ."""
    settings = migrations.configuration()
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.check(settings)


def test_models_and_migrations_agree_on_mariadb(migrator_engine: Engine) -> None:
    _differences(migrator_engine)


def test_models_and_migrations_agree_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'drift.sqlite3'}"
    migrations.upgrade(url)
    engine = create_engine(url)
    _differences(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE merchant ADD COLUMN forgotten INTEGER")
    with pytest.raises(Exception, match="forgotten"):
        _differences(engine)
    engine.dispose()


def test_the_migrations_can_be_taken_back_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'back.sqlite3'}"
    migrations.upgrade(url)
    engine = create_engine(url)
    settings = migrations.configuration()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        left = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        assert {row[0] for row in left} <= {"alembic_version", "sqlite_sequence"}
    engine.dispose()


def test_a_revision_of_a_later_release_is_newer() -> None:
    assert migrations.is_newer("9999_not_here_yet")
    assert not migrations.is_newer(migrations.head())
    assert not migrations.is_newer("")
