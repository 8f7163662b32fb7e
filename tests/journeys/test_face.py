"""A merchant's face: its owner sets it up, and its payers see it, in whatever colour."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import pytest
from PIL import Image

from tests.infra.chromium import visit
from tests.journeys import pages
from tests.screens.axe import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload, Locator, Page

    from tests.infra.chromium import Theme
    from tests.journeys.agency import Agency
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

WIDE: Final = 1280
UGLY: Final = ("#ffff00", "#000000", "#ffffff")
THEMES: Final[tuple[Theme, ...]] = ("light", "dark")
PREVIEWED: Final = """
colour => getComputedStyle(document.querySelector(".preview .btn")).backgroundColor === colour
"""
NAME: Final = "Bäckerei am Südbahnhof"


@pytest.mark.parametrize("width, colour", [(WIDE, "#c2185b"), (pages.PHONE_WIDTH, "#00695c")])
def test_payers_see_the_name_colour_and_logo_that_an_owner_chose(
    visiting: Visiting, agency: Agency, chromium: Browser, width: int, colour: str
) -> None:
    with visiting("globex-owner", width=width) as page:
        address = _link(page)
        _choose(page, colour)
        assert page.locator(".preview .face").first.inner_text().strip() == NAME
        page.get_by_role("button", name="Save").click()
        page.get_by_text("The settings were saved.").wait_for()
        _send_logo(page)
        assert Axe().faults(page) == []
        assert pages.shown_width(page) == width
    for theme in THEMES:
        with visit(chromium, agency.origin, width=width, height=844, theme=theme) as seen:
            payer = seen.page
            payer.goto(address)
            assert payer.locator(".face").inner_text().strip() == NAME
            logo = payer.locator(".face img")
            assert logo.evaluate("picture => picture.naturalWidth") == 300
            assert _colour_of(payer.get_by_role("button", name="Go on to pay")) == _rgb(colour)
            payer.get_by_text("Payments by PayAgency").wait_for()
            assert pages.shown_width(payer) == width
            assert (seen.foreign, seen.violations, seen.complaints) == ([], [], [])


def test_no_colour_makes_a_page_hard_to_read(
    visiting: Visiting, agency: Agency, chromium: Browser
) -> None:
    with visiting("globex-owner") as page:
        address = _link(page)
        for colour in UGLY:
            _choose(page, colour)
            page.get_by_role("button", name="Save").click()
            page.get_by_text("The settings were saved.").wait_for()
            assert Axe().faults(page) == [], colour
            for theme in THEMES:
                with visit(chromium, agency.origin, width=390, height=844, theme=theme) as seen:
                    payer = seen.page
                    payer.goto(address)
                    assert Axe().faults(payer) == [], (colour, theme)
                    payer.get_by_role("button", name="Go on to pay").click()
                    payer.wait_for_url("**/pay/*")
                    assert Axe().faults(payer) == [], (colour, theme)
                    payer.get_by_label("Card", exact=False).first.check()
                    assert Axe().faults(payer) == [], (colour, theme)
                    assert (seen.violations, seen.complaints) == ([], [])


def _link(page: Page) -> str:
    """Make a link for many payers; answers its address."""
    pages.choose(page, "Payment links")
    page.get_by_role("link", name="New payment link").first.click()
    page.get_by_label("Title").fill("Seat at the counter")
    page.get_by_label("Amount", exact=True).fill("12.50")
    page.get_by_label("Currency").fill("EUR")
    page.get_by_label("Again and again").check()
    page.get_by_label("Reference").fill("seat")
    page.get_by_role("button", name="Make the link").click()
    page.get_by_role("heading", name="Seat at the counter", level=1).wait_for()
    address = page.locator("#share .link-address a").get_attribute("href")
    assert address is not None
    return urlsplit(address).path


def _choose(page: Page, colour: str) -> None:
    """Fill in name and colour, and wait until the preview has the colour."""
    pages.choose(page, "Settings")
    page.get_by_label("Name shown to payers").fill(NAME)
    page.get_by_label("Colour (optional)").fill(colour)
    page.wait_for_function(PREVIEWED, arg=_rgb(colour))


def _rgb(colour: str) -> str:
    red, green, blue = bytes.fromhex(colour[1:])
    return f"rgb({red}, {green}, {blue})"


def _colour_of(button: Locator) -> str:
    return str(button.evaluate("button => getComputedStyle(button).backgroundColor"))


def _send_logo(page: Page) -> None:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "#c2185b").save(file, format="JPEG")
    picture: FilePayload = {
        "name": "logo.jpg",
        "mimeType": "image/jpeg",
        "buffer": file.getvalue(),
    }
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_role("button", name="Show this").click()
    page.get_by_text("Payers see the new logo from now on.").wait_for()
