"""The palette in a browser, whose requests the application answers without a server."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.infra import chromium
from tests.queries import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Route

    from tests.views.people import Browser, People

ORIGIN = "http://localhost"
INPUT = "#palette-input"


class Answers:
    """Hands requests of a page to the application; answers of searches may be held back."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.asked: list[str] = []
        self.held: dict[str, Route] = {}
        self.hold = ""

    def __call__(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.path == "/search/" and "json" in route.request.headers["accept"]:
            self.asked.append(parts.query)
            if parts.query == self.hold:
                self.held[parts.query] = route
                return
        self.answer(route)

    def answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        given = self.browser.client.get(
            f"{parts.path}?{parts.query}",
            headers={"Accept": route.request.headers.get("accept", "*/*")},
        )
        body = given.data
        given.close()
        headers = {name: value for name, value in given.headers if name != "Content-Length"}
        route.fulfill(status=given.status_code, headers=headers, body=body)


@contextmanager
def opened(people: People, *, width: int = 1280) -> Iterator[tuple[Page, Answers]]:
    """Yield the page of searches as operations sees it."""
    answers = Answers(people.browser("operations"))
    with chromium.browser() as running, chromium.visit(running, ORIGIN, width=width) as visit:
        visit.page.route("**/*", answers)
        visit.page.goto(f"{ORIGIN}/search/")
        yield visit.page, answers


def active(page: Page) -> str:
    """Return the text of the option that the input points at."""
    title: str = page.evaluate(
        "document.getElementById(document.querySelector('#palette-input')"
        ".getAttribute('aria-activedescendant'))?.querySelector('.hit-title').textContent"
    )
    return title


@pytest.fixture
def orders(people: People) -> People:
    rows.series(people.world.owner(), people.world.acme, 3)
    return people


def test_it_opens_by_keys_and_goes_where_one_chooses(orders: People) -> None:
    with opened(orders, width=390) as (page, answers):
        page.focus("#q")
        page.keyboard.press("/")
        assert not page.is_visible("#palette"), "in a field it is a character"
        page.keyboard.press("Control+k")
        assert page.evaluate("document.activeElement.id") == "palette-input"
        page.keyboard.type("order", delay=5)
        page.wait_for_selector("#palette [role=option]")
        assert answers.asked == ["q=order"], "one question, when the typing stops"
        assert page.get_attribute(INPUT, "aria-expanded") == "true"
        assert active(page) == "order-2"
        page.keyboard.press("ArrowUp")
        assert active(page) == "order-0", "from the first to the last"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        assert active(page) == "order-1"
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "q", "the focus is back"
        page.keyboard.press("Control+k")
        assert page.input_value(INPUT) == "", "nothing is kept"
        page.keyboard.type("order-1")
        page.wait_for_selector("#palette [role=option]")
        page.keyboard.press("Enter")
        page.wait_for_url("**/payments/pay_*")


def test_an_answer_that_comes_late_is_dropped(orders: People) -> None:
    with opened(orders) as (page, answers):
        answers.hold = "q=order-0"
        page.click("[data-palette]")
        page.fill(INPUT, "order-0")
        page.wait_for_timeout(300)
        assert "Searching" in page.inner_text("#palette [role=status]")
        page.fill(INPUT, "order-2")
        page.wait_for_selector("#palette [role=option]")
        assert active(page) == "order-2"
        page.wait_for_timeout(100)
        assert active(page) == "order-2"
        page.fill(INPUT, "zebra")
        page.wait_for_selector("#palette-list", state="hidden")
        assert "Nothing found" in page.inner_text("#palette [role=status]")
        assert page.get_attribute(INPUT, "aria-expanded") == "false"


def test_a_card_number_does_not_leave_the_browser(orders: People) -> None:
    with opened(orders) as (page, answers):
        page.click("[data-palette]")
        page.fill(INPUT, "4242 4242 4242 4242")
        page.keyboard.press("Enter")
        page.wait_for_timeout(300)
        assert answers.asked == []
        assert "not sent" in page.inner_text("#palette [role=status]")
        assert page.url == f"{ORIGIN}/search/"
