from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Shop

QR = {"type": "upi", "flow": "qr"}


def collect(vpa: str) -> dict[str, str]:
    return {"type": "upi", "flow": "collect", "vpa": vpa}


@pytest.mark.parametrize("flow, kind", [("qr", "qr"), ("intent", "upi_intent")])
def test_a_code_and_a_link_say_what_is_paid(shop: Shop, flow: str, kind: str) -> None:
    charge = shop.ask({"type": "upi", "flow": flow}, reference="Order 1", amount_minor=105)
    assert charge["status"] == "requires_action"
    assert charge["method"] == {"type": "upi", "name": flow}
    assert charge["action"]["type"] == kind
    assert charge["action"]["url"] == f"http://localhost/pay/{charge['id']}"
    payload = charge["action"]["payload"]
    assert "tn=Order%201" in payload
    fields = parse_qs(urlsplit(payload).query)
    assert (fields["am"], fields["cu"], fields["tr"]) == (["1.05"], ["INR"], [charge["id"]])


def test_a_paid_code_succeeds_once_and_keeps_the_banks_number(shop: Shop) -> None:
    charge = shop.ask(QR)["id"]
    paid = shop.do(charge, "pay")
    assert (paid["status"], paid["captured_minor"], paid["action"]) == ("succeeded", 1050, None)
    assert paid["facts"]["vpa"] == "pa…@sandbox"
    assert len(paid["facts"]["rrn"]) == 12
    assert paid["facts"]["rrn"].isdecimal()
    assert shop.door(f"charges/{charge}", do="pay").status_code == 409
    assert [(e["kind"], e["key"]) for e in shop.effects()] == [("purchase", "k1")]


@pytest.mark.parametrize(
    "do, code", [("decline", "payer_declined"), ("expire", "expired"), ("late", "expired")]
)
def test_a_code_that_is_not_paid_fails(shop: Shop, do: str, code: str) -> None:
    failed = shop.do(shop.ask(QR)["id"], do)
    assert (failed["status"], failed["failure"]["code"]) == ("failed", code)
    assert failed["captured_minor"] == 0


def test_a_late_success_comes_by_itself(shop: Shop, clock: Clock) -> None:
    charge = shop.ask(QR)["id"]
    shop.do(charge, "late")
    clock.pass_seconds(4)
    assert shop.read(charge)["status"] == "failed"
    clock.pass_seconds(1)
    paid = shop.read(charge)
    assert (paid["status"], paid["failure"]) == ("succeeded", None)
    assert shop.kinds() == ["expired", "purchase"]


def test_a_code_expires_by_itself_and_can_be_paid_late(shop: Shop, clock: Clock) -> None:
    charge = shop.ask(QR)
    assert charge["expires_at"] == "2026-11-26T23:05:00Z"
    clock.pass_seconds(299)
    assert shop.read(charge["id"])["status"] == "requires_action"
    clock.pass_seconds(1)
    assert shop.read(charge["id"])["failure"]["code"] == "expired"
    assert shop.do(charge["id"], "pay")["status"] == "succeeded"


def test_a_paid_code_does_not_expire(shop: Shop, clock: Clock) -> None:
    charge = shop.ask(QR, expires_seconds=10)["id"]
    shop.do(charge, "pay")
    clock.pass_seconds(11)
    assert shop.read(charge)["status"] == "succeeded"
    assert shop.kinds() == ["purchase"]


@pytest.mark.parametrize(
    "vpa, statuses",
    [
        ("success@sandbox", ["processing", "succeeded", "succeeded"]),
        ("failure@sandbox", ["processing", "failed", "failed"]),
        ("late@sandbox", ["processing", "failed", "succeeded"]),
        ("anybody@sandbox", ["processing", "processing", "processing"]),
    ],
)
def test_payers_answer_a_request_as_they_are_called(
    shop: Shop, clock: Clock, vpa: str, statuses: list[str]
) -> None:
    charge = shop.ask(collect(vpa))
    seen = [charge["status"]]
    for seconds in (1, 5):
        clock.pass_seconds(seconds)
        seen.append(shop.read(charge["id"])["status"])
    assert seen == statuses
    assert charge["action"] is None
    assert charge["facts"] == {"vpa": f"{vpa[:2]}…@sandbox"}


def test_whoever_pays_a_request_first_on_the_page_pays_once(shop: Shop, clock: Clock) -> None:
    charge = shop.ask(collect("success@sandbox"))["id"]
    shop.do(charge, "pay")
    clock.pass_seconds(1)
    assert shop.read(charge)["captured_minor"] == 1050
    assert shop.kinds() == ["processing", "purchase"]


@pytest.mark.parametrize(
    "method, more, named",
    [
        ({"type": "upi"}, {}, "method.flow"),
        ({"type": "upi", "flow": "collect"}, {}, "method.vpa"),
        (collect("nobody"), {}, "method.vpa"),
        ({**QR, "vpa": "success@sandbox"}, {}, "method.vpa"),
        ({**QR, "name": "qr"}, {}, "method.name"),
        (QR, {"currency": "EUR"}, "currency"),
        (QR, {"capture": False}, "capture"),
        (QR, {"source": {"token": "tok_approve"}}, "source"),
        (QR, {"expires_seconds": 0}, "expires_seconds"),
        ({"type": "cheque"}, {}, "method.type"),
        ("upi", {}, "method"),
        ({"type": "card", "flow": "qr"}, {"source": {"token": "tok_approve"}}, "method.flow"),
    ],
)
def test_a_wrong_method_is_named(
    shop: Shop, method: object, more: dict[str, object], named: str
) -> None:
    body = {"amount_minor": 1050, "currency": "INR", "reference": "pay_1", "method": method}
    refused = shop.post("/v1/charges", "k1", **{**body, **more})
    assert refused.status_code == 422
    assert refused.get_json()["error"]["message"].startswith(f"{named}:")
    assert shop.effects() == []
