"""The steps that every journey is made of, in the words of the screens."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tests.journeys.agency import PASSWORD

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import FilePayload, Locator, Page

PHONE_WIDTH: Final = 390
PATIENCE_SECONDS: Final = 120
"""In the first minute workers still hear what the demo's history has told in vain."""
LOOK_MS: Final = 200


def sign_in(page: Page, username: str) -> None:
    """Go to the payments, be asked who one is, and arrive there."""
    page.goto("/payments/")
    page.get_by_label("Name to sign in").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Payments", level=1).wait_for()


def go_home(page: Page) -> None:
    """Go to the home page and wait until both figures are drawn."""
    page.locator("#sidebar").get_by_role("link", name="PayAgency").click()
    for name in ("volume", "success"):
        page.locator(f"#{name}").scroll_into_view_if_needed()
        page.locator(f"#{name} .figure svg").first.wait_for()
    page.evaluate("scrollTo(0, 0)")


def choose(page: Page, label: str) -> None:
    """Follow the menu, as "Uploads"."""
    page.wait_for_load_state()  # the menu's link is a button from then on
    unfold = page.get_by_role("button", name="Menu")
    if unfold.is_visible():
        unfold.click()
    page.locator("#sidebar").get_by_role("link", name=label, exact=True).click()
    page.wait_for_load_state()


def menu_addresses(page: Page) -> list[str]:
    """Return where the menu leads this reader."""
    links = page.locator("#sidebar nav a[href^='/']")
    return [str(link.get_attribute("href")) for link in links.all()]


def press(page: Page, name: str) -> None:
    """Press a button of the page itself."""
    page.locator(".screen").get_by_role("button", name=name, exact=True).click()


def text_of(page: Page) -> str:
    """Return all that is written on the page itself."""
    return page.locator(".screen").inner_text()


def table(page: Page, column: str) -> list[list[str]]:
    """Return the cells of the table that has this column."""
    body = page.locator("table").filter(has=page.get_by_role("columnheader", name=column))
    found = body.first.locator("tbody tr:not([hidden])").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    )
    return [[str(cell) for cell in row] for row in found]


def facts(page: Page) -> dict[str, str]:
    """Return the facts on the page, by their names."""
    return {
        term.inner_text(): term.locator("xpath=following-sibling::dd[1]").inner_text().strip()
        for term in page.locator("dl.facts dt").all()
    }


def find_payment(page: Page, reference: str) -> None:
    """Look for a payment in the list by its reference, and open it."""
    choose(page, "Payments")
    narrow(page, "Reference", reference)
    page.get_by_role("row").filter(has_text=reference).locator("a.opener").click()
    page.get_by_role("heading", name=f"Payment {reference}", level=1).wait_for()


def narrow(page: Page, label: str, value: str) -> None:
    """Fill in one of the rarer filters of a list, and apply it."""
    page.wait_for_load_state()
    unfold = page.get_by_role("button", name="Filters")
    if unfold.is_visible():
        unfold.click()
    box = page.locator("[data-filters] details.pill", has=page.get_by_label(label, exact=True))
    box.locator("summary").click()
    box.get_by_label(label, exact=True).fill(value)
    box.get_by_role("button", name="Show").click()
    page.wait_for_load_state()


def upload(page: Page, file: Path | FilePayload) -> None:
    """Choose a file, send it, and wait until it has been checked."""
    choose(page, "Uploads")
    page.get_by_role("link", name="Upload a file").first.click()
    page.get_by_label("CSV file").set_input_files(file)
    press(page, "Upload and check")
    page.get_by_role("heading", name="What the check found").wait_for()


def money(text: str) -> Decimal:
    """Return the amount of a cell such as `1,050.00 EUR`; an empty cell is nothing."""
    found = re.match(r"[-\u2212]?[\d.,]+", text)
    return Decimal(found[0].replace(",", "").replace("\u2212", "-")) if found else Decimal(0)


def money_forms(page: Page) -> Locator:
    """Return what changes more on this page than what its reader sees of it."""
    looks = ("/columns", "/export", "/results")
    return page.locator(
        "main form[method=post]" + "".join(f":not([action*='{at}'])" for at in looks)
    )


def until(page: Page, text: str, *, within: str = ".screen") -> None:
    """Load the page again until this stands on it: workers do what it waits for."""
    end = time.monotonic() + PATIENCE_SECONDS
    while text not in page.locator(within).first.inner_text():
        assert time.monotonic() < end, f"no {text} at {page.url}"
        page.wait_for_timeout(LOOK_MS)
        page.reload()


def shown_width(page: Page) -> int:
    """Return how wide the page is, beyond what fits on the screen included."""
    return int(page.evaluate("document.documentElement.scrollWidth"))
