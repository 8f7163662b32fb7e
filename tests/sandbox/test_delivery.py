from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.delivery import WAITS_SECONDS
from tests.infra.sandbox import SandboxServer
from tests.providers.answering import Answering
from tests.sandbox.conftest import Place, Shop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sandbox.conftest import Clock

SECRET = "whsec_sandbox"


@pytest.fixture
def sink() -> Iterator[Answering]:
    with Answering() as sink:
        yield sink


@pytest.fixture
def told(shop: Shop, sink: Answering) -> Shop:
    """A shop whose account sends its events to the sink."""
    register(shop, sink)
    return shop


def register(shop: Shop, sink: Answering, path: str = "/hook?a=1") -> None:
    body = {"url": f"{sink.url}{path}", "secret": SECRET}
    put = shop.client.put("/v1/webhook_endpoint", json=body, headers=shop.bearer)
    assert put.status_code == 200


def heard(sink: Answering) -> list[str]:
    """Return the ids of the events as they arrived."""
    return [json.loads(asked.body)["id"] for asked in sink.asked]


def ids(shop: Shop) -> list[str]:
    return [event["id"] for event in shop.get("/v1/events?limit=1000").get_json()["data"]]


def test_an_event_arrives_signed_and_once(told: Shop, place: Place, sink: Answering) -> None:
    charge = told.charge("k1").get_json()
    assert place.courier.run_once() == 1
    assert place.courier.run_once() == 0
    (asked,) = sink.asked
    assert (asked.method, asked.path) == ("POST", "/hook?a=1")
    assert json.loads(asked.body)["data"] == charge
    assert set(json.loads(asked.body)) == {"id", "type", "created", "data"}
    moment, digest = asked.headers["Sandbox-Signature"].split(",")
    signed = moment.removeprefix("t=").encode() + b"." + asked.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert digest == f"v1={expected}"
    assert abs(int(moment.removeprefix("t=")) - time.time()) < 60


def test_what_was_before_the_endpoint_is_only_listed(
    shop: Shop, place: Place, sink: Answering
) -> None:
    shop.charge("k1")
    register(shop, sink)
    shop.charge("k2")
    assert place.courier.run_once() == 1
    assert heard(sink) == ids(shop)[1:]


def test_a_refused_event_is_sent_again_as_the_schedule_says(
    told: Shop, place: Place, sink: Answering, clock: Clock
) -> None:
    told.charge("k1")
    sink.status = 500
    assert place.courier.run_once() == 1
    for wait in WAITS_SECONDS:
        clock.pass_seconds(wait - 1)
        assert place.courier.run_once() == 0
        clock.pass_seconds(1)
        assert place.courier.run_once() == 1
    clock.pass_seconds(3600)
    assert place.courier.run_once() == 0
    assert heard(sink) == ids(told) * 10
    assert len({asked.body for asked in sink.asked}) == 1


@pytest.mark.parametrize("status", [200, 204, 299])
def test_a_taken_event_is_not_sent_again(
    told: Shop, place: Place, sink: Answering, clock: Clock, status: int
) -> None:
    told.charge("k1")
    sink.status = 500
    place.courier.run_once()
    sink.status = status
    clock.pass_seconds(1)
    place.courier.run_once()
    clock.pass_seconds(3600)
    assert place.courier.run_once() == 0
    assert len(sink.asked) == 2


@pytest.mark.parametrize("broken", [{"cut": True}, {"status": 302}, {"body": b"", "status": 404}])
def test_no_answer_and_a_redirect_are_no_taking(
    told: Shop, place: Place, sink: Answering, clock: Clock, broken: dict[str, Any]
) -> None:
    told.charge("k1")
    for name, value in broken.items():
        setattr(sink, name, value)
    place.courier.run_once()
    clock.pass_seconds(1)
    assert place.courier.run_once() == 1


def test_every_event_is_doubled(told: Shop, place: Place, sink: Answering) -> None:
    told.set(duplicate_webhooks=100)
    told.charge("k1")
    told.charge("k2")
    place.courier.run_once()
    first, second = ids(told)
    assert sorted(heard(sink)) == sorted([first, first, second, second])


