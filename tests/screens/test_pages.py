"""Every page of every role: accessible, within the screen, within its policy, and answered.

Looked at dark at 1280 px and light at 390 px: each path once by those who between them may open
all, and everybody's home; with SCALE=full all of it in all four ways, with every status and filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.screens.crawl import Crawl, Known
from tests.screens.looking import ALL, FEW, Looking, Variant

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.screens.axe import Axe
    from tests.screens.conftest import SitDown
    from tests.screens.stage import Stage

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

READERS: Final = {
    "admin": "en-GB",
    "operations": "de-DE",
    "finance": "en-GB",
    "compliance": "hi-IN",
    "auditor": "de-DE",
    "acme-owner": "hi-IN",
    "acme-clerk": "de-DE",
    "globex-owner": "en-GB",
}
"""Who reads, and in which language."""

BETWEEN_THEM: Final = frozenset({"admin", "acme-owner"})
"""Readers who may open every screen between them."""


@pytest.fixture
def known(scale: str) -> Known:
    """Return what is known of kinds of pages: with SCALE=full each kind is opened, else a path."""
    return Known(each_path_once=scale != "full")


@pytest.fixture
def variants(scale: str) -> tuple[Variant, ...]:
    return ALL if scale == "full" else FEW


@pytest.mark.parametrize("username", READERS)
def test_every_page_of_a_role_is_sound(
    sit_down: SitDown,
    stage: Stage,
    axe: Axe,
    known: Known,
    variants: tuple[Variant, ...],
    username: str,
    scale: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with sit_down(username, locale=READERS[username]) as seen:
        crawl = Crawl(Looking(seen, axe, variants), known)
        addresses = stage.addresses if username == "acme-owner" else ()
        onward = scale == "full" or username in BETWEEN_THEM
        crawl.follow(["/", *addresses], onward=onward)
    with capsys.disabled():
        print(f"\n  {username}: {crawl.report()}")
    assert crawl.opened
    assert not crawl.looking.wrong, crawl.looking.told()


@pytest.mark.parametrize("username", ["acme-owner"])
def test_every_page_of_an_empty_book_is_sound(
    sit_down: SitDown, axe: Axe, known: Known, variants: tuple[Variant, ...], username: str
) -> None:
    with sit_down(username) as seen:
        _open_the_live_book(seen.page)
        crawl = Crawl(Looking(seen, axe, variants), known)
        crawl.follow(["/"])
    assert not crawl.looking.wrong, crawl.looking.told()


def test_pages_for_nobody_are_sound(
    sit_down: SitDown, axe: Axe, known: Known, variants: tuple[Variant, ...]
) -> None:
    with sit_down() as seen:
        crawl = Crawl(Looking(seen, axe, variants), known)
        crawl.follow(["/login/"])
    assert not crawl.looking.wrong, crawl.looking.told()


def _open_the_live_book(page: Page) -> None:
    token = page.locator("[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.post("/book/", form={"csrf_token": token, "book": "live"})
    assert answer.ok
