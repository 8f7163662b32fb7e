"""Rupees that come by UPI after a card has paid: held apart, and sent back by two people."""

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

REFERENCE: Final = "order-1002"
AMOUNT: Final = "1,499.00 INR"
NOTE: Final = "The payer wrote that they had paid twice"


def test_money_that_comes_second_goes_back_when_two_people_want_it(
    visiting: Visiting, provider: SandboxDoors, camera: Camera
) -> None:
    with visiting("acme-owner") as page:
        payment = _paid_by_card_and_then_by_upi(page, provider)
    with visiting("operations") as page:
        case = steps.open_case(page, REFERENCE)
        assert "had been paid already when this money came" in pages.text_of(page)
        assert [each.kind for each in steps.journals(page)] == ["Held apart"]
        camera.shoot(page, "operations:second-case", "Money that came after another had paid")
        (planned,) = steps.propose(page, "Send it back to the payer", NOTE)
        assert planned.is_balanced
        camera.shoot(page, "operations:second-question", "What a decision at the desk would post")
        steps.send_proposal(page)
        camera.shoot(page, "operations:second-waits", "A decision that waits for a second person")
    with visiting("finance") as page:
        page.goto(case)
        page.get_by_role("link", name="Proposed end of a case").click()
        camera.shoot(page, "finance:second-request", "The second person's page")
        steps.approve(page, "Seen in the bank's statement")
        page.get_by_text("It has been approved and is being carried out.").wait_for()
        page.goto(case)
        pages.until(page, "0.00 INR", within=".side")
        assert "Ended: Send it back to the payer" in pages.text_of(page)
        assert all(each.is_balanced for each in steps.journals(page))
        camera.shoot(page, "finance:second-ledger", "What was held apart and sent back", "#ledger")
        page.goto(payment)
        assert pages.facts(page)["Captured"] == AMOUNT
        assert pages.facts(page)["Refunded"] == "0.00 INR"


def _paid_by_card_and_then_by_upi(page: Page, provider: SandboxDoors) -> str:
    payment = steps.ask_for_payment(page, REFERENCE, "1499.00", "INR", method="upi")
    code = steps.charge_of(page)
    provider.do(code, "expire")
    pages.until(page, "Failed", within=".headline")
    page.get_by_role("link", name="Try again …").click()
    page.get_by_label("Card token").fill("tok_approve")
    page.get_by_role("button", name="Try again with").click()
    page.get_by_text("Another attempt has been made.").wait_for()
    assert "Succeeded" in page.locator(".headline").inner_text()
    provider.do(code, "pay")
    pages.until(page, "Held apart", within="#amounts")
    assert pages.facts(page)["Captured"] == AMOUNT
    return payment
