from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Shop


def opened(shop: Shop, **body: object) -> dict[str, Any]:
    charge = shop.charge("k1").get_json()["id"]
    answer = shop.door(f"charges/{charge}/dispute", **body)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def moved(shop: Shop, dispute: str, **body: object) -> dict[str, Any]:
    answer = shop.door(f"disputes/{dispute}", **body)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def moves_of_money(shop: Shop) -> list[str]:
    return [kind for kind in shop.kinds() if kind in {"dispute", "dispute_reversed"}]


def test_the_card_for_it_is_disputed_after_a_while(shop: Shop, clock: Clock) -> None:
    charge = shop.charge("k1", "tok_dispute").get_json()
    clock.pass_seconds(2)
    shop.read(charge["id"])
    assert shop.kinds() == ["purchase"]
    clock.pass_seconds(1)
    assert shop.read(charge["id"])["status"] == "succeeded"
    assert shop.kinds() == ["purchase", "dispute_opened", "dispute"]
    dispute = shop.read(shop.effects()[-1]["object"])
    assert dispute == {
        "id": dispute["id"],
        "object": "dispute",
        "charge": charge["id"],
        "amount_minor": 1050,
        "currency": "EUR",
        "stage": "chargeback",
        "status": "open",
        "withdrawn": True,
        "reason_code": "10.4",
        "reason": "Other Fraud – Card-Absent Environment",
        "due_at": "2026-12-03T23:00:03Z",
        "reference": "pay_1",
        "metadata": {"operation": "op_1"},
    }


def test_a_card_that_is_captured_later_is_disputed_after_that(shop: Shop, clock: Clock) -> None:
    charge = shop.charge("k1", "tok_dispute", capture=False).get_json()["id"]
    clock.pass_seconds(60)
    for number in (1, 2):
        shop.post(f"/v1/charges/{charge}/capture", f"c{number}", amount_minor=100)
    clock.pass_seconds(3)
    shop.read(charge)
    assert shop.kinds() == ["authorize", "capture", "capture", "dispute_opened", "dispute"]


@pytest.mark.parametrize(
    "start, change, money",
    [
        ({}, {"status": "won"}, ["dispute", "dispute_reversed"]),
        ({}, {"status": "lost"}, ["dispute"]),
        ({}, {"withdrawn": False}, ["dispute", "dispute_reversed"]),
        ({"withdrawn": False}, {"status": "accepted"}, ["dispute"]),
        ({"stage": "inquiry"}, {"status": "won"}, []),
        ({"stage": "inquiry"}, {"stage": "chargeback", "withdrawn": True}, ["dispute"]),
    ],
)
def test_the_money_follows_the_decision(
    shop: Shop, start: dict[str, object], change: dict[str, object], money: list[str]
) -> None:
    dispute = opened(shop, **start)
    told = moved(shop, dispute["id"], **change)
    assert told == {**dispute, **change}
    assert moves_of_money(shop) == money
    assert moved(shop, dispute["id"], **change) == told
    assert moves_of_money(shop) == money


def test_an_unanswered_dispute_is_over_in_the_end(shop: Shop, clock: Clock) -> None:
    open_, answered = opened(shop, amount_minor=50), opened(shop)
    moved(shop, answered["id"], status="under_review")
    clock.pass_seconds(7 * 24 * 60 * 60)
    assert shop.read(open_["id"])["status"] == "expired"
    assert shop.read(answered["id"])["status"] == "under_review"
    assert moves_of_money(shop) == ["dispute", "dispute"]


def test_a_dispute_may_follow_a_full_refund(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    shop.post(f"/v1/charges/{charge}/refunds", "r1", amount_minor=1050)
    assert shop.door(f"charges/{charge}/dispute").get_json()["amount_minor"] == 1050


@pytest.mark.parametrize(
    "body, status",
    [
        ({"amount_minor": 1051}, 422),
        ({"amount_minor": 0}, 422),
        ({"stage": "appeal"}, 422),
        ({"withdrawn": "yes"}, 422),
        ({"status": "won"}, 422),
    ],
)
def test_a_dispute_that_cannot_be_is_refused(
    shop: Shop, body: dict[str, object], status: int
) -> None:
    charge = shop.charge("k1").get_json()["id"]
    assert shop.door(f"charges/{charge}/dispute", **body).status_code == status
    assert shop.kinds() == ["purchase"]


def test_what_was_not_captured_is_not_disputed(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    assert shop.door(f"charges/{charge}/dispute").status_code == 409
    assert shop.door("charges/sbx_ch_unknown/dispute").status_code == 404
    assert shop.door(f"disputes/{charge}", status="won").status_code == 404
