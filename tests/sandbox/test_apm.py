from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Shop


def ask(shop: Shop, name: str, key: str = "k1", **more: object) -> dict[str, Any]:
    return shop.ask({"type": "apm", "name": name}, key, **more)


@pytest.mark.parametrize("name", ["ideal", "bancontact", "alipay", "klarna"])
def test_a_bank_page_is_approved_or_declined(shop: Shop, name: str) -> None:
    yes, no = ask(shop, name), ask(shop, name, key="k2")
    assert yes["action"] == {"type": "redirect", "url": f"http://localhost/pay/{yes['id']}"}
    assert yes["expires_at"] == "2026-11-26T23:30:00Z"
    assert shop.do(yes["id"], "pay")["status"] == "succeeded"
    assert shop.do(no["id"], "decline")["failure"]["code"] == "payer_declined"
    assert shop.kinds() == ["purchase", "failed"]


def test_nobody_at_the_banks_page_is_told_from_somebody_who_left(shop: Shop, clock: Clock) -> None:
    away, left = ask(shop, "ideal")["id"], ask(shop, "ideal", key="k2")["id"]
    assert shop.do(left, "leave")["status"] == "requires_action"
    clock.pass_seconds(1800)
    assert shop.read(away)["failure"]["code"] == "expired"
    assert shop.read(left)["failure"]["code"] == "payer_left"


def test_klarna_waits_for_the_capture(shop: Shop) -> None:
    charge = ask(shop, "klarna", capture=False)["id"]
    assert shop.do(charge, "pay")["status"] == "authorized"
    part = shop.post(f"/v1/charges/{charge}/capture", "k2", amount_minor=400).get_json()
    assert part["status"] == "succeeded"
    shop.post(f"/v1/charges/{charge}/void", "k3")
    assert shop.read(charge)["captured_minor"] == 400
    assert shop.kinds() == ["authorize", "capture", "void"]


def test_only_klarna_can_wait(shop: Shop) -> None:
    body = {"amount_minor": 1, "currency": "EUR", "reference": "p", "capture": False}
    method = {"type": "apm", "name": "ideal"}
    assert shop.post("/v1/charges", "k1", **body, method=method).status_code == 422


def test_a_voucher_is_paid_days_later(shop: Shop, clock: Clock) -> None:
    charge = ask(shop, "multibanco")
    action = charge["action"]
    assert action["type"] == "voucher"
    assert [len(part) for part in action["code"].split()] == [2, 3, 3]
    assert charge["expires_at"] == "2026-11-29T23:00:00Z"
    clock.pass_seconds(2 * 24 * 60 * 60)
    assert shop.do(charge["id"], "pay")["status"] == "succeeded"


def test_a_debit_is_booked_after_the_mandate(shop: Shop, clock: Clock) -> None:
    charge = ask(shop, "sepa_debit")["id"]
    assert shop.do(charge, "pay")["status"] == "processing"
    clock.pass_seconds(2)
    assert shop.read(charge)["status"] == "succeeded"
    clock.pass_seconds(3600)
    assert shop.kinds() == ["processing", "purchase"]


@pytest.mark.parametrize("seconds, taken", [(0, 0), (2, 1050)])
def test_a_debit_is_returned_before_or_after_it_was_booked(
    shop: Shop, clock: Clock, seconds: int, taken: int
) -> None:
    charge = ask(shop, "sepa_debit")["id"]
    shop.do(charge, "pay")
    clock.pass_seconds(seconds)
    returned = shop.do(charge, "return")
    assert (returned["status"], returned["failure"]["code"]) == ("failed", "debit_returned")
    assert returned["captured_minor"] == 0
    clock.pass_seconds(60)
    assert shop.read(charge)["status"] == "failed"
    by_kind = {effect["kind"]: effect["amount_minor"] for effect in shop.effects()}
    assert by_kind.get("purchase", 0) == by_kind.get("purchase_reversed", 0) == taken


def test_a_debit_that_was_sent_does_not_expire(shop: Shop) -> None:
    charge = ask(shop, "sepa_debit")["id"]
    shop.do(charge, "pay")
    assert shop.door(f"charges/{charge}", do="expire").status_code == 409
    assert shop.read(charge)["status"] == "processing"


@pytest.mark.parametrize("do", ["return", "confirm", "deposit", "dance"])
def test_what_a_bank_cannot_do_is_refused(shop: Shop, do: str) -> None:
    charge = ask(shop, "ideal")["id"]
    assert shop.door(f"charges/{charge}", do=do).status_code == 409
    assert shop.effects() == []
