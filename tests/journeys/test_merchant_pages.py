"""The owner of a merchant on a phone: who paid, and where the money stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys import pages
from tests.journeys.pages import PHONE_WIDTH

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]


def test_payers_and_balance_lead_to_payments_on_a_phone(visiting: Visiting) -> None:
    with visiting("acme-owner", width=PHONE_WIDTH) as page:
        page.goto("/")
        pages.choose(page, "Payers")
        _arrive(page, "Payers")
        email = page.locator("a.opener").first.inner_text()
        page.locator("a.opener").first.click()
        page.locator("#totals").wait_for()
        assert email in page.locator(".headline").inner_text()
        _fits(page)
        page.locator("#payments a.opener").first.click()
        page.locator("#story").wait_for()
        assert email in pages.facts(page).values()
        page.goto("/")
        page.get_by_role("link", name="What moved your balance").click()
        _arrive(page, "Balance")
        page.locator("#standing a").first.click()
        page.get_by_role("link", name="These lines with the balance after each").wait_for()
        page.goto("/balance/?kind=capture&place=pending")
        _fits(page)
        page.locator("a.opener").first.click()
        _arrive(page, "Capture")
        page.get_by_text("Why this fee").click()
        assert "Fee" in page.locator("#fee table").inner_text()
        _fits(page)
        page.locator("#transaction a").click()
        page.locator("#story").wait_for()


def _arrive(page: Page, heading: str) -> None:
    page.get_by_role("heading", name=heading, level=1, exact=True).wait_for()
    _fits(page)


def _fits(page: Page) -> None:
    """The test book says so on every page, and nothing scrolls sideways."""
    assert "Test book" in page.locator(".mode").inner_text()
    assert page.locator(".mode").get_by_role("button", name="Open the live book").is_visible()
    assert pages.shown_width(page) <= PHONE_WIDTH
