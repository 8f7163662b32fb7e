"""A merchant's program that asks for open payments, and payers who sit down at their pages."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

import httpx
import pytest

from tests.infra.chromium import visit
from tests.journeys import pages
from tests.screens.axe import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency
    from tests.journeys.conftest import Visiting

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
        self.newest = ""
        """The id of the payment that was asked for last."""

    def ask(self, currency: str, amount: int) -> str:
        """Ask for an open payment; returns the address of its page."""
        self.number += 1
        key = f"checkout-{self.secret[-6:]}-{self.number}"
        headers = {**self._key, "Idempotency-Key": key}
        body: dict[str, Any] = {"amount": amount, "currency": currency, "reference": key}
        answer = httpx.post(f"{self.origin}/v1/payments", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        self.newest = str(answer.json()["id"])
        return str(answer.json()["checkout_url"])

    def read(self) -> dict[str, Any]:
        """Return the payment that was asked for last as it stands now."""
        answer = httpx.get(f"{self.origin}/v1/payments/{self.newest}", headers=self._key)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    @property
    def _key(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"}


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


def type_card(page: Page, number: str, expiry: str = "0731", code: str = "123") -> None:
    """Choose to pay by card, and type one."""
    page.get_by_label("Card", exact=True).check()
    page.get_by_label("Card number").press_sequentially(number)
    page.get_by_label("Expiry date").press_sequentially(expiry)
    page.get_by_label("Security code").press_sequentially(code)
    page.get_by_label("Name on the card").fill("Maria Garcia")


def pay(page: Page) -> None:
    """Press the button of the page."""
    page.get_by_role("button", name="Pay").click()


def looks_right(page: Page) -> None:
    """Refuse what cannot be read by everybody, and what scrolls sideways."""
    assert Axe().faults(page) == []
    assert pages.shown_width(page) <= int(page.evaluate("window.innerWidth"))
