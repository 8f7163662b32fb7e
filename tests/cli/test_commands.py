"""The commands in process, on MariaDB; what `flask` itself adds is tried in test_programs.py."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import config
from app.adapters import db
from app.adapters import queue as wakeups
from app.cli.base import COMMAND_LINE
from app.domain.permissions import RoleName
from app.queries import accounts, actors, audit
from app.queries.listing import Window
from app.services.release import SCHEMA_TABLE
from app.services.roles import sync_roles
from tests.fixtures.application import DATABASE, NOW
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.mariadb import MariaDbServer
    from tests.infra.redis import RedisServer
    from tests.infra.sandbox import SandboxServer

    Run = Callable[..., Result]

PASSWORD = "a sentence of several words"


@pytest.fixture
def run(web_app: Flask, empty_database: Engine) -> Run:
    """Return a function that runs one command; errors other than exits are raised."""
    assert empty_database

    def invoke(*words: str) -> Result:
        runner = web_app.test_cli_runner()
        return runner.invoke(args=["payagency", *words], catch_exceptions=False)

    return invoke


@pytest.fixture
def in_order(
    sandbox_server: SandboxServer,
    mariadb_server: MariaDbServer,
    monkeypatch: pytest.MonkeyPatch,
    environment: object,
) -> Iterator[None]:
    """Let the sandbox be found, and the revision be read as after the release command."""
    assert environment
    revision = f"{DATABASE}.{SCHEMA_TABLE}"
    mariadb_server.execute(f"GRANT SELECT ON {revision} TO 'app'@'127.0.0.1'")
    monkeypatch.setenv("SANDBOX_URL", sandbox_server.url)
    config.get.cache_clear()
    yield
    monkeypatch.undo()
    config.get.cache_clear()


@pytest.mark.usefixtures("in_order")
def test_doctor_finds_everything_in_order(run: Run, redis_server: RedisServer) -> None:
    assert redis_server.answers()
    result = run("doctor")
    lines = result.output.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [
        "configuration",
        "database",
        "migrations",
        "texts",
        "redis",
        "storage",
        "keys",
        "mail",
        "sandbox",
    ]
    assert [line for line in lines if not line.startswith("ok ")] == []
    assert result.exit_code == 0


@pytest.mark.usefixtures("in_order")
def test_doctor_names_what_is_down_and_the_way_out(run: Run, redis_server: RedisServer) -> None:
    redis_server.kill()
    wakeups.connection.cache_clear()
    result = run("doctor")
    failed = [line for line in result.output.splitlines() if line.startswith("FAIL")]
    (line,) = failed
    assert line == (
        "FAIL redis: does not answer; tasks are kept and wait in the database – "
        "Start the server that REDIS_URL names."
    )
    assert result.exit_code == 1


def test_doctor_finds_a_table_that_is_not_utf8mb4(
    run: Run, mariadb_server: MariaDbServer, environment: object
) -> None:
    assert environment
    mariadb_server.execute("CREATE TABLE payagency_app.old (t CHAR(3)) CHARACTER SET latin1")
    mariadb_server.execute("GRANT SELECT ON payagency_app.old TO 'app'@'127.0.0.1'")
    try:
        result = run("doctor")
    finally:
        mariadb_server.execute("DROP TABLE payagency_app.old")
    assert "FAIL texts: not utf8mb4: old, old.t" in result.output


def test_a_merchant_and_its_owner_are_created(run: Run, web_app: Flask) -> None:
    with web_app.app_context(), db.unit_of_work(COMMAND_LINE) as session:
        sync_roles(session, NOW)
    made = run(
        *("merchant", "create", "--key", "initech", "--name", "Initech", "--country", "US"),
        *("--currency", "USD", "--timezone", "America/Chicago"),
    )
    assert made.output.startswith("Created merchant initech (mer_")
    made = run(
        *("user", "create", "--username", "initech-owner", "--first-name", "Bill"),
        *("--last-name", "Lumbergh", "--email", "bill@example.com", "--password", PASSWORD),
        *("--role", "Merchant owner", "--merchant", "initech"),
    )
    assert made.output == "Created user initech-owner with the role Merchant owner.\n"
    with web_app.app_context(), db.reading(COMMAND_LINE) as session:
        user = actors.user_by_name(session, "initech-owner")
        assert user is not None
        assert [role.name for role in user.roles] == [RoleName.MERCHANT_OWNER]
        assert [row.merchant.key for row in accounts.memberships(session, user.id)] == ["initech"]


def test_a_user_of_an_unknown_merchant_is_refused_in_one_line(run: Run, web_app: Flask) -> None:
    result = run(
        *("user", "create", "--username", "x-owner", "--first-name", "X", "--last-name", "Y"),
        *("--email", "x@example.com", "--password", PASSWORD),
        *("--role", "Merchant owner", "--merchant", "nobody"),
    )
    assert result.exit_code == 1
    assert result.stderr == "Not found: There is no merchant nobody. Create it first.\n"
    with web_app.app_context(), db.reading(COMMAND_LINE) as session:
        assert actors.user_by_name(session, "x-owner") is None


def test_a_merchant_that_exists_is_refused_in_one_line(run: Run) -> None:
    words = ("merchant", "create", "--key", "acme", "--name", "Acme", "--country", "IN")
    assert run(*words, "--currency", "INR").exit_code == 0
    again = run(*words, "--currency", "INR")
    assert again.exit_code == 1
    assert len(again.stderr.splitlines()) == 1
    assert "Traceback" not in again.output


def test_the_invariants_hold_and_reading_all_books_is_audited(
    run: Run, sandbox_world: World, web_app: Flask
) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    result = run("invariants", "--json")
    report = json.loads(result.stdout)
    assert report["holds"] is True
    assert {item["name"] for item in report["invariants"]} >= {"ledger_zero", "tenants"}
    assert result.exit_code == 0
    with web_app.app_context(), db.reading(sandbox_world.staff()) as session:
        wanted = audit.AuditFilter(action="books.read_all")
        (entry,) = audit.page(session, wanted, Window(limit=10)).rows
    assert entry.sentence == "Read all merchants' rows: flask payagency invariants"


def test_a_broken_invariant_is_told_with_exit_code_1(
    run: Run, sandbox_world: World, migrator_engine: Engine
) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET status = 'failed'")
    result = run("invariants")
    assert result.exit_code == 1
    assert "FAIL payment_summaries" in result.stdout
    assert f"{payment}: is stored as failed, its operations say succeeded" in result.stdout


def test_the_ledger_is_verified_now_and_as_of_a_moment(run: Run, sandbox_world: World) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme, amount_minor=6000)
    assert "ok   test EUR: debits 60.00, credits 60.00" in run("ledger", "verify").output
    before = run("ledger", "verify", "--as-of", "2020-01-01T00:00:00Z")
    assert before.output == "0 totals and 3 balances as of 2020-01-01T00:00:00+00:00\n"
    since = run("ledger", "verify", "--as-of", "2100-01-01T00:00:00Z").output
    assert "     test revenue:mdr: 1.50 EUR\n" in since
    assert ":pending: 58.50 EUR\n" in since


def test_a_ledger_that_does_not_balance_is_told(
    run: Run, sandbox_world: World, migrator_engine: Engine
) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme, amount_minor=6000)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ledger_line SET amount_minor = 6100 WHERE amount_minor = 6000"
        )
    result = run("ledger", "verify")
    assert "FAIL test EUR: debits 61.00, credits 60.00" in result.output
    assert ": is off by 1.00 EUR" in result.output
    assert "lines until then say 6100, the balance 6000 less lines since of 0" in result.output
    assert result.exit_code == 1


def test_a_moment_that_is_none_is_refused_with_an_example(run: Run) -> None:
    result = run("ledger", "verify", "--as-of", "yesterday")
    assert result.stderr == (
        "This cannot be used: --as-of: is no moment. Write it as 2027-03-31T23:59:59Z.\n"
    )
    assert result.exit_code == 1
