"""Payments by the API: made once, told exactly, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from app.adapters import db
from app.domain.api_keys import Scope
from app.domain.locales import LOCALES
from app.models import Merchant
from app.providers.base import NextAction, Outcome, Reading
from app.views.api.shapes import Customer
from tests.services.notify import mailing
from tests.views.api.conftest import PAYMENT

if TYPE_CHECKING:
    from tests.services.families import Provider
    from tests.views.api.conftest import Program, Programs


def test_a_payment_is_made_and_told_exactly(shop: Program) -> None:
    told = shop.paid()
    assert told["id"].startswith("pay_")
    assert {name: told[name] for name in ("status", "amount", "currency", "amount_captured")} == {
        "status": "succeeded",
        "amount": 6000,
        "currency": "EUR",
        "amount_captured": 6000,
    }
    assert told["method"]["type"] == "card"
    assert len(told["method"]["last4"]) == 4
    assert told["fees"] == [{"kind": "processing", "amount": 150, "currency": "EUR"}]
    assert (told["metadata"], told["return_url"]) == (
        {"basket": "b-1"},
        "https://shop.example/done",
    )
    assert (told["failure"], told["next_action"], told["livemode"]) == (None, None, False)
    assert shop.get(f"/payments/{told['id']}").get_json() == told


def test_an_address_that_the_merchant_does_not_allow_is_refused_at_its_place(
    shop: Program, programs: Programs
) -> None:
    with db.unit_of_work(programs.world.staff()) as session:
        session.get_one(Merchant, programs.world.acme).return_hosts = "pay.example"
    answer = shop.post("/payments", PAYMENT)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/return_url")
    assert "shop.example" in answer.text
    link = {"title": "x", "amount": 1, "currency": "EUR", "reference": "x"}
    refused = shop.post("/payment_links", {**link, "return_url": "https://shop.example/done"})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (
        422,
        "/return_url",
    )
    assert shop.paid(return_url="https://pay.example/done")["status"] == "succeeded"


def test_a_decline_is_a_payment_that_failed(shop: Program) -> None:
    told = shop.paid(method={"type": "card", "token": "tok_insufficient"})
    assert (told["status"], told["amount_captured"], told["fees"]) == ("failed", 0, [])
    assert told["failure"]["code"] == "insufficient_funds"
    assert told["failure"]["who_can_act"] == "payer"
    assert told["failure"]["message"]


def test_what_the_payer_has_to_do_is_told(shop: Program) -> None:
    told = shop.paid(method={"type": "card", "token": "tok_challenge"})
    assert (told["status"], told["next_action"]["type"]) == ("requires_action", "redirect")
    assert told["next_action"]["url"].startswith("http")
    assert "/pay/" in told["checkout_url"]
    assert told["id"] not in told["checkout_url"]


def test_a_key_is_done_once_and_replays_the_present_state(shop: Program) -> None:
    first = shop.post("/payments", PAYMENT, key="order-17")
    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    payment = first.get_json()["id"]
    assert shop.post(f"/payments/{payment}/refunds", {"amount": 1000}).status_code == 201
    again = shop.post("/payments", PAYMENT, key="order-17")
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (again.get_json()["id"], again.get_json()["amount_refunded"]) == (payment, 1000)
    other = shop.post("/payments", {**PAYMENT, "amount": 6001}, key="order-17")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_mismatch")
    without = shop.post("/payments", PAYMENT, key="")
    assert (without.status_code, without.get_json()["code"]) == (400, "idempotency_key_missing")
    assert len(shop.get("/payments").get_json()["data"]) == 1


def test_an_authorization_is_captured_in_parts_and_the_rest_is_released(shop: Program) -> None:
    told = shop.paid(capture="manual")
    payment = told["id"]
    assert (told["status"], told["amount_authorized"]) == ("authorized", 6000)
    part = shop.post(f"/payments/{payment}/capture", {"amount": 2500}).get_json()
    assert (part["status"], part["amount_captured"]) == ("partially_captured", 2500)
    over = shop.post(f"/payments/{payment}/capture", {"amount": 3501})
    assert (over.status_code, over.get_json()["code"]) == (422, "limit_exceeded")
    rest = shop.post(f"/payments/{payment}/cancel").get_json()
    assert rest["amount_captured"] == 2500
    closed = shop.post(f"/payments/{payment}/capture")
    assert (closed.status_code, closed.get_json()["code"]) == (409, "illegal_state")


@pytest.mark.usefixtures("families")
def test_a_payment_that_waits_for_its_payer_is_closed(shop: Program, provider: Provider) -> None:
    code = NextAction("qr", fields={"payload": "upi://pay?pa=shop@sandbox"})
    provider.says = Reading(outcome=Outcome.ACTION, action=code)
    told = shop.paid(method={"type": "upi", "flow": "qr"}, currency="INR")
    assert told["status"] == "requires_action"
    closed = shop.post(f"/payments/{told['id']}/cancel", {"reason": "The basket was emptied"})
    assert (closed.status_code, closed.get_json()["status"]) == (200, "canceled")


def test_refunds_are_made_listed_and_limited(shop: Program) -> None:
    payment = shop.paid()["id"]
    made = shop.post(f"/payments/{payment}/refunds", {"amount": 2500, "reason": "returned"})
    assert made.status_code == 201
    refund = made.get_json()
    assert (refund["payment"], refund["amount"], refund["status"]) == (payment, 2500, "succeeded")
    assert shop.get(f"/refunds/{refund['id']}").get_json() == refund
    over = shop.post(f"/payments/{payment}/refunds", {"amount": 3501})
    assert (over.status_code, over.get_json()["code"]) == (422, "limit_exceeded")
    whole = shop.post(f"/payments/{payment}/refunds")
    assert whole.get_json()["amount"] == 3500
    listed = shop.get("/refunds", limit="1").get_json()
    assert [each["id"] for each in listed["data"]] == [whole.get_json()["id"]]
    assert listed["has_more"] is True
    after = shop.get("/refunds", starting_after=listed["next_cursor"]).get_json()
    assert ([each["id"] for each in after["data"]], after["has_more"]) == ([refund["id"]], False)


def test_a_refund_over_the_limit_is_left_to_people(shop: Program) -> None:
    payment = shop.paid(amount=5_000_00)["id"]
    refused = shop.post(f"/payments/{payment}/refunds")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")
    assert "person" in refused.get_json()["detail"]
    assert shop.get("/refunds").get_json()["data"] == []


def test_pages_go_both_ways_and_hold_what_is_asked_for(shop: Program) -> None:
    made = [shop.paid(reference=f"order-{number}")["id"] for number in range(5)][::-1]
    first = shop.get("/payments", limit="2").get_json()
    assert [each["id"] for each in first["data"]] == made[:2]
    second = shop.get("/payments", limit="2", starting_after=first["next_cursor"]).get_json()
    assert [each["id"] for each in second["data"]] == made[2:4]
    newer = shop.get("/payments", limit="3", ending_before=made[2]).get_json()
    assert ([each["id"] for each in newer["data"]], newer["has_more"]) == (made[:2], False)
    some = shop.get("/payments", **{"reference": "order-3", "amount[gte]": "6000"}).get_json()
    assert [each["id"] for each in some["data"]] == [made[1]]
    later = shop.get("/payments", **{"created[gte]": "2099-01-01T00:00:00Z"}).get_json()
    assert later == {"object": "list", "data": [], "has_more": False, "next_cursor": None}


def test_the_balance_is_what_the_ledger_says(shop: Program) -> None:
    shop.paid()
    (euros,) = shop.get("/balance").get_json()["balances"]
    assert (euros["currency"], euros["pending"] + euros["reserve"]) == ("EUR", 6000 - 150)


def test_nobody_meets_what_is_anothers_or_in_the_other_book(
    shop: Program, programs: Programs
) -> None:
    payment = shop.paid()["id"]
    refund = shop.post(f"/payments/{payment}/refunds", {"amount": 1000}).get_json()["id"]
    others = (
        programs.of(programs.world.stranger()),
        programs.of(programs.world.owner(livemode=True)),
    )
    for other in others:
        answers = [
            other.get(f"/payments/{payment}"),
            other.get(f"/refunds/{refund}"),
            other.get("/payments", starting_after=payment),
            other.post(f"/payments/{payment}/capture"),
            other.post(f"/payments/{payment}/cancel"),
            other.post(f"/payments/{payment}/refunds"),
        ]
        assert [each.status_code for each in answers] == [404] * len(answers)
        assert other.get("/payments").get_json()["data"] == []
        assert other.get("/balance").get_json()["balances"] == []


def test_a_key_does_what_its_scopes_say(programs: Programs) -> None:
    reader = programs.of(programs.world.owner(), frozenset({Scope.PAYMENTS_READ}))
    assert reader.get("/payments").status_code == 200
    for answer in (
        reader.post("/payments", PAYMENT),
        reader.get("/refunds"),
        reader.get("/balance"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")
        assert "scope" in answer.get_json()["detail"]


def test_the_language_of_a_payer_is_one_of_ours(shop: Program) -> None:
    customer = {"email": "jo@example.com", "locale": "hi"}
    paid = shop.paid(customer=customer)
    (receipt,) = [row for row in mailing.rows() if row.object_id == paid["id"]]
    assert receipt.locale == "hi"
    refused = shop.post("/payments", {**PAYMENT, "customer": {"locale": "fr"}})
    assert refused.status_code == 422, refused.text
    assert refused.get_json()["errors"][0]["pointer"] == "/customer/locale"
    known = get_args(get_args(Customer.model_fields["locale"].annotation)[0])
    assert known == LOCALES
