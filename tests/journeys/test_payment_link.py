"""A payment link on phones: its merchant makes it, and its payer comes to the payment's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest

from tests.infra.chromium import visit
from tests.journeys import pages
from tests.screens.axe import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

TITLE: Final = "Guided tour"


def test_a_payer_opens_a_link_and_is_led_to_the_payment(
    visiting: Visiting, agency: Agency, chromium: Browser
) -> None:
    with visiting("acme-owner", width=pages.PHONE_WIDTH) as page:
        link, address = _make(page)
    with visit(chromium, agency.origin, width=pages.PHONE_WIDTH, height=844) as seen:
        payer = seen.page
        payer.goto(address)
        assert Axe().faults(payer) == []
        assert pages.shown_width(payer) == pages.PHONE_WIDTH
        _begin(payer, "0.50")
        payer.get_by_text("The least that may be paid is 5.00 EUR").wait_for()
        assert Axe().faults(payer) == []
        _begin(payer, "12.50")
        payer.wait_for_url("**/pay/*")
        assert "12.50" in payer.locator("main").inner_text()
        assert (seen.foreign, seen.violations) == ([], [])
    with visiting("acme-owner", width=pages.PHONE_WIDTH) as page:
        page.goto(link)
        assert "12.50" in page.locator("#payments").inner_text()
        assert pages.shown_width(page) == pages.PHONE_WIDTH


def _make(page: Page) -> tuple[str, str]:
    """Make a link by which payers enter the amount; answers its page and its address."""
    pages.choose(page, "Payment links")
    page.get_by_role("link", name="New payment link").first.click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("The payer enters it").check()
    page.get_by_label("At least").fill("5.00")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_label("Again and again").check()
    page.get_by_label("Reference").fill("tour")
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("heading", name=TITLE, level=1).wait_for()
    address = page.locator("#share .link-address a").get_attribute("href")
    assert address is not None
    return urlsplit(page.url).path, urlsplit(address).path


def _begin(page: Page, amount: str) -> None:
    page.get_by_label("Amount").fill(amount)
    page.get_by_role("button", name="Go on to pay").click()
