"""Every page of every role: accessible, within the screen, within its policy, and answered.

Looked at dark at 1280 px and light at 390 px; with SCALE=full in all four ways.
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


@pytest.fixture(scope="session")
def _shared() -> Known:
    return Known()


@pytest.fixture
def known(scale: str, _shared: Known) -> Known:
    """Return what others have opened; with SCALE=full everybody opens everything."""
    return Known() if scale == "full" else _shared


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
    capsys: pytest.CaptureFixture[str],
) -> None:
    with sit_down(username, locale=READERS[username]) as seen:
        crawl = Crawl(Looking(seen, axe, variants), known)
        crawl.follow(["/", *(stage.addresses if username == "acme-owner" else ())])
    with capsys.disabled():
        print(f"\n  {username}: {crawl.report()}")
    assert len(crawl.opened) > 5
    assert not crawl.looking.wrong, crawl.looking.told()


@pytest.mark.parametrize("username", ["admin", "acme-owner"])
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
