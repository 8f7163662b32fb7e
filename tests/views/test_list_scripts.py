"""What the script of lists does in a browser, whose requests the application answers itself."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.infra.chromium import visit
from tests.queries import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import Page, Route

    from tests.views.people import Browser, People

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(120)]
ORIGIN = "http://localhost"
HUGE = 9223372036854775807


def answering(browser: Browser, asked: list[tuple[str, str]]) -> Callable[[Route], None]:
    """Return what hands the requests of a page to the application, and notes them."""

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        address = f"{parts.path}?{parts.query}".rstrip("?")
        asked.append((route.request.method, address))
        given = browser.client.open(
            address,
            method=route.request.method,
            data=route.request.post_data_buffer,
            content_type=route.request.headers.get("content-type"),
        )
        body = given.data
        given.close()
        headers = {name: value for name, value in given.headers if name != "Content-Length"}
        route.fulfill(status=given.status_code, headers=headers, body=body)

    return answer


@contextmanager
def opened(
    chromium: Chromium, people: People, address: str, *, width: int = 1280, locale: str = "en-GB"
) -> Iterator[tuple[Page, list[tuple[str, str]]]]:
    """Yield a list as acme's owner sees it, and what the page asks for."""
    asked: list[tuple[str, str]] = []
    browser = people.browser("acme-owner")
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale
    with visit(chromium, ORIGIN, width=width, locale=locale) as seen:
        seen.page.route("**/*", answering(browser, asked))
        seen.page.goto(address)
        yield seen.page, asked
        assert seen.violations == []
        assert seen.complaints == []


@pytest.fixture
def four(people: People) -> People:
    world = people.world
    made = [
        rows.payment(world.acme, reference="big", amount_minor=HUGE, currency="BTC"),
        rows.payment(world.acme, reference="bigger", amount_minor=HUGE, currency="BTC"),
        rows.payment(world.acme, reference="yen", amount_minor=1234567, currency="JPY"),
        rows.payment(world.acme, reference="euro", amount_minor=5),
    ]
    rows.keep(world.owner(), made)
    return people


def test_the_totals_of_what_is_selected_are_exact(chromium: Chromium, four: People) -> None:
    with opened(chromium, four, "/payments/") as (page, _):
        bar = page.locator("#selection")
        assert bar.is_hidden()
        page.get_by_label("Select all rows of this page").check()
        assert bar.locator("[data-number]").inner_text() == "4 rows selected"
        words = bar.locator("[data-totals]").inner_text()
        assert "184,467,440,737.09551614 BTC" in words
        assert "1,234,567 JPY" in words
        assert "0.05 EUR" in words
        page.get_by_role("button", name="Clear the selection").click()
        assert bar.is_hidden()
        assert page.evaluate("document.activeElement.hasAttribute('data-pick-all')")


@pytest.mark.parametrize(
    "locale,total", [("de-DE", "184.467.440.737,09551614 BTC"), ("hi-IN", "1,84,46,74,40,737.0955")]
)
def test_totals_are_written_as_in_the_readers_country(
    chromium: Chromium, four: People, locale: str, total: str
) -> None:
    with opened(chromium, four, "/payments/?currency=BTC", locale=locale) as (page, _):
        for box in page.locator("[data-pick]").all():
            box.check()
        assert total in page.locator("[data-totals]").inner_text()


def test_the_keyboard_alone_selects_and_the_shift_key_between(
    chromium: Chromium, four: People
) -> None:
    with opened(chromium, four, "/payments/") as (page, _):
        boxes = page.locator("[data-pick]")
        boxes.first.focus()
        page.keyboard.press("Space")
        assert page.locator("[data-number]").inner_text() == "1 row selected"
        boxes.nth(2).click(modifiers=["Shift"])
        assert page.locator("tr.picked").count() == 3


def test_selected_rows_are_downloaded_twice_if_one_likes(chromium: Chromium, four: People) -> None:
    with opened(chromium, four, "/payments/?currency=BTC&columns=method") as (page, asked):
        page.locator("[data-pick]").first.check()
        button = page.get_by_role("button", name="Download selected")
        for number in (1, 2):
            with page.expect_download() as started:
                button.click()
            text = started.value.path().read_text(encoding="utf-8-sig")
            assert text.count("\n") == 2, f"the header and one row, time {number}"
            page.locator("#selection:not([data-sent])").wait_for()
        posts = [address for method, address in asked if method == "POST"]
        assert posts == ["/payments/export.csv?columns=method"] * 2


def test_an_address_holds_only_what_was_filled_in(chromium: Chromium, four: People) -> None:
    with opened(chromium, four, "/payments/?columns=method") as (page, _):
        page.locator("summary", has_text="Status").click()
        page.get_by_label("Succeeded", exact=True).check()
        page.get_by_label("Failed", exact=True).check()
        page.get_by_role("button", name="Show", exact=True).click()
        page.wait_for_url(f"{ORIGIN}/payments/?status=succeeded&status=failed&columns=method")


def test_a_typed_day_means_chosen_days(chromium: Chromium, four: People) -> None:
    with opened(chromium, four, "/payments/?period=today") as (page, _):
        page.locator("summary", has_text="Days").click()
        page.get_by_label("From day").fill("2026-03-01")
        assert page.get_by_label("Chosen days").is_checked()


def test_filters_wait_behind_a_button_on_a_phone(chromium: Chromium, four: People) -> None:
    with opened(chromium, four, "/payments/", width=390) as (page, _):
        status = page.locator("summary", has_text="Status")
        button = page.get_by_role("button", name="Filters")
        assert status.is_hidden()
        button.click()
        assert status.is_visible()
        assert button.get_attribute("aria-expanded") == "true"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
