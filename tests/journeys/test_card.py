"""A card payment in parts: reserved, captured for a part, and that part refunded twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages, steps
from tests.journeys.pages import money

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.camera import Camera
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

REFERENCE: Final = "order-1001"


def test_a_part_is_captured_and_refunded_in_two_parts(visiting: Visiting, camera: Camera) -> None:
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(
            page, REFERENCE, "120.00", "EUR", card_token="tok_approve", capture="manual"
        )
        assert "Authorized" in page.locator(".headline").inner_text()
        steps.capture(page, "80.00")
        steps.refund(page, "30.00", "One of three was broken")
        steps.refund(page, "20.00", "Agreed discount")
    with visiting("operations") as page:
        page.goto(payment)
        _shows_the_amounts(page)
        _tells_the_story(page)
        _explains_the_fee(page)
        kinds = [journal.kind for journal in steps.journals(page)]
        assert kinds == [*("Refund succeeded", "Refund asked") * 2, "Capture"]
        assert all(journal.is_balanced for journal in steps.journals(page))
        camera.shoot(page, "operations:parts", "A payment captured for a part, refunded in two")
        camera.shoot(page, "operations:parts-fee", "Why this fee", at="#amounts")
        camera.shoot(page, "operations:parts-ledger", "The journals of a payment", at="#ledger")


def _shows_the_amounts(page: Page) -> None:
    shown = pages.facts(page)
    for name, amount in {
        "Asked for": "120.00 EUR",
        "Authorized": "120.00 EUR",
        "Captured": "80.00 EUR",
        "Left to capture": "40.00 EUR",
        "Refunded": "50.00 EUR",
        "Still refundable": "30.00 EUR",
    }.items():
        assert shown[name] == amount, name


def _tells_the_story(page: Page) -> None:
    story = page.locator("#story").inner_text()
    asked = [
        "Payment asked for by acme-owner",
        "Capture of 80.00 EUR asked by acme-owner",
        "One of three was broken",
        "Agreed discount",
    ]
    places = [story.replace("\xa0", " ").index(each) for each in asked]
    assert places == sorted(places, reverse=True), "the newest stands first"


def _explains_the_fee(page: Page) -> None:
    """The parts of the fee add up to what is taken."""
    page.get_by_text("Why this fee").click()
    *parts, (_, total) = pages.table(page, "Part of the fee")
    assert money(total) == money(pages.facts(page)["Fee"]) > 0
    assert sum(money(amount) for _, amount in parts) == money(total)
