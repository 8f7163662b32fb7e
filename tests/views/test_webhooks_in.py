"""The door for providers: open to nobody who proves nothing, deaf to cookies, quick to answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.models import AuditEntry, InboundEvent, Outbox
from app.queries import operations
from app.services import inbound
from tests.services import flows
from tests.services.telling import Provider, provider, sign

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.fixtures.application import World
    from tests.views.desk import Desk

__all__ = ["provider"]
pytest_plugins = ["tests.views.desk"]

PROBLEM: Final = "application/problem+json"


def _address(world: World) -> str:
    with db.reading(world.staff()) as session:
        account = operations.connector_account(session, world.connector_account)
        return f"/webhooks/sandbox/{account.public_id}"


def _send(desk: Desk, raw: bytes, address: str = "", **headers: str) -> TestResponse:
    proof = headers or sign(raw)
    return desk.nobody().client.post(address or _address(desk.world), data=raw, headers=proof)


@pytest.fixture
def charge(desk: Desk, provider: Provider) -> bytes:
    """A message that a payment of acme succeeded."""
    payment = flows.pay(desk.world.owner(), desk.world.acme, run=False)
    return json.dumps(provider.charge(payment)).encode()


def _count(world: World, model: type[Any], **which: str) -> int:
    with db.reading(world.staff()) as session:
        return session.query(model).filter_by(**which).count()


def test_a_proved_message_is_kept_with_its_task_and_nothing_else_is_done(
    desk: Desk, provider: Provider, charge: bytes
) -> None:
    answer = _send(desk, charge)
    assert (answer.status_code, answer.get_json()) == (200, {"received": 1})
    assert "Set-Cookie" not in answer.headers
    assert _count(desk.world, InboundEvent, state="received") == 1
    assert _count(desk.world, Outbox, kind="inbound.apply", state="waiting") == 1
    assert (provider.asked, provider.sent) == ([], [])
    assert _send(desk, charge).get_json() == {"received": 1}
    assert _count(desk.world, InboundEvent) == 1


def test_what_proves_nothing_is_a_problem_and_told_once(desk: Desk, charge: bytes) -> None:
    for _ in range(3):
        answer = _send(desk, charge, **{"X-Proof": "wrong"})
        assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
        assert answer.get_json()["title"] == "Message refused"
    assert _count(desk.world, InboundEvent) == 0
    assert _count(desk.world, AuditEntry, action="inbound.refused") == 1


def test_a_signed_in_browser_is_nobody_here(desk: Desk, charge: bytes) -> None:
    address = _address(desk.world)
    answer = desk.person("operations").client.post(address, data=charge)
    assert answer.status_code == 400
    with db.reading(Actor.staff(1, False, "test", frozenset())) as session:
        (entry,) = session.query(AuditEntry).filter_by(action="inbound.refused")
    assert (entry.actor_kind, entry.actor_user_id) == ("house", None)


def test_more_than_a_message_may_hold_is_not_read(desk: Desk, charge: bytes) -> None:
    answer = _send(desk, charge + b" " * inbound.MOST_BYTES)
    assert (answer.status_code, answer.mimetype) == (413, PROBLEM)
    assert _send(desk, b" " * (inbound.MOST_BYTES - len(charge)) + charge).status_code == 200


def test_addresses_that_are_nobodys_are_not_found(
    desk: Desk, provider: Provider, charge: bytes
) -> None:
    assert provider.world is desk.world
    own = _address(desk.world)
    other = own.replace("sandbox", "stripe")
    for address in (own[:-1], f"{own}x", other, "/webhooks/sandbox/ca_0", "/webhooks/x/y"):
        answer = _send(desk, charge, address)
        assert (answer.status_code, answer.mimetype) == (404, PROBLEM)
    with db.unit_of_work(desk.world.staff()) as session:
        account = operations.connector_account(session, desk.world.connector_account)
        account.enabled = False
    assert _send(desk, charge).status_code == 404
    assert desk.nobody().client.get(own).status_code == 405
    assert _count(desk.world, InboundEvent) == 0
