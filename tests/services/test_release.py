from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import create_engine, select
from sqlalchemy.exc import OperationalError

import config
from app.adapters import crypto, db, migrations
from app.domain.permissions import RoleName
from app.errors import UnavailableError
from app.extensions import db as application
from app.factory import create_worker_app
from app.models import APPEND_ONLY
from app.queries import markers, operations
from app.services import release_marker
from app.services.release import TEST_BOOK, release
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.infra.mariadb import MariaDbServer


@pytest.fixture
def fresh(
    mariadb_server: MariaDbServer,
    mariadb_database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Iterator[Flask]:
    """Yield an application whose database is empty, with a migrator and an application's user."""
    names = {
        "DATABASE_URL": mariadb_server.url(mariadb_database),
        "DATABASE_MIGRATOR_URL": mariadb_server.url(mariadb_database, "migrator"),
        "PAYAGENCY_HOME": str(tmp_path),
    }
    yield from _application(monkeypatch, names)


@pytest.fixture
def fresh_sqlite(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Flask]:
    """Yield an application whose SQLite database does not exist yet."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    yield from _application(monkeypatch, {"PAYAGENCY_HOME": str(tmp_path / "home")})


def _application(monkeypatch: pytest.MonkeyPatch, names: dict[str, str]) -> Iterator[Flask]:
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    config.get.cache_clear()
    crypto.ring.cache_clear()
    app = create_worker_app()
    with app.app_context():
        yield app
        application.engine.dispose()
    monkeypatch.undo()
    config.get.cache_clear()
    crypto.ring.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_a_release_makes_schema_rights_roles_and_marks_itself(mariadb_database: str) -> None:
    assert not release_marker.is_current(demo=False)
    told = list(release(demo=False))
    assert told[0] == f"Schema: at revision {migrations.head()}"
    assert told[1].startswith("Rights: ")
    assert release_marker.is_current(demo=False)
    assert not release_marker.is_current(demo=True)
    with db.reading(TEST_BOOK) as session:
        names = set(session.scalars(select(Role.name)))
        assert operations.shared_connector_account(session, "sandbox") is not None
    assert names == {role.value for role in RoleName}
    assert mariadb_database in config.get().database


@pytest.mark.usefixtures("fresh")
def test_a_release_may_be_made_again() -> None:
    list(release(demo=False))
    again = list(release(demo=False))
    assert not [line for line in again if line.startswith(("Roles", "Sandbox"))]


@pytest.mark.usefixtures("fresh")
def test_the_application_may_not_change_what_is_append_only(subtests: pytest.Subtests) -> None:
    list(release(demo=False))
    statements = (
        "UPDATE {} SET livemode = livemode",
        "DELETE FROM {}",
        "REPLACE INTO {} SELECT * FROM {}",
        "TRUNCATE TABLE {}",
        "DROP TABLE {}",
    )
    for model, text in product(APPEND_ONLY, statements):
        statement = text.replace("{}", model.__tablename__)
        with (
            subtests.test(statement),
            application.engine.connect() as connection,
            pytest.raises(OperationalError, match="command denied"),
        ):
            connection.exec_driver_sql(statement)


@pytest.mark.usefixtures("fresh")
def test_the_application_may_not_change_the_revision() -> None:
    list(release(demo=False))
    with application.engine.connect() as connection:
        assert migrations.current(connection) == migrations.head()
        with pytest.raises(OperationalError, match="command denied"):
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'x'")


@pytest.mark.usefixtures("fresh_sqlite")
def test_on_sqlite_the_file_is_made_with_everything_in_it() -> None:
    assert not release_marker.is_current(demo=False)
    told = list(release(demo=False))
    assert told[0].startswith("Schema")
    assert not [line for line in told if line.startswith("Rights")]
    assert release_marker.is_current(demo=False)


@pytest.mark.usefixtures("fresh_sqlite")
def test_another_seed_or_address_asks_for_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    list(release(demo=False))
    monkeypatch.setenv("SANDBOX_URL", "http://127.0.0.1:1")
    config.get.cache_clear()
    assert not release_marker.is_current(demo=False)


def test_a_database_that_is_down_is_told(
    fresh_sqlite: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fresh_sqlite
    monkeypatch.setenv("DATABASE_URL", f"mysql+pymysql://app:x@127.0.0.1:{free_port()}/payagency")
    config.get.cache_clear()
    assert not release_marker.is_current(demo=False)
    with pytest.raises(UnavailableError, match="Check DATABASE_URL and the server"):
        list(release(demo=False))


def test_the_marker_is_read_without_loading_a_model(fresh_sqlite: Flask) -> None:
    assert fresh_sqlite
    list(release(demo=False))
    engine = create_engine(config.get().database)
    with engine.connect() as connection:
        found = markers.read(connection)
    engine.dispose()
    assert found == {"release": release_marker.value()}
