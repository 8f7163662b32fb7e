"""Our scripts in Chromium, on a page under the policy that every page has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.infra.chromium import visit
from tests.infra.site import served
from tests.screens.axe import Axe
from tests.views import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

    from tests.infra.chromium import Theme, Visit

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(120)]
PLOTLY = "plotly-basic"
USUAL: Final[tuple[int, Theme]] = (1280, "light")
BOTH = pytest.mark.parametrize(
    "seen", [USUAL, (390, "dark")], ids=["wide", "narrow"], indirect=True
)
LAST_WORDS = "[...document.querySelectorAll('.hovertext')].map((each) => each.textContent).join()"


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Yield the origin of the page."""
    with served(bare.build()) as origin:
        yield origin


@pytest.fixture
def seen(request: pytest.FixtureRequest, chromium: Browser, site: str) -> Iterator[Visit]:
    """Open the page; in the end its policy has refused nothing, and nothing foreign was asked."""
    width: int
    theme: Theme
    width, theme = getattr(request, "param", USUAL)
    with visit(chromium, site, width=width, theme=theme) as visiting:
        visiting.page.goto(f"/?theme={theme}")
        yield visiting
        assert visiting.violations == []
        assert visiting.foreign == []


def _field(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name)


def _drawn(page: Page) -> Locator:
    figure = page.locator("#figure")
    figure.scroll_into_view_if_needed()
    figure.locator(".bars .point").first.wait_for()
    return figure


def _value(page: Page, name: str) -> str:
    return page.locator(f"[name={name}]").input_value()


def _sent(page: Page) -> dict[str, str]:
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/sent?*")
    found: dict[str, str] = json.loads(page.inner_text("pre"))
    return found


@BOTH
def test_a_figure_is_loaded_when_it_comes_near_and_writes_no_styles(seen: Visit) -> None:
    asked: list[str] = []
    seen.page.on("request", lambda request: asked.append(request.url))
    seen.page.wait_for_timeout(200)
    assert not any(PLOTLY in url for url in asked)
    figure = _drawn(seen.page)
    assert any(PLOTLY in url for url in asked)
    assert figure.locator(".bars .point").count() == 4
    assert seen.page.locator("style").count() == 0
    names = figure.locator(".xaxislayer-above text").all_text_contents()
    assert names == ["<b>one</b>", "two"]
    layered = "(svg) => getComputedStyle(svg).position"
    assert figure.locator(".main-svg").first.evaluate(layered) == "absolute"
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_mark_tells_its_words_and_opens_what_is_behind_it(seen: Visit) -> None:
    bar = _drawn(seen.page).locator(".bars .point path").first
    bar.hover(force=True)
    seen.page.wait_for_function(f"{LAST_WORDS}.includes('3 payments')")
    bar.click(force=True)
    seen.page.wait_for_url("**/sent?bar=one")


def test_a_mark_leads_to_no_other_site(seen: Visit) -> None:
    bar = _drawn(seen.page).locator(".bars .point path").nth(1)
    bar.hover(force=True)
    seen.page.wait_for_function(f"{LAST_WORDS}.includes('4 payments')")
    bar.click(force=True)
    seen.page.wait_for_timeout(200)
    assert "/sent" not in seen.page.url


def test_a_figure_takes_the_colours_of_the_theme_and_changes_with_it(seen: Visit) -> None:
    bars = _drawn(seen.page).locator(".bars .point path")
    fill = "(bar) => getComputedStyle(bar).fill"

    def wanted(*names: str) -> list[str]:
        read = "(name) => getComputedStyle(document.body).getPropertyValue(name).trim()"
        return [_rgb(seen.page.evaluate(read, name)) for name in names]

    order = ("--chart-1", "--chart-1", "--chart-5", "--chart-6")
    before = wanted(*order)
    assert [bar.evaluate(fill) for bar in bars.all()] == before
    other = (
        "(root) => { root.dataset.bsTheme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark'; }"
    )
    seen.page.locator("html").evaluate(other)
    after = wanted(*order)
    assert after != before
    seen.page.wait_for_function(
        "(colour) => getComputedStyle(document.querySelector('.bars .point path')).fill === colour",
        arg=after[0],
    )
    assert [bar.evaluate(fill) for bar in bars.all()] == after


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"


def test_a_figure_that_cannot_be_drawn_says_where_its_numbers_are(seen: Visit) -> None:
    broken = seen.page.locator("#broken")
    broken.scroll_into_view_if_needed()
    broken.get_by_text("See the table.").wait_for()
    assert broken.get_attribute("role") == "group"


@BOTH
def test_a_row_is_searched_and_chosen_by_the_keyboard_alone(seen: Visit) -> None:
    axe = Axe()
    assert axe.faults(seen.page) == []
    field = _field(seen.page, "Merchant")
    assert field.get_attribute("aria-describedby") == "merchant-hint"
    field.press_sequentially("ac")
    option = seen.page.get_by_role("option", name="Acme <b>& Sons</b> acme", exact=True)
    option.wait_for()
    assert axe.faults(seen.page) == []
    field.press("Enter")
    assert _value(seen.page, "merchant") == "acme"
    assert axe.faults(seen.page) == []
    seen.page.keyboard.press("Tab")
    focused = seen.page.evaluate("document.activeElement.id")
    assert focused == _field(seen.page, "Roles").get_attribute("id")
    assert _sent(seen.page) == {"merchant": "acme", "roles": "admin"}


def test_what_is_typed_is_kept_without_choosing(seen: Visit) -> None:
    _field(seen.page, "Merchant").press_sequentially("nobody")
    seen.page.get_by_role("option", name="Nothing found").wait_for()
    assert Axe().faults(seen.page) == []
    assert _sent(seen.page)["merchant"] == "nobody"


def test_several_rows_are_chosen_and_removed(seen: Visit) -> None:
    field = _field(seen.page, "Roles")
    assert seen.page.get_by_text("Admins").is_visible()
    field.press_sequentially("fin")
    seen.page.get_by_role("option", name="Finance").click()
    assert _value(seen.page, "roles") == "admin,finance"
    seen.page.get_by_role("button", name="Remove Admins").click()
    assert _value(seen.page, "roles") == "finance"
    field.press("Backspace")
    assert _value(seen.page, "roles") == ""


def test_a_search_that_fails_says_what_to_do(seen: Visit) -> None:
    _field(seen.page, "Merchant").press_sequentially("fail")
    seen.page.get_by_role("option", name="Type the name.").wait_for()
    assert Axe().faults(seen.page) == []


def test_a_link_of_the_summary_of_errors_leads_into_the_field(seen: Visit) -> None:
    seen.page.get_by_role("link", name="Choose a merchant.").click()
    seen.page.keyboard.type("glo")
    assert _field(seen.page, "Merchant").input_value() == "glo"


def test_without_scripts_names_are_typed(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Merchant").fill("acme")
    assert _sent(page) == {"merchant": "acme", "roles": "admin"}
    context.close()
