"""How somebody of the demo signs in at a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.journeys.agency import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sign_in(page: Page, origin: str, username: str) -> None:
    """Sign in, and arrive at home."""
    page.goto("/login/")
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_url(f"{origin}/")
