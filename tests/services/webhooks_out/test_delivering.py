"""Delivering on MariaDB to a server on the loopback: signed, by the waits, at least once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

import config
from app.adapters import clock, db, failpoints
from app.domain.webhooks_out import MOST_ATTEMPTS, WAITS_SECONDS, new_secret
from app.models import AuditEntry
from app.queries import outbox
from app.services.webhooks_out import delivering, endpoints
from tests.infra.ports import free_port
from tests.providers.answering import Answering
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from tests.fixtures.application import World


@pytest.fixture
def owner(world: World) -> Actor:
    """Return acme's owner."""
    return world.owner()


def _audited(actor: Actor, action: str) -> list[str]:
    with db.reading(actor) as session:
        found = select(AuditEntry.sentence).where(AuditEntry.action == action)
        return list(session.scalars(found))


def test_a_message_is_what_standard_webhooks_accepts(owner: Actor) -> None:
    with Answering(body=b"thanks") as sink:
        endpoint, secret = sending.listen(owner, f"{sink.url}/hook?a=b")
        event = sending.ask_test(owner, endpoint)
        assert sending.drain() == 1
    (asked,) = sink.asked
    body = Webhook(secret).verify(asked.body, dict(asked.headers))
    assert (body["id"], body["type"], body["livemode"]) == (event, "webhook_endpoint.test", False)
    assert body["data"]["object"]["url"] == f"{sink.url}/hook?a=b"
    assert asked.body.decode() == sending.event(owner, event).body
    (delivery,) = sending.deliveries(owner)
    (attempt,) = sending.attempts(owner)
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("delivered", 1, 200)
    assert (attempt.status, attempt.answer, attempt.address) == (200, "thanks", "127.0.0.1")
    assert json.loads(attempt.headers)["webhook-signature"] == "v1,…"
    assert sending.broken() == {}


@pytest.mark.parametrize("forgery", ["secret", "body", "stale", "future", "id"])
def test_what_is_forged_or_out_of_time_is_refused(forgery: str) -> None:
    secret, now = new_secret(), clock.now()
    late = {"stale": -301, "future": 301}.get(forgery, 0)
    signing = new_secret() if forgery == "secret" else secret
    headers = delivering.sign([signing], "evt_1", now + timedelta(seconds=late), "{}")
    if forgery == "id":
        headers["webhook-id"] = "evt_2"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify('{"a":1}' if forgery == "body" else "{}", headers)
    Webhook(secret).verify("{}", delivering.sign([secret], "evt_1", now, "{}"))


def test_while_a_secret_rotates_either_of_two_is_accepted(owner: Actor) -> None:
    with Answering() as sink:
        endpoint, old = sending.listen(owner, sink.url)
        with db.unit_of_work(owner) as session:
            _, new = endpoints.rotate(session, clock.now(), endpoint, timedelta(hours=24))
        sending.ask_test(owner, endpoint)
        sending.drain()
        sending.ask_test(owner, endpoint)
        with clock.at(clock.now() + timedelta(hours=24)):
            sending.drain()
    both, only_new = sink.asked
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        Webhook(secret).verify(both.body, dict(both.headers))
    assert len(only_new.headers["webhook-signature"].split(" ")) == 1


def test_without_overlap_the_former_secret_is_worth_nothing(owner: Actor) -> None:
    with Answering() as sink:
        endpoint, old = sending.listen(owner, sink.url)
        with db.unit_of_work(owner) as session:
            endpoints.rotate(session, clock.now(), endpoint, timedelta(0))
        sending.ask_test(owner, endpoint)
        sending.drain()
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(sink.asked[0].body, dict(sink.asked[0].headers))


@pytest.mark.parametrize("fault", ["down", "500", "cut", "302"])
def test_the_waits_are_kept_until_it_is_given_up(owner: Actor, fault: str) -> None:
    with Answering(
        status=int(fault) if fault.isdigit() else 200,
        cut=fault == "cut",
        headers={"Location": "/"} if fault == "302" else {},
    ) as sink:
        url = f"http://127.0.0.1:{free_port()}" if fault == "down" else sink.url
        endpoint, _ = sending.listen(owner, url)
        event = sending.ask_test(owner, endpoint)
        for wait in WAITS_SECONDS[1:]:
            assert sending.drain() == 1
            assert sending.waits() == [pytest.approx(wait, abs=1)]
            sending.hurry()
        assert sending.drain() == 1
    (delivery,) = sending.deliveries(owner)
    assert (delivery.state, delivery.attempts) == ("failed", MOST_ATTEMPTS)
    assert len(sending.attempts(owner)) == MOST_ATTEMPTS
    assert {each.headers["webhook-id"] for each in sink.asked} <= {event}
    assert (sending.drain(), sending.waits(), sending.broken()) == (0, [], {})


