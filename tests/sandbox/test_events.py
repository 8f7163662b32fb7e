from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import Shop

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.sandbox.conftest import Clock

HOOK = {"url": "http://127.0.0.1:9/hook", "secret": "whsec_sandbox_unseen"}


def events(shop: Shop, query: str = "") -> list[dict[str, Any]]:
    return list(shop.get(f"/v1/events?{query}").get_json()["data"])


def test_each_change_of_a_view_is_one_event(shop: Shop, clock: Clock) -> None:
    made = shop.ask({"type": "upi", "flow": "qr"})
    shop.do(made["id"], "late")
    clock.pass_seconds(5)
    paid = shop.read(made["id"])
    refund = shop.post(f"/v1/charges/{made['id']}/refunds", "r1", amount_minor=50).get_json()
    refunded = shop.read(made["id"])
    told = events(shop)
    assert [event["type"] for event in told] == [*["charge.updated"] * 4, "refund.updated"]
    assert (told[0]["data"], told[2]["data"], told[3]["data"]) == (made, paid, refunded)
    assert told[1]["data"]["failure"]["code"] == "expired"
    assert told[4]["data"] == refund
    assert told[2]["created"] == clock.ms // 1000


def test_every_kind_of_object_tells(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    shop.post(f"/v1/charges/{charge}/capture", "c1", amount_minor=100)
    shop.post(f"/v1/charges/{charge}/void", "v1")
    shop.post(f"/v1/charges/{charge}/refunds", "r1", amount_minor=9)
    shop.door(f"charges/{charge}/dispute")
    kinds = {event["type"].removesuffix(".updated") for event in events(shop)}
    assert kinds == {"charge", "capture", "void", "refund", "dispute"}


def test_what_changes_nothing_tells_nothing(shop: Shop, clock: Clock) -> None:
    charge = shop.ask({"type": "apm", "name": "ideal"})["id"]
    shop.ask({"type": "apm", "name": "ideal"})
    shop.do(charge, "leave")
    shop.do(charge, "pay")
    clock.pass_seconds(3600)
    shop.read(charge)
    assert len(events(shop)) == 2


def test_events_are_read_in_pages_by_their_account_alone(client: FlaskClient) -> None:
    mine, yours = Shop(client, "sk_mine"), Shop(client, "sk_yours")
    for number in range(3):
        mine.charge(f"k{number}")
        yours.charge(f"k{number}")
    first = mine.get("/v1/events?limit=2").get_json()
    rest = mine.get(f"/v1/events?after={first['next']}").get_json()
    seqs = [event["seq"] for event in first["data"] + rest["data"]]
    assert seqs == [1, 3, 5]
    assert len({event["id"] for event in first["data"] + rest["data"]}) == 3
    assert mine.get(f"/v1/events?after={rest['next']}").get_json() == {"data": [], "next": 5}


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001"])
def test_a_wrong_page_of_events_is_refused(shop: Shop, query: str) -> None:
    assert shop.get(f"/v1/events?{query}").status_code == 422


def test_the_endpoint_is_set_and_its_secret_never_shown(shop: Shop) -> None:
    assert shop.get("/v1/webhook_endpoint").get_json() == {"url": None}
    put = shop.client.put("/v1/webhook_endpoint", json=HOOK, headers=shop.bearer)
    assert put.get_json() == {"url": HOOK["url"]}
    assert shop.get("/v1/webhook_endpoint").get_json() == {"url": HOOK["url"]}
    assert HOOK["secret"] not in str(shop.log())


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": None},
        {"url": "ftp://shop.example/"},
        {"secret": ""},
        {"secret": 7},
        {"secret": "x" * 256},
        {"events": ["charge.updated"]},
    ],
)
def test_a_wrong_endpoint_is_refused(shop: Shop, wrong: dict[str, object]) -> None:
    body = {**HOOK, **wrong}
    put = shop.client.put("/v1/webhook_endpoint", json=body, headers=shop.bearer)
    assert put.status_code == 422
    assert shop.get("/v1/webhook_endpoint").get_json() == {"url": None}


def test_a_stranger_hears_nothing(client: FlaskClient, store_file: Path) -> None:
    assert client.get("/v1/events").status_code == 401
    assert client.put("/v1/webhook_endpoint", json=HOOK).status_code == 401
    files = b"".join(file.read_bytes() for file in store_file.parent.iterdir())
    assert HOOK["secret"].encode() not in files
