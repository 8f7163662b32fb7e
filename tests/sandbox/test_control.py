from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.sandbox.conftest import Shop


def set_to(client: FlaskClient, **settings: object) -> int:
    return client.post("/control", json=settings).status_code


def test_an_outage_refuses_every_call_and_has_no_effect(shop: Shop) -> None:
    set_to(shop.client, outage=True)
    assert shop.charge("k1").status_code == 503
    assert shop.get("/v1/by-key/k1").status_code == 503
    assert shop.client.get("/challenge/any").status_code == 503
    assert shop.client.get("/healthz").get_json() == {"status": "ok"}
    set_to(shop.client, outage=False)
    assert shop.effects() == []
    assert shop.charge("k1").get_json()["status"] == "succeeded"


def test_an_error_before_the_effect_leaves_the_key_free(shop: Shop) -> None:
    set_to(shop.client, error_rate=100)
    assert shop.charge("k1").status_code == 500
    assert shop.effects() == []
    set_to(shop.client, error_rate=0)
    assert "Idempotent-Replayed" not in shop.charge("k1").headers


def test_an_error_after_the_effect_is_told_right_by_the_key(shop: Shop) -> None:
    set_to(shop.client, error_after_effect=100)
    assert shop.charge("k1").status_code == 500
    assert len(shop.effects()) == 1
    again = shop.charge("k1")
    assert again.get_json()["status"] == "succeeded"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert [call["status"] for call in shop.log()["calls"]] == [500, 200]


@pytest.mark.parametrize("token", ["tok_hang", "tok_approve"])
def test_a_hanging_call_has_its_effect_and_answers_late(shop: Shop, token: str) -> None:
    set_to(shop.client, hang_seconds=1, hang_next=int(token == "tok_approve"))
    started = time.monotonic()
    assert shop.charge("k1", token).get_json()["status"] == "succeeded"
    assert time.monotonic() - started >= 1
    assert shop.charge("k1", token).headers["Idempotent-Replayed"] == "true"
    assert len(shop.effects()) == 1
    assert shop.client.get("/control").get_json()["hang_next"] == 0


def test_a_silent_charge_has_its_effect_and_nobody_is_ever_told(shop: Shop) -> None:
    for _ in range(2):
        assert shop.charge("k1", "tok_silent").status_code == 504
    assert [effect["kind"] for effect in shop.effects()] == ["purchase"]
    assert shop.get("/v1/by-key/k1").status_code == 504
    charge = shop.effects()[0]["charge"]
    assert shop.get(f"/v1/charges/{charge}").status_code == 504
    assert shop.get("/v1/events").get_json()["data"] == []


def test_latency_is_waited_before_each_call(shop: Shop) -> None:
    set_to(shop.client, latency_ms=150)
    started = time.monotonic()
    shop.get("/v1/by-key/k1")
    assert time.monotonic() - started >= 0.15


@pytest.mark.parametrize(
    "settings",
    [
        {"error_rate": 101},
        {"error_rate": -1},
        {"latency_ms": 1.5},
        {"latency_ms": "soon"},
        {"hang_seconds": 0},
        {"outage": None},
        {"weather": 1},
        {"drop_webhooks": 101},
        {"hold_webhooks": 2},
        {"settle": True},
    ],
)
def test_a_wrong_control_changes_nothing(client: FlaskClient, settings: dict[str, object]) -> None:
    before = client.get("/control").get_json()
    assert set_to(client, hang_next=5, **settings) == 422
    assert client.get("/control").get_json() == before


def test_the_form_sets_and_resets_the_controls(client: FlaskClient) -> None:
    html = {"Accept": "text/html"}
    form = {"outage": "on", "latency_ms": "25"}
    page = client.post("/control", data=form, headers=html).get_data(as_text=True)
    assert 'name="latency_ms" value="25"' in page
    assert client.get("/control").get_json()["outage"] is True
    client.post("/control/reset")
    assert client.get("/control").get_json()["outage"] is False


def test_a_reset_keeps_the_store(shop: Shop) -> None:
    shop.charge("k1")
    shop.client.post("/control/reset")
    assert len(shop.effects()) == 1


@pytest.mark.parametrize("path", ["/control", "/control/reset"])
def test_another_site_cannot_set_the_controls(client: FlaskClient, path: str) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert client.post(path, json={"outage": True}, headers=foreign).status_code == 403
    own = {"Origin": "http://localhost"}
    assert client.post(path, json={"outage": True}, headers=own).status_code == 200


def test_a_control_body_that_is_no_object_is_refused(client: FlaskClient) -> None:
    assert client.post("/control", json=[1]).status_code == 400
