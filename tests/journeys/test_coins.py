"""Bitcoin that comes in parts: too little in time, and after the quote's end more than was asked.

The decision about the first part is overtaken by what comes later; the surplus needs another one.
"""

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

REFERENCE: Final = "order-1003"


def test_a_short_payment_is_topped_up_late_and_the_surplus_is_decided_on(
    visiting: Visiting, provider: SandboxDoors, camera: Camera
) -> None:
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(
            page, REFERENCE, "60.00", "EUR", method="crypto", asset="BTC"
        )
        coins, expected = steps.charge_of(page), _units(pages.facts(page)["Expected"])
    provider.do(coins, "deposit", (expected + 1) // 2)
    provider.do(coins, "confirm")
    provider.do(coins, "expire")
    with visiting("operations") as page:
        page.goto(payment)
        pages.until(page, "This payment waits for a decision at the desk")
        camera.shoot(page, "operations:coins-short", "Coins that are too few when the time is over")
        short = steps.open_case(page, REFERENCE)
        steps.propose(page, "Send it back to the payer", "The payer has not answered for a day")
        steps.send_proposal(page)
    provider.do(coins, "deposit", expected)
    provider.do(coins, "confirm")
    with visiting("finance") as page:
        page.goto(payment)
        pages.until(page, "Succeeded", within=".headline")
        page.goto(short)
        assert "Ended: the reason went away" in pages.text_of(page)
        _overtaken(page, camera)
        page.goto(payment)
        assert "Case ended: the reason went away" in page.locator("#story").inner_text()
        assert pages.facts(page)["Late"] == pages.facts(page)["Expected"]
        assert pages.facts(page)["Captured"] == "60.00 EUR"
        assert pages.facts(page)["Held apart"] == "30.00 EUR"
        camera.shoot(page, "finance:coins-late", "Coins that came late, and too many")
        _gives_the_surplus_to_the_merchant(page)
    with visiting("finance-2") as page:
        steps.open_request(page, "Credit it to the merchant")
        steps.approve(page, "The payer agreed by letter")
        page.goto(payment)
        assert "Held apart" not in pages.facts(page)
        assert all(each.is_balanced for each in steps.journals(page))
        camera.shoot(page, "finance-2:coins-ledger", "The surplus, credited", at="#ledger")


def _units(text: str) -> int:
    return int(text.split(maxsplit=1)[0].replace(".", ""))


def _overtaken(page: Page, camera: Camera) -> None:
    """What was proposed before the rest came cannot be carried out any more."""
    steps.open_request(page, "about 30.00")
    assert "What it is about has changed since it was asked for" in pages.text_of(page)
    camera.shoot(page, "finance:coins-overtaken", "A proposal that was overtaken")
    steps.approve(page, "Not needed any more")
    page.get_by_text("Nothing was done: what it is about has changed").wait_for()


def _gives_the_surplus_to_the_merchant(page: Page) -> None:
    steps.open_case(page, REFERENCE)
    (planned,) = steps.propose(page, "Credit it to the merchant", "The payer meant it as a tip")
    assert planned.is_balanced
    steps.send_proposal(page)
