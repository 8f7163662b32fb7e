from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

import config
from app.adapters import clock, db, queue
from app.domain.actors import Actor
from app.services import health
from app.services.release import SCHEMA_TABLE
from tests.fixtures.application import DATABASE
from tests.infra.ports import free_port
from tests.services import flows

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

    from tests.fixtures.application import World
    from tests.infra.mariadb import MariaDbServer
    from tests.infra.redis import RedisServer

HOUSE = Actor.house(None, "test")


@pytest.fixture
def may_read_revision(mariadb_server: MariaDbServer, context: Flask) -> None:
    """Give the right that the release command gives."""
    assert context
    mariadb_server.execute(f"GRANT SELECT ON {DATABASE}.{SCHEMA_TABLE} TO 'app'@'127.0.0.1'")


def ready(difference: timedelta = timedelta()) -> dict[str, health.Finding]:
    with db.reading(HOUSE) as session:
        found = health.ready(session, clock.now() + difference)
    return {finding.name: finding for finding in found}


@pytest.mark.usefixtures("may_read_revision")
def test_all_is_ready(redis_server: RedisServer) -> None:
    assert redis_server.answers()
    found = ready()
    assert [(name, each.ok, each.way_out) for name, each in found.items()] == [
        ("database", True, ""),
        ("migrations", True, ""),
        ("redis", True, ""),
    ]


@pytest.mark.usefixtures("may_read_revision")
def test_without_redis_payments_are_taken_and_it_is_told(
    sandbox_world: World, redis_server: RedisServer
) -> None:
    redis_server.kill()
    queue.connection.cache_clear()
    found = ready()
    assert not found["redis"].ok
    assert not found["redis"].needed
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    assert flows.read(sandbox_world.owner(), payment).status == "succeeded"


@pytest.mark.usefixtures("may_read_revision")
@pytest.mark.parametrize("seconds", [-3, 3])
def test_a_clock_that_differs_is_told(seconds: int) -> None:
    finding = ready(timedelta(seconds=seconds))["database"]
    assert not finding.ok
    assert "its clock differs by 3.0 s" in finding.detail


def test_a_database_that_is_not_migrated_is_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/empty.sqlite3")
    with Session(engine) as session:
        finding = health.ready(session, clock.now())[1]
    engine.dispose()
    assert finding.name == "migrations"
    assert finding.detail.startswith("the database is at nothing, not at ")
    assert finding.way_out == "Run: python run.py release"


def test_a_database_that_is_down_is_told_without_its_password() -> None:
    url = f"mysql+pymysql://app:hunter2@127.0.0.1:{free_port()}/payagency"
    with Session(create_engine(url)) as session:
        findings = health.ready(session, clock.now())
    assert [each.ok for each in findings[:2]] == [False, False]
    assert "Connection refused" in findings[0].detail
    assert "hunter2" not in "".join(each.detail for each in findings)


@pytest.mark.usefixtures("may_read_revision")
def test_a_replica_that_is_down_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"mysql+pymysql://app:secret@127.0.0.1:{free_port()}/payagency"
    monkeypatch.setenv("DATABASE_REPLICA_URL", url)
    config.get.cache_clear()
    with db.reading(HOUSE) as session:
        found = {each.name: each for each in health.examine(session, clock.now())}
    monkeypatch.undo()
    config.get.cache_clear()
    assert not found["replica"].ok
    assert found["replica"].way_out == "Check DATABASE_REPLICA_URL, or leave it empty."


@pytest.mark.usefixtures("may_read_revision")
def test_a_folder_that_cannot_be_written_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STORAGE_URL", f"file://{tmp_path}/file")
    config.get.cache_clear()
    with db.reading(HOUSE) as session:
        found = {each.name: each for each in health.examine(session, clock.now())}
    monkeypatch.undo()
    config.get.cache_clear()
    assert not found["storage"].ok
    assert found["storage"].way_out == "Check STORAGE_URL and the rights on that folder."