def test_a_dropped_event_is_listed_and_never_sent(
    told: Shop, place: Place, sink: Answering, clock: Clock
) -> None:
    told.set(drop_webhooks=100)
    told.charge("k1")
    told.set(drop_webhooks=0)
    told.charge("k2")
    place.courier.run_once()
    clock.pass_seconds(3600)
    place.courier.run_once()
    assert heard(sink) == ids(told)[1:]


def test_a_delayed_event_comes_later(
    told: Shop, place: Place, sink: Answering, clock: Clock
) -> None:
    told.set(delay_webhooks=30)
    told.charge("k1")
    clock.pass_seconds(29)
    assert place.courier.run_once() == 0
    clock.pass_seconds(1)
    assert place.courier.run_once() == 1


def test_an_event_that_is_held_back_comes_after_a_later_one(
    told: Shop, place: Place, sink: Answering
) -> None:
    told.set(reorder_webhooks=100)
    told.charge("k1")
    told.set(reorder_webhooks=0)
    assert place.courier.run_once() == 0
    told.charge("k2")
    while place.courier.run_once():
        pass
    assert heard(sink) == ids(told)[::-1]


def test_all_held_back_come_in_reverse_in_the_end(
    told: Shop, place: Place, sink: Answering, clock: Clock
) -> None:
    told.set(reorder_webhooks=100)
    for number in range(3):
        told.charge(f"k{number}")
    clock.pass_seconds(3)
    assert place.courier.run_once() == 3
    assert heard(sink) == ids(told)[::-1]


def test_nothing_is_sent_on_hold(told: Shop, place: Place, sink: Answering) -> None:
    told.set(hold_webhooks=1)
    told.charge("k1")
    assert place.courier.run_once() == 0
    told.set(hold_webhooks=0)
    assert place.courier.run_once() == 1


def test_what_was_planned_survives_a_restart(
    told: Shop, place: Place, sink: Answering, clock: Clock, store_file: Path
) -> None:
    told.charge("k1")
    told.charge("k2")
    sink.status = 500
    place.courier.run_once()
    place.store.close()
    sink.status = 200
    clock.pass_seconds(1)
    again = Place(store_file, clock)
    assert again.courier.run_once() == 2
    assert again.courier.run_once() == 0
    again.store.close()
    first, second = heard(sink)[:2]
    assert heard(sink) == [first, second, first, second]


def test_a_new_address_gets_what_the_former_one_did_not_take(
    told: Shop, place: Place, sink: Answering, clock: Clock
) -> None:
    told.charge("k1")
    sink.status = 500
    place.courier.run_once()
    with Answering() as other:
        register(told, other, "/")
        clock.pass_seconds(1)
        place.courier.run_once()
        assert [asked.path for asked in other.asked] == ["/"]


def test_a_process_delivers_by_itself_and_goes_on_after_a_kill(sink: Answering) -> None:
    with SandboxServer() as server:
        server.set_endpoint(f"{sink.url}/hook", SECRET)
        sink.status = 500
        server.control(collect_seconds=1)
        method = {"type": "upi", "flow": "collect", "vpa": "success@sandbox"}
        charge = server.charge("pay_1", None, currency="INR", method=method)
        _wait(lambda: len(sink.asked) >= 1)
        server.kill()
        sink.status = 200
        server.start()
        _wait(lambda: {"processing", "succeeded"} <= _statuses(sink))
        assert [e["kind"] for e in server.log().effects] == ["processing", "purchase"]
        assert {json.loads(asked.body)["data"]["id"] for asked in sink.asked} == {charge["id"]}


def test_a_dead_endpoint_keeps_no_other_account_waiting(sink: Answering) -> None:
    with Answering(delay_seconds=4) as dead, SandboxServer() as server:
        server.set_endpoint(dead.url, SECRET, secret_key="sk_other")
        server.set_endpoint(sink.url, SECRET)
        server.charge("pay_1", secret_key="sk_other")
        _wait(lambda: len(dead.asked) == 1)
        server.charge("pay_2")
        started = time.monotonic()
        _wait(lambda: len(sink.asked) == 1)
        assert time.monotonic() - started < 2


def _statuses(sink: Answering) -> set[str]:
    return {json.loads(asked.body)["data"]["status"] for asked in sink.asked}


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)
