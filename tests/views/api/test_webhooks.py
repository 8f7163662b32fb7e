"""Webhook endpoints and events through the API, with a key of the test or the live book."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook

from app.domain.api_keys import Scope
from tests.providers.answering import Answering
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from tests.views.api.conftest import Program, Programs

URL = "http://127.0.0.1:9999/hook"


def test_an_endpoint_is_made_told_of_a_payment_and_deleted(shop: Program) -> None:
    with Answering() as sink:
        made = shop.post("/webhook_endpoints", {"url": sink.url, "events": ["payment.*"]})
        assert made.status_code == 201
        endpoint = made.get_json()
        payment = shop.paid()
        while sending.drain():
            pass
    told = {
        each["type"]: each
        for each in (
            Webhook(endpoint["secret"]).verify(asked.body, dict(asked.headers))
            for asked in sink.asked
        )
    }
    assert told["payment.succeeded"]["data"]["object"] == payment
    listed = shop.get("/events", limit="1").get_json()
    assert (listed["data"], listed["has_more"]) == ([told["payment.succeeded"]], True)
    event = told["payment.created"]
    assert shop.get(f"/events/{event['id']}").get_json() == event
    shown = shop.get(f"/webhook_endpoints/{endpoint['id']}").get_json()
    assert shown == {name: value for name, value in endpoint.items() if name != "secret"}
    path = f"/v1/webhook_endpoints/{endpoint['id']}"
    gone = shop.client.delete(path, headers=shop.headers)
    assert gone.get_json() == {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}
    assert shop.client.delete(path, headers=shop.headers).status_code == 404
    assert shop.get("/webhook_endpoints").get_json()["data"] == []


def test_the_same_key_makes_one_endpoint_and_tells_its_secret_once(shop: Program) -> None:
    first = shop.post("/webhook_endpoints", {"url": URL}, "key-a")
    again = shop.post("/webhook_endpoints", {"url": URL}, "key-a")
    other = shop.post("/webhook_endpoints", {"url": URL}, "key-b")
    assert first.get_json()["secret"].startswith("whsec_")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == {**first.get_json(), "secret": None}
    assert other.get_json()["id"] != first.get_json()["id"]
    assert len(shop.get("/webhook_endpoints").get_json()["data"]) == 2


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({}, "/url"),
        ({"url": "https://10.0.0.1"}, "/url"),
        ({"url": "https://a.example:25"}, "/url"),
        ({"url": URL, "events": ["pay.*"]}, "/events"),
        ({"url": URL, "events": []}, "/events"),
        ({"url": URL, "secret": "mine"}, "/secret"),
    ],
)
def test_what_cannot_be_used_is_named_by_its_place(
    shop: Program, body: dict[str, object], pointer: str
) -> None:
    answer = shop.post("/webhook_endpoints", body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [pointer]


def test_an_event_is_sent_again_once_for_a_key(shop: Program) -> None:
    with Answering() as sink:
        endpoint = shop.post("/webhook_endpoints", {"url": sink.url}).get_json()["id"]
        shop.paid()
        while sending.drain():
            pass
        event = json.loads(sink.asked[0].body)["id"]
        before = len(sink.asked)
        for _ in range(2):
            path, body = f"/events/{event}/resend", {"webhook_endpoint": endpoint}
            answer = shop.post(path, body, "again")
            assert (answer.status_code, answer.get_json()["event"]) == (200, event)
        sending.drain()
    assert len(sink.asked) == before + 1
    missing = shop.post(f"/events/{event}/resend", {"webhook_endpoint": "we_0"})
    assert missing.status_code == 404


def test_scopes_books_and_merchants_stay_apart(programs: Programs) -> None:
    world = programs.world
    shop = programs.of(world.owner())
    endpoint = shop.post("/webhook_endpoints", {"url": URL}).get_json()["id"]
    shop.paid()
    event = shop.get("/events").get_json()["data"][0]["id"]
    for actor in (world.stranger(), world.owner(livemode=True)):
        other = programs.of(actor)
        assert other.get("/events").get_json()["data"] == []
        for path in (f"/events/{event}", f"/webhook_endpoints/{endpoint}"):
            assert other.get(path).status_code == 404
        again = other.post(f"/events/{event}/resend", {"webhook_endpoint": endpoint})
        assert again.status_code == 404
    reader = programs.of(world.owner(), frozenset({Scope.WEBHOOKS_READ}))
    assert reader.get("/events", type="payment.created").get_json()["data"][0]["id"]
    assert reader.post("/webhook_endpoints", {"url": URL}).status_code == 403
    assert (
        programs.of(world.owner(), frozenset({Scope.BALANCE_READ})).get("/events").status_code
        == 403
    )
