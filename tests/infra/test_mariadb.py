from __future__ import annotations

from typing import TYPE_CHECKING

import pymysql
import pytest
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from tests.infra.mariadb import MariaDbReplica, MariaDbServer


def test_an_acknowledged_commit_survives_a_kill(
    mariadb_server: MariaDbServer, mariadb_database: str
) -> None:
    table = f"`{mariadb_database}`.kept"
    mariadb_server.execute(f"CREATE TABLE {table} (n INT)", f"INSERT INTO {table} VALUES (7)")

    mariadb_server.kill()
    assert not mariadb_server.answers()
    mariadb_server.start()

    assert mariadb_server.execute(f"SELECT n FROM {table}") == [{"n": 7}]


def test_the_application_user_has_no_right_before_the_release_command(
    mariadb_server: MariaDbServer, mariadb_database: str
) -> None:
    engine = create_engine(mariadb_server.url(mariadb_database, "app"))
    with pytest.raises(Exception, match="Access denied") as refused:
        engine.connect()
    engine.dispose()
    assert isinstance(refused.value.__cause__, pymysql.err.OperationalError)


def test_the_migrator_may_create_and_grant(
    mariadb_server: MariaDbServer, mariadb_database: str
) -> None:
    migrator = create_engine(mariadb_server.url(mariadb_database, "migrator"))
    with migrator.begin() as connection:
        connection.execute(text("CREATE TABLE told (word VARCHAR(9))"))
        connection.execute(text("GRANT SELECT, INSERT ON told TO 'app'@'127.0.0.1'"))
    migrator.dispose()

    app = create_engine(mariadb_server.url(mariadb_database, "app"))
    with app.begin() as connection:
        connection.execute(text("INSERT INTO told VALUES ('paid')"))
        collation = connection.execute(text("SELECT @@collation_database")).scalar_one()
    app.dispose()
    assert collation == "utf8mb4_unicode_520_ci"


def test_a_dropped_database_leaves_no_right_behind(mariadb_server: MariaDbServer) -> None:
    for _ in range(2):
        mariadb_server.create_database("again")
        mariadb_server.execute(
            "CREATE TABLE again.t (n INT)", "GRANT SELECT ON again.t TO 'app'@'127.0.0.1'"
        )
        mariadb_server.drop_database("again")
    grants = mariadb_server.execute("SHOW GRANTS FOR 'app'@'127.0.0.1'")
    assert "USAGE" in str(grants[0])
    assert not [grant for grant in grants if "`again`" in str(grant)]


def test_the_replica_follows_and_refuses_writes(mariadb_replica: MariaDbReplica) -> None:
    primary, table = mariadb_replica.primary, "followed.numbers"
    primary.create_database("followed")
    primary.execute(f"CREATE TABLE {table} (n INT)", f"INSERT INTO {table} VALUES (1)")
    mariadb_replica.catch_up()
    assert mariadb_replica.execute(f"SELECT n FROM {table}") == [{"n": 1}]

    primary.execute(f"GRANT ALL ON {table} TO 'app'@'127.0.0.1'")
    mariadb_replica.catch_up()
    engine = create_engine(mariadb_replica.url("followed", "app"))
    with engine.connect() as connection, pytest.raises(Exception, match="read-only"):
        connection.execute(text("INSERT INTO numbers VALUES (2)"))
    engine.dispose()
