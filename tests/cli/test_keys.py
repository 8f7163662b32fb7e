"""The commands of API keys, in process, on MariaDB."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.api_keys import Scope
from app.errors import UnauthenticatedError
from app.queries import actors, audit
from app.queries.listing import Window
from app.security.api_keys import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from flask import Flask

    from tests.fixtures.application import World

    Run = Callable[..., Result]

_MADE = re.compile(r"Made (key_\w+)\..*\n(sk_(?:test|live)_\w+)\n")


@pytest.fixture
def run(web_app: Flask, world: World) -> Run:
    """Return a function that runs one command of acme's keys."""
    assert world

    def invoke(*words: str) -> Result:
        runner = web_app.test_cli_runner()
        return runner.invoke(args=["payagency", "keys", *words, "--merchant", "acme"])

    return invoke


def _made(result: Result) -> tuple[str, str]:
    found = _MADE.fullmatch(result.output)
    assert found is not None, result.output
    return found[1], found[2]


def test_a_key_is_made_listed_rolled_and_revoked(run: Run, world: World) -> None:
    key, secret = _made(run("create", "--name", "Shop", "--network", "203.0.113.0/24"))
    known = find(f"Bearer {secret}", "203.0.113.7")
    assert (known.actor.merchant_id, known.scopes) == (world.acme, frozenset(Scope))
    after, other = _made(run("roll", key, "--overlap-hours", "1"))
    listed = run("list").output
    assert [line.split()[0] for line in listed.splitlines()] == [after, key]
    assert f"{secret[:12]}… ending" in listed
    assert secret not in listed
    assert run("revoke", after, "--reason", "leaked").output.startswith(f"Revoked {after}")
    with pytest.raises(UnauthenticatedError):
        find(f"Bearer {other}", "203.0.113.7")


def test_a_live_key_has_chosen_scopes_and_an_end(run: Run) -> None:
    words = ("--name", "Books", "--scope", "balance:read", "--expires", "2099-01-31T12:00:00Z")
    _, secret = _made(run("create", "--live", *words))
    known = find(f"Bearer {secret}", "")
    assert known.actor.livemode is True
    assert known.scopes == {Scope.BALANCE_READ}
    assert run("list").output == ""
    assert "Books" in run("list", "--live").output


@pytest.mark.parametrize(
    "words, told",
    [
        (("create", "--name", "x", "--scope", "everything"), "everything is none"),
        (("create", "--name", "x", "--network", "home"), "line 1 is no address"),
        (("create", "--name", "x", "--expires", "soon"), "Write it as 2027"),
        (("create", "--name", "x", "--merchant", "nobody"), "no merchant nobody"),
        (("roll", "key_none"), "no API key key_none"),
        (("revoke", "key_none", "--reason", " "), "reason: is missing"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    web_app: Flask, world: World, words: tuple[str, ...], told: str
) -> None:
    assert world
    merchant = () if "--merchant" in words else ("--merchant", "acme")
    result = web_app.test_cli_runner().invoke(args=["payagency", "keys", *words, *merchant])
    assert result.exit_code == 1
    assert told in result.output
    assert len(result.output.splitlines()) == 1


def test_a_refused_roll_leaves_a_trace_and_the_merchant_may_be_named_by_its_id(
    web_app: Flask, run: Run, world: World
) -> None:
    key, _ = _made(run("create", "--name", "Shop"))
    run("revoke", key, "--reason", "gone")
    with db.reading(world.staff()) as session:
        merchant = actors.merchant_by_key(session, "acme")
    assert merchant is not None
    args = ["payagency", "keys", "roll", key, "--merchant", merchant.public_id]
    assert "ended already" in web_app.test_cli_runner().invoke(args=args).output
    with db.reading(world.owner()) as session:
        wanted = audit.AuditFilter(created_before=clock.now(), object_id=key)
        found = audit.page(session, wanted, Window()).rows
    assert [row.action for row in found] == ["keys.roll_refused", "keys.revoke", "keys.create"]
