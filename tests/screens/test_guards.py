"""The guards themselves: each finds the fault that it is there for, and a sound page has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from flask import Flask

from tests.infra.chromium import visit
from tests.infra.site import served
from tests.screens.axe import Axe
from tests.screens.crawl import Crawl
from tests.screens.keyboard import Keyboard
from tests.screens.looking import Looking, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(120)]

PHONE: Final = Variant(390, "light")
POLICY: Final = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:"
PAGE: Final = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Till</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/look.css"><script src="/open.js" defer></script></head>
<body><header><a href="#content">Skip</a></header><main id="content"><h1>Till</h1>
<p class="words">Open</p><p><a href="/more">More</a></p>
<p><button type="button" data-opens="box">Open</button></p>
<dialog id="box" aria-label="Box"><p>What?</p><button type="button">Do</button></dialog>
<form method="post" action="/save"><label for="name">Name</label>
<input id="name" name="name" required><button type="submit">Save</button></form>
</main></body></html>
"""
REFUSED: Final = '<input id="name" name="name" required aria-invalid="true" aria-describedby="why">'
LOOK: Final = """body { color: #22242a; background: #fff; font: 16px/1.6 sans-serif; }
a, button, input { min-height: 24px; display: inline-block; }
input:focus { outline: 2px solid #00f; }
.pale { color: #ccc; } .wide { width: 900px; } .bare :focus { outline: 0; }
.bar { position: fixed; inset: 0 0 auto 0; height: 300px; background: #fff; }
"""
OPEN: Final = """document.querySelector("[data-opens]").addEventListener("click",
  () => document.getElementById("box").showModal());
"""


@pytest.fixture
def pages() -> dict[str, str]:
    """Hold what is served, to be changed by a test."""
    refused = PAGE.replace('<input id="name" name="name" required>', REFUSED)
    refused = refused.replace("</form>", '</form><p id="why">Write it.</p>')
    return {"/": PAGE, "/more": PAGE.replace("Till</h1>", "More</h1>"), "/save": refused}


@pytest.fixture
def origin(pages: dict[str, str]) -> Iterator[str]:
    app = Flask("till")
    files = {"/look.css": ("text/css", LOOK), "/open.js": ("text/javascript", OPEN)}

    @app.route("/", defaults={"at": ""}, methods=["GET", "POST"])
    @app.route("/<at>", methods=["GET", "POST"])
    def page(at: str) -> tuple[str, int, dict[str, str]]:
        mimetype, text = files.get(f"/{at}", ("text/html", pages.get(f"/{at}", "")))
        headers = {"Content-Security-Policy": POLICY, "Content-Type": f"{mimetype}; charset=utf-8"}
        return text or "Nothing.", 200 if text else 404, headers

    with served(app) as at:
        yield at


def _found(chromium: Browser, origin: str) -> str:
    with visit(chromium, origin) as seen:
        crawl = Crawl(Looking(seen, Axe(), (PHONE,)))
        crawl.follow(["/"])
        assert "/" in crawl.opened
    return crawl.looking.told()


def test_sound_pages_have_no_faults(chromium: Browser, origin: str) -> None:
    assert _found(chromium, origin) == ""


@pytest.mark.parametrize(
    "good,bad,fault",
    [
        ('<p class="words">', '<p class="pale">', "color-contrast"),
        ('<p class="words">', '<p class="wide">', "the page scrolls sideways"),
        ('<label for="name">Name</label>', "", "label"),
        ("<h1>", "<h2>", "page-has-heading-one"),
        ("<p><a", '<p style="color: red"><a', "style-src-attr refused inline"),
        ("<p><a", '<p><img alt="" src="http://127.0.0.2:9/x.png"><a', "http://127.0.0.2:9/x.png"),
        ('href="/more"', 'href="/nowhere"', "a page leads to it and it answers 404"),
        ('aria-label="Box"', 'aria-label="Box" closedby="none"', "Escape does not close it"),
        ("<dialog id", '<dialog class="pale" id', "color-contrast"),
    ],
)
def test_a_planted_fault_is_found(
    chromium: Browser, origin: str, pages: dict[str, str], good: str, bad: str, fault: str
) -> None:
    assert good in PAGE
    pages["/"] = PAGE.replace(good, bad)
    assert fault in _found(chromium, origin)


def test_a_refusal_that_names_no_field_is_found(
    chromium: Browser, origin: str, pages: dict[str, str]
) -> None:
    pages["/save"] = PAGE
    assert "no field tells what is wrong with it" in _found(chromium, origin)


@pytest.mark.parametrize(
    "good,bad,fault",
    [
        ("<main", '<main class="bare"', "nothing shows that it has the focus"),
        ("<main", '<div class="bar"></div><main', "has the focus and is hidden"),
    ],
)
def test_a_focus_that_nobody_sees_is_found(
    chromium: Browser, origin: str, pages: dict[str, str], good: str, bad: str, fault: str
) -> None:
    pages["/more"] = PAGE.replace(good, bad)
    with visit(chromium, origin) as seen:
        keyboard = Keyboard(seen.page)
        for address in ("/", "/more"):
            assert keyboard.faults == []
            seen.page.goto(address)
            keyboard.tab_to(id_="name")
    assert any(each.startswith(fault) for each in keyboard.faults)
