"""A dispute over a card payment: told by the provider, followed, and lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages, steps

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.infra.sandbox import SandboxDoors
    from tests.journeys.camera import Camera
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

REFERENCE: Final = "order-1004"


def test_a_lost_dispute_takes_the_money_from_the_merchant(
    visiting: Visiting, provider: SandboxDoors, camera: Camera
) -> None:
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(page, REFERENCE, "75.00", "EUR", card_token="tok_approve")
        dispute = provider.dispute(steps.charge_of(page))
        pages.until(page, "Disputed", within=".headline")
        assert pages.facts(page)["Disputed"] == "75.00 EUR"
        assert pages.facts(page)["Still refundable"] == "0.00 EUR"
        camera.shoot(page, "acme-owner:dispute-open", "A payment that is disputed")
    with visiting("operations") as page:
        pages.choose(page, "Disputes")
        camera.shoot(page, "operations:disputes", "Disputes, those to be answered first above")
        row = page.get_by_role("row").filter(has=page.locator(f"a[href='{payment}']"))
        assert "75.00 EUR" in row.inner_text()
        row.locator("a.opener").click()
        page.get_by_text("An answer is due").wait_for()
        provider.move_dispute(dispute["id"], status="lost")
        pages.until(page, "Lost", within=".headline")
        camera.shoot(page, "operations:dispute-lost", "A dispute that is lost")
        _is_booked(page, payment)
        camera.shoot(page, "operations:dispute-ledger", "What a lost dispute books", at="#ledger")


def _is_booked(page: Page, payment: str) -> None:
    """The merchant's money goes to what is disputed, and from there to the provider."""
    page.goto(payment)
    assert "The dispute (chargeback) is lost" in page.locator("#story").inner_text()
    assert "Charged back" in page.locator(".headline").inner_text()
    assert pages.facts(page)["Charged back"] == "75.00 EUR"
    journals = steps.journals(page)
    assert all(each.is_balanced for each in journals)
    assert sorted(each.kind for each in journals) == [
        "Capture",
        "Dispute lost",
        "Dispute opened",
        "Disputed money taken by the provider",
        "Fee of a chargeback",
    ]
