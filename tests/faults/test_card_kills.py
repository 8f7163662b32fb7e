"""A request dies with an encrypted card in its memory: nothing is sent twice, nothing is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, failpoints
from app.services import evidence
from tests.faults.processes import Process, eventually
from tests.services import flows, opened

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer

UNSENT = ("intent.committed", "execute.leased")
SENT = ("execute.after_call", "execute.evidence_stored", "execute.before_commit")


class Vanished(BaseException):
    """The process is gone: nothing after this line of it happens."""


def _die(
    world: World,
    server: SandboxServer,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    failpoint: str,
) -> tuple[str, str]:
    """Start an attempt by an encrypted card and die; returns payment and operation."""
    owner = world.owner()
    payment = opened.ask(owner, world.acme)
    cards = opened.sealed(server)
    operation = opened.attempt(owner, payment, cards=cards)

    def vanish(name: str) -> None:
        if name == failpoint:
            raise Vanished

    with monkeypatch.context() as patch, pytest.raises(Vanished):
        patch.setattr(failpoints, "hit", vanish)
        opened.send(owner, world.acme, operation, cards)
    with engine.begin() as connection:
        past = "UPDATE outbox SET lease_until = '2020-01-01' WHERE lease_until IS NOT NULL"
        connection.exec_driver_sql(past)
    return payment, operation


def _calls(server: SandboxServer, payment: str) -> int:
    return len(server.log().of_reference(payment, "purchase"))


@pytest.mark.parametrize("failpoint", UNSENT)
def test_what_was_never_sent_fails_and_the_payer_enters_the_card_again(
    failpoint: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment, operation = _die(
        sandbox_world, sandbox_server, migrator_engine, monkeypatch, failpoint
    )
    flows.send(owner, acme, operation)
    stored = flows.read(owner, payment)
    assert (stored.status, stored.failure_code) == ("created", "card_details_gone")
    assert _calls(sandbox_server, payment) == 0
    opened.pay(owner, acme, payment, opened.sealed(sandbox_server))
    assert flows.read(owner, payment).status == "succeeded"
    assert _calls(sandbox_server, payment) == 1


@pytest.mark.parametrize("failpoint", SENT)
def test_what_was_sent_is_looked_up_and_never_sent_again(
    failpoint: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment, operation = _die(
        sandbox_world, sandbox_server, migrator_engine, monkeypatch, failpoint
    )
    assert flows.read(owner, payment).status == "processing"
    flows.send(owner, acme, operation)
    assert flows.read(owner, payment).status == "succeeded"
    assert _calls(sandbox_server, payment) == 1


def test_what_may_have_been_sent_fails_once_two_looks_find_nothing(
    sandbox_world: World,
    sandbox_server: SandboxServer,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment, operation = _die(
        sandbox_world, sandbox_server, migrator_engine, monkeypatch, "execute.before_call"
    )
    flows.send(owner, acme, operation)
    assert flows.read(owner, payment).status == "processing"
    later = clock.now() + evidence.NOT_FOUND_APART + timedelta(seconds=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET run_at = '2020-01-01'")
    flows.send(owner, acme, operation)
    stored = flows.read(owner, payment)
    assert (stored.status, stored.failure_code) == ("created", "not_processed")
    assert _calls(sandbox_server, payment) == 0


def test_a_worker_ends_what_a_killed_request_left(
    sandbox_world: World, sandbox_server: SandboxServer, tmp_path: Path
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    payment = opened.ask(owner, sandbox_world.acme)
    opened.attempt(owner, payment, cards=opened.sealed(sandbox_server), head_start_seconds=0)
    with Process(log, "worker"), Process(log, "scheduler"):
        eventually(lambda: flows.read(owner, payment).status == "created", "it is ended", log)
    assert flows.read(owner, payment).failure_code == "card_details_gone"
