"""What a program is told of what happened to a payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.services import flows

if TYPE_CHECKING:
    from tests.views.api.conftest import Program, Programs


def _events(shop: Program, payment: str, **query: str) -> list[dict[str, Any]]:
    answer = shop.get(f"/payments/{payment}/events", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.get_json()["data"]
    return found


def test_a_payment_tells_what_was_asked_and_what_came_of_it(shop: Program) -> None:
    payment = shop.paid(capture="manual")["id"]
    shop.post(f"/payments/{payment}/capture", {"amount": 2500})
    refund = shop.post(f"/payments/{payment}/refunds", {"amount": 900, "reason": "returned"})
    told = _events(shop, payment)
    assert [each["type"] for each in told][::-1] == [
        "payment.created",
        "authorize.succeeded",
        "capture.asked",
        "capture.succeeded",
        "refund.asked",
        "refund.succeeded",
    ]
    last, asked = told[:2]
    assert (last["operation"], last["status"]) == (refund.get_json()["id"], "succeeded")
    assert (asked["amount"], asked["currency"], asked["description"]) == (900, "EUR", "returned")
    assert len({each["id"] for each in told}) == len(told)


def test_a_failure_says_why_and_nothing_of_the_provider_s_own(
    shop: Program, programs: Programs
) -> None:
    payment = shop.paid(method={"type": "card", "token": "tok_insufficient"})["id"]
    failed = _events(shop, payment)[0]
    assert (failed["type"], failed["failure"]["code"]) == ("purchase.failed", "insufficient_funds")
    (operation,) = flows.read_operations(programs.world.owner(), payment)
    answer = shop.get(f"/payments/{payment}/events").text
    for hidden in (operation.provider_key, operation.provider_reference, "sandbox", "evidence"):
        assert hidden
        assert hidden not in answer


def test_the_pages_of_a_payment_s_events_go_both_ways(shop: Program) -> None:
    payment = shop.paid()["id"]
    for _ in range(2):
        shop.post(f"/payments/{payment}/refunds", {"amount": 100})
    every = _events(shop, payment)
    path = f"/payments/{payment}/events"
    first = shop.get(path, limit="4").get_json()
    rest = shop.get(path, limit="4", starting_after=first["next_cursor"]).get_json()
    assert (first["data"], first["has_more"]) == (every[:4], True)
    assert (rest["data"], rest["has_more"]) == (every[4:], False)
    newer = shop.get(path, limit="2", ending_before=every[3]["id"]).get_json()
    assert (newer["data"], newer["has_more"]) == (every[1:3], True)
    assert _events(shop, payment, **{"created[lt]": every[-1]["created"]}) == []
    assert shop.get(path, starting_after="oe_nothing").status_code == 404
    assert shop.get("/payments/pay_nothing/events").status_code == 404


def test_a_refund_that_is_sent_again_is_the_refund_that_was_made(shop: Program) -> None:
    payment = shop.paid()["id"]
    first, again = (
        shop.post(f"/payments/{payment}/refunds", {"amount": 900}, key="back") for _ in range(2)
    )
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.get_json() == first.get_json()
