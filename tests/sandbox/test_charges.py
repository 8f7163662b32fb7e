from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox import cards, steps

if TYPE_CHECKING:
    from tests.sandbox.conftest import Shop

NUMBERS = {
    "tok_approve": "4242 4242 4242 4242",
    "tok_decline": "4000 0000 0000 0002",
    "tok_insufficient": "4000 0000 0000 9995",
    "tok_challenge": "4000 0025 0000 3155",
    "tok_dispute": "4000 0000 0000 0259",
    "tok_error": "4000 0000 0000 0119",
}


@pytest.mark.parametrize("token", ["tok_approve", "tok_dispute"])
def test_an_approved_token_captures_once(shop: Shop, token: str) -> None:
    charge = shop.charge("k1", token).get_json()
    assert (charge["status"], charge["captured_minor"]) == ("succeeded", 1050)
    assert charge["card"]["brand"] == "visa"
    assert [(e["kind"], e["amount_minor"], e["key"]) for e in shop.effects()] == [
        ("purchase", 1050, "k1")
    ]


@pytest.mark.parametrize(
    "token, code",
    [
        ("tok_decline", "card_declined"),
        ("tok_insufficient", "insufficient_funds"),
        ("tok_error", "processing_error"),
        ("tok_nobody_made_this", "invalid_token"),
    ],
)
def test_a_declined_token_has_no_effect(shop: Shop, token: str, code: str) -> None:
    charge = shop.charge("k1", token).get_json()
    assert (charge["status"], charge["failure"]["code"]) == ("failed", code)
    assert shop.effects() == []


@pytest.mark.parametrize("token, number", NUMBERS.items())
def test_a_test_card_behaves_like_its_token(shop: Shop, token: str, number: str) -> None:
    source = {"number": number, "exp_month": 7, "exp_year": 2031, "cvc": "123"}
    by_token = shop.charge("k1", token).get_json()
    by_number = shop.charge("k2", source=source).get_json()
    assert by_number["card"]["last4"] == number[-4:]
    assert by_number["card"]["exp"] == "07/2031"
    for same in ("status", "failure", "captured_minor"):
        assert by_number[same] == by_token[same]


def test_manual_capture_in_parts_and_a_void_of_the_rest(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    assert shop.get(f"/v1/charges/{charge}").get_json()["status"] == "authorized"
    part = shop.post(f"/v1/charges/{charge}/capture", "k2", amount_minor=400).get_json()
    rest = shop.post(f"/v1/charges/{charge}/void", "k3").get_json()
    assert (part["object"], part["status"], part["amount_minor"]) == ("capture", "succeeded", 400)
    assert (rest["object"], rest["status"], rest["amount_minor"]) == ("void", "succeeded", 650)
    late = shop.post(f"/v1/charges/{charge}/capture", "k4", amount_minor=1).get_json()
    assert (late["status"], late["failure"]["code"]) == ("failed", "charge_not_capturable")


def test_a_voided_charge_is_canceled(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    shop.post(f"/v1/charges/{charge}/void", "k2")
    again = shop.post(f"/v1/charges/{charge}/void", "k3").get_json()
    assert shop.get(f"/v1/charges/{charge}").get_json()["status"] == "canceled"
    assert again["failure"]["code"] == "charge_not_voidable"


def test_refunds_never_exceed_what_was_captured(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    path = f"/v1/charges/{charge}/refunds"
    answers = [
        shop.post(path, f"r{number}", amount_minor=amount).get_json()
        for number, amount in enumerate((600, 451, 450, 1))
    ]
    codes = [answer["failure"] and answer["failure"]["code"] for answer in answers]
    assert codes == [None, "amount_too_large", None, "charge_not_refundable"]
    assert shop.get(f"/v1/charges/{charge}").get_json()["refunded_minor"] == 1050
    assert sum(e["amount_minor"] for e in shop.effects() if e["kind"] == "refund") == 1050


def test_objects_are_found_by_id_key_and_reference(shop: Shop) -> None:
    charge = shop.charge("key/with slash?").status_code
    assert charge == 400
    made = shop.charge("key/with-slash").get_json()
    refund = shop.post(f"/v1/charges/{made['id']}/refunds", "r1", amount_minor=50).get_json()
    now = shop.get(f"/v1/charges/{made['id']}").get_json()
    assert shop.get("/v1/by-key/key/with-slash").get_json() == now
    assert shop.get("/v1/charges?reference=pay_1").get_json() == {"data": [now]}
    assert shop.get(f"/v1/refunds/{refund['id']}").get_json() == refund
    assert shop.get(f"/v1/charges/{refund['id']}").status_code == 404
    assert shop.get("/v1/by-key/never-used").status_code == 404


def test_no_id_looks_like_a_card_number() -> None:
    for _ in range(5000):
        cards.refuse_card_numbers(steps.new_id("charge"))


def test_every_known_card_is_a_valid_test_number() -> None:
    assert all(cards._luhn(number) for number in cards.BY_NUMBER)
    assert len({number[-4:] for number in cards.BY_NUMBER}) == len(cards.BY_NUMBER)
