"""Payers at the hosted page of an open payment: by card, UPI, coins and through a bank's page."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx
import pytest

from tests.infra.chromium import visit
from tests.journeys import pages
from tests.screens.axe import Axe
from tests.sealing import APPROVED, DECLINED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.infra.sandbox import SandboxDoors
    from tests.journeys.agency import Agency
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

CHALLENGED: Final = "4000002500003155"
PAID: Final = "The payment has been made."
WIDTHS: Final = pytest.mark.parametrize("width", [1280, pages.PHONE_WIDTH])


class Paying(Protocol):
    """Opens the page of a new open payment in a browser window of its payer's own."""

    def __call__(
        self, width: int, currency: str = ..., amount: int = ...
    ) -> AbstractContextManager[Page]: ...


class Shop:
    """A merchant's program, which asks for payments."""

    def __init__(self, origin: str, secret: str) -> None:
        self.origin, self.secret, self.number = origin, secret, 0

    def ask(self, currency: str, amount: int) -> str:
        """Ask for an open payment; returns the address of its page."""
        self.number += 1
        key = f"checkout-{self.number}"
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key}
        body: dict[str, Any] = {"amount": amount, "currency": currency, "reference": key}
        answer = httpx.post(f"{self.origin}/v1/payments", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["checkout_url"])


@pytest.fixture(scope="module")
def shop(agency: Agency, visiting: Visiting) -> Shop:
    """Return a program of acme, for which its owner makes a key."""
    with visiting("acme-owner") as page:
        page.goto("/api-keys/new")
        page.get_by_label("Name").fill("Checkout")
        pages.press(page, "Make the key")
        return Shop(agency.origin, page.locator("#secret").inner_text())


@pytest.fixture
def paying(agency: Agency, chromium: Browser, shop: Shop) -> Paying:
    """Return how to open a page; it never fails, and leads nowhere but to the provider."""

    @contextmanager
    def sit_down(width: int, currency: str = "EUR", amount: int = 6000) -> Iterator[Page]:
        height = 844 if width == pages.PHONE_WIDTH else 760
        with visit(chromium, agency.origin, width=width, height=height) as seen:
            seen.page.goto(shop.ask(currency, amount))
            yield seen.page
            assert seen.complaints == []
            assert [url for url in seen.foreign if not url.startswith(agency.sandbox)] == []
            assert seen.violations == []

    return sit_down


def _type_card(page: Page, number: str, expiry: str = "0731", code: str = "123") -> None:
    page.get_by_label("Card", exact=True).check()
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiry date").press_sequentially(expiry)
    page.get_by_label("Security code").press_sequentially(code)
    page.get_by_label("Name on the card").fill("Maria Garcia")


def _pay(page: Page) -> None:
    page.get_by_role("button", name="Pay").click()


def _looks_right(page: Page) -> None:
    assert Axe().faults(page) == []
    assert pages.shown_width(page) <= int(page.evaluate("window.innerWidth"))


@WIDTHS
def test_a_card_pays(paying: Paying, width: int) -> None:
    posted: list[str] = []
    with paying(width) as page:
        page.on("request", lambda request: posted.append(request.post_data or ""))
        _looks_right(page)
        _type_card(page, APPROVED)
        assert page.get_by_label("Card number").input_value() == "4242 4242 4242 4242"
        assert page.get_by_label("Expiry date").input_value() == "07 / 31"
        assert page.locator("[data-brand]").inner_text() == "Visa"
        _looks_right(page)
        _pay(page)
        page.get_by_text(PAID).wait_for()
        _looks_right(page)
    (sent,) = [each for each in posted if each]
    assert "sealed." in sent
    assert not [each for each in (APPROVED, "4242", "Maria", "07+") if each in sent]


@WIDTHS
def test_what_was_mistyped_is_said_and_nothing_is_sent(paying: Paying, width: int) -> None:
    with paying(width) as page:
        _type_card(page, "4242424242424241", expiry="0120", code="12")
        _pay(page)
        summary = page.locator(".errors-summary")
        summary.wait_for()
        assert summary.evaluate("(box) => box === document.activeElement")
        assert len(summary.get_by_role("link").all()) == 3
        _looks_right(page)
        summary.get_by_role("link", name="Check the card number.").click()
        number = page.get_by_label("Card number")
        assert number.evaluate("(field) => field === document.activeElement")
        assert number.get_attribute("aria-invalid") == "true"
        number.fill("")
        number.press_sequentially(APPROVED)
        assert number.get_attribute("aria-invalid") is None


@WIDTHS
def test_after_a_decline_another_card_pays(paying: Paying, width: int) -> None:
    with paying(width) as page:
        _type_card(page, DECLINED)
        _pay(page)
        page.get_by_text("Nothing was charged.").wait_for()
        assert page.get_by_label("Card number").input_value() == ""
        _looks_right(page)
        _type_card(page, APPROVED)
        _pay(page)
        page.get_by_text(PAID).wait_for()


@WIDTHS
def test_a_bank_that_asks_is_answered_and_the_payer_returns(paying: Paying, width: int) -> None:
    with paying(width) as page:
        _type_card(page, CHALLENGED)
        _pay(page)
        page.get_by_role("button", name="Approve").click()
        page.get_by_text(PAID).wait_for()


@WIDTHS
def test_upi_is_paid_by_a_code(paying: Paying, provider: SandboxDoors, width: int) -> None:
    with paying(width, "INR", 1_000_00) as page:
        page.get_by_label("UPI", exact=True).check()
        _pay(page)
        page.get_by_text("Scan this code with any UPI app").wait_for()
        assert page.get_by_role("img", name="QR code to pay").is_visible()
        opens = page.locator("a", has_text="Open a UPI app")
        assert opens.is_visible() is (width == pages.PHONE_WIDTH)
        _looks_right(page)
        tr = re.search(r"tr=(\w+)", opens.get_attribute("href") or "")
        assert tr is not None
        provider.do(tr[1], "pay")
        page.get_by_text(PAID).wait_for(timeout=1000 * pages.PATIENCE_SECONDS)


@WIDTHS
def test_coins_are_asked_for_at_an_address(paying: Paying, width: int) -> None:
    with paying(width) as page:
        page.get_by_label("Cryptocurrency").check()
        page.get_by_label("Which coin?").select_option(label="Bitcoin")
        _pay(page)
        page.get_by_text("Send exactly this amount of BTC").wait_for()
        assert page.get_by_role("img", name="QR code of the address").is_visible()
        _looks_right(page)


@WIDTHS
def test_a_bank_that_was_left_is_left_for_a_card(paying: Paying, width: int) -> None:
    with paying(width) as page:
        here = page.url
        page.get_by_label("iDEAL").check()
        _pay(page)
        page.get_by_role("button", name="Decline").wait_for()
        page.goto(here)
        page.get_by_text("asks you to confirm it on a page of its own").wait_for()
        _looks_right(page)
        page.get_by_role("link", name="Pay in another way").click()
        _type_card(page, APPROVED)
        _pay(page)
        page.get_by_text(PAID).wait_for()


def test_the_page_is_paid_with_the_keyboard_alone(paying: Paying) -> None:
    with paying(1280) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "method"
        for typed in (APPROVED, "0731", "123", "Maria Garcia"):
            page.keyboard.press("Tab")
            page.keyboard.type(typed)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text(PAID).wait_for()
