"""The owner of a merchant on a phone, in a browser: who paid, and where the money stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.infra.chromium import visit
from tests.infra.site import served
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]
pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(300)]

PHONE_WIDTH: Final = 390
PAYER: Final = "payer@example.com"


@pytest.fixture
def phone(paying_desk: Desk, chromium: Browser) -> Iterator[Page]:
    """Yield a phone on which acme's owner is signed in, after two captures and a refund."""
    world = paying_desk.world
    flows.pay(world.owner(), world.acme, reference="order-1")
    second = flows.pay(world.owner(), world.acme, reference="order-2")
    flows.refund(world.owner(), world.acme, second, 700)
    client = paying_desk.person("acme-owner").client
    name = paying_desk.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    with (
        served(paying_desk.app) as origin,
        visit(chromium, origin, width=PHONE_WIDTH, height=844) as seen,
    ):
        seen.page.context.add_cookies([{"name": name, "value": cookie.value, "url": origin}])
        yield seen.page
        assert seen.complaints == []
        assert seen.violations == []


def test_payers_and_balance_lead_to_payments(phone: Page) -> None:
    phone.goto("/")
    phone.get_by_role("button", name="Menu").click()
    phone.locator("#sidebar").get_by_role("link", name="Payers", exact=True).click()
    _arrive(phone, "Payers")
    phone.get_by_role("link", name=PAYER).click()
    _arrive(phone, PAYER)
    assert "7.00" in phone.locator("#refunds").inner_text()
    phone.locator("#payments").get_by_role("row").filter(has_text="order-1").locator("a").click()
    _arrive(phone, "Payment order-1")
    phone.get_by_role("link", name="All that this payer has paid").click()
    _arrive(phone, PAYER)
    phone.goto("/")
    phone.get_by_role("link", name="What moved your balance").click()
    _arrive(phone, "Balance")
    phone.locator("#standing a").filter(has_text=".").first.click()
    phone.get_by_role("link", name="These lines with the balance after each").wait_for()
    phone.goto("/balance/?kind=capture&place=pending")
    phone.locator("a.opener").last.click()
    _arrive(phone, "Capture")
    phone.get_by_text("Why this fee").click()
    assert "Fee" in phone.locator("#fee table").inner_text()
    phone.locator("#transaction a").click()
    _arrive(phone, "Payment order-1")


def _arrive(page: Page, heading: str) -> None:
    """The page is there, says that its book is the test book, and does not scroll sideways."""
    page.get_by_role("heading", name=heading, level=1, exact=True).wait_for()
    assert "Test book" in page.locator(".mode").inner_text()
    assert page.locator(".mode").get_by_role("button", name="Open the live book").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_WIDTH
