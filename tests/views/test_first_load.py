"""How much a browser that comes for the first time fetches, and that it fetches it once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.chromium import visit
from tests.journeys.agency import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]
MOST_AT_FIRST = 600_000
"""Bytes over the network, headers and all, for signing in and the home page with its figures."""


@dataclass
class Traffic:
    """What came over the network, by address."""

    addresses: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    def hear(self, page: Page) -> None:
        """Listen to the page's connections."""
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._ended)
        session.send("Network.enable")

    def _answered(self, told: dict[str, Any]) -> None:
        self.addresses[told["requestId"]] = told["response"]["url"]

    def _ended(self, told: dict[str, Any]) -> None:
        address = self.addresses.get(told["requestId"], "")
        self.sizes[address] = self.sizes.get(address, 0) + int(told["encodedDataLength"])


@contextmanager
def _signed_in(chromium: Browser, agency: Agency, username: str) -> Iterator[tuple[Page, Traffic]]:
    traffic = Traffic()
    with visit(chromium, agency.origin) as seen:
        traffic.hear(seen.page)
        seen.page.goto("/login/")
        seen.page.locator("#username").fill(username)
        seen.page.locator("#password").fill(PASSWORD)
        seen.page.locator("#password").press("Enter")
        seen.page.wait_for_url(f"{agency.origin}/")
        for figure in seen.page.locator("[data-figure]").all():
            figure.scroll_into_view_if_needed()
            figure.locator(".main-svg").first.wait_for()
        seen.page.wait_for_load_state("networkidle")
        yield seen.page, traffic
        assert seen.violations == []
        assert seen.foreign == []


@pytest.mark.parametrize("username", ["finance", "acme-owner"])
def test_signing_in_and_the_first_page_are_small(
    chromium: Browser, agency: Agency, username: str
) -> None:
    with _signed_in(chromium, agency, username) as (_, traffic):
        largest = sorted(traffic.sizes.items(), key=lambda each: -each[1])
    total = sum(size for _, size in largest)
    print(f"first load of {username}: {total:,} bytes, {len(largest)} addresses", largest[:12])
    assert total <= MOST_AT_FIRST, largest[:12]