def test_a_slow_answer_is_cut_off_and_tried_again(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "SECONDS", 0.2)
    with Answering(drip_seconds=0.05) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.drain()
        assert sending.attempts(owner)[0].error is not None
        sink.drip_seconds = 0
        sending.hurry()
        sending.drain()
    assert sending.deliveries(owner)[0].state == "delivered"
    assert sending.endpoint(owner, endpoint).failing_since is None


def test_whoever_is_gone_is_told_nothing_more(owner: Actor) -> None:
    with Answering(status=410) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.ask_test(owner, endpoint)
        sending.drain()
    assert len(sink.asked) == 1
    assert {each.state for each in sending.deliveries(owner)} == {"failed"}
    assert sending.endpoint(owner, endpoint).state == "disabled"
    assert len(_audited(owner, "webhooks.disable")) == 1
    assert (sending.waits(), sending.broken()) == ([], {})


@pytest.mark.parametrize("asked, wait", [("60", 60), ("1", 5), ("86400", 300), ("soon", 5)])
def test_who_asks_for_time_gets_it_up_to_the_wait_after(
    owner: Actor, asked: str, wait: int
) -> None:
    with Answering(status=429, headers={"Retry-After": asked}) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.drain()
    assert sending.waits() == [pytest.approx(wait, abs=1)]


def test_five_days_without_success_disable_an_endpoint_with_a_trace(owner: Actor) -> None:
    with Answering(status=500) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.drain()
        for days, state in ((4, "enabled"), (5, "disabled")):
            sending.hurry()
            with clock.at(clock.now() + timedelta(days=days)):
                sending.drain()
            assert sending.endpoint(owner, endpoint).state == state
    (sentence,) = _audited(owner, "webhooks.disable")
    assert "5 days" in sentence
    with db.unit_of_work(owner) as session:
        endpoints.enable(session, clock.now(), endpoint)
    assert sending.endpoint(owner, endpoint).failing_since is None


def test_killed_between_answer_and_commit_it_is_sent_again_under_the_same_id(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def kill(name: str) -> None:
        if name == "webhook.sent":
            raise KilledError

    with Answering() as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        event = sending.ask_test(owner, endpoint)
        with monkeypatch.context() as patch, pytest.raises(KilledError):
            patch.setattr(failpoints, "hit", kill)
            sending.drain()
        assert sending.attempts(owner) == []
        while not sending.drain():  # its lease ends after a second
            pass
    assert [each.headers["webhook-id"] for each in sink.asked] == [event, event]
    assert sending.deliveries(owner)[0].state == "delivered"
    assert sending.broken() == {}


def test_a_worker_whose_lease_was_taken_only_logs_what_it_learned(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(_name: str) -> None:
        with db.unit_of_work(sending.HOUSE) as session:
            key = f"webhook:{sending.deliveries(owner)[0].public_id}"
            row = outbox.by_key(session, key)
            assert row is not None
            row.attempt += 1

    with Answering() as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        with monkeypatch.context() as patch:
            patch.setattr(failpoints, "hit", overtaken)
            sending.drain()
    assert len(sending.attempts(owner)) == 1
    assert sending.deliveries(owner)[0].state == "waiting"


@pytest.mark.parametrize("name", ["localhost", "2130706433", "[::ffff:127.0.0.1]", "127.1"])
def test_the_address_is_checked_again_at_each_delivery(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with Answering() as sink:
        endpoint, _ = sending.listen(owner, sink.url.replace("127.0.0.1", name))
        sending.ask_test(owner, endpoint)
        monkeypatch.setenv("OUTBOUND_ALLOW_CIDRS", "10.99.0.0/16")
        config.get.cache_clear()
        sending.drain()
        monkeypatch.undo()
        config.get.cache_clear()
    assert sink.asked == []
    assert "not a public address" in (sending.attempts(owner)[0].error or "")
