from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Shop


def refund(shop: Shop, charge: str, key: str = "r1", amount_minor: int = 600) -> dict[str, Any]:
    answer = shop.post(f"/v1/charges/{charge}/refunds", key, amount_minor=amount_minor)
    return dict(answer.get_json())


def end(shop: Shop, part: str, outcome: str) -> tuple[int, Any]:
    answer = shop.door(f"objects/{part}", outcome=outcome)
    return answer.status_code, answer.get_json().get("status")


def test_a_pending_refund_holds_its_amount_until_it_ends(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    shop.set(refunds_pending=1)
    part = refund(shop, charge)
    assert part["status"] == "processing"
    assert refund(shop, charge, "r2")["failure"]["code"] == "amount_too_large"
    assert shop.read(charge)["refunded_minor"] == 0
    assert end(shop, part["id"], "succeeded") == (200, "succeeded")
    assert shop.read(charge)["refunded_minor"] == 600
    keys = [effect["key"] for effect in shop.effects() if effect["kind"] == "refund"]
    assert keys == ["r1"]


@pytest.mark.parametrize("pending, kind", [(1, "refund_failed"), (0, "refund_reversed")])
def test_a_refund_that_fails_frees_its_amount(shop: Shop, pending: int, kind: str) -> None:
    charge = shop.charge("k1").get_json()["id"]
    shop.set(refunds_pending=pending)
    part = refund(shop, charge)["id"]
    assert end(shop, part, "failed") == (200, "failed")
    assert end(shop, part, "failed") == (200, "failed")
    assert shop.kinds()[-1] == kind
    assert shop.read(part)["failure"]["code"] == "processing_error"
    assert shop.read(charge)["refunded_minor"] == 0
    shop.set(refunds_pending=0)
    assert refund(shop, charge, "r2", 1050)["status"] == "succeeded"
    assert end(shop, part, "succeeded") == (409, None)


def test_a_failed_refund_may_succeed_after_all(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    part = refund(shop, charge)["id"]
    end(shop, part, "failed")
    assert end(shop, part, "succeeded") == (200, "succeeded")
    assert shop.read(charge)["refunded_minor"] == 600
    assert shop.kinds() == ["purchase", "refund", "refund_reversed", "refund"]


def test_a_capture_that_fails_later_leaves_the_authorization(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    part = shop.post(f"/v1/charges/{charge}/capture", "c1", amount_minor=1050).get_json()["id"]
    assert end(shop, part, "failed") == (200, "failed")
    seen = shop.read(charge)
    assert (seen["status"], seen["captured_minor"]) == ("authorized", 0)
    assert end(shop, part, "succeeded") == (200, "succeeded")
    assert shop.read(charge)["status"] == "succeeded"


def test_what_was_refused_or_ends_by_itself_stays_so(shop: Shop) -> None:
    charge = shop.charge("k1", capture=False).get_json()["id"]
    refused = refund(shop, charge)["id"]
    void = shop.post(f"/v1/charges/{charge}/void", "v1").get_json()["id"]
    assert end(shop, refused, "succeeded") == (409, None)
    assert end(shop, void, "failed") == (409, None)
    assert end(shop, charge, "failed") == (404, None)
    part = refund(shop, shop.charge("k2").get_json()["id"], "r2")["id"]
    assert end(shop, part, "perhaps") == (422, None)
