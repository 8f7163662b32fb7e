"""Journeys without a mouse: one always sees where one is, and comes everywhere."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.journeys.agency import PASSWORD
from tests.screens.keyboard import Keyboard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.screens.conftest import SitDown
    from tests.screens.stage import Stage

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]


class SitAtKeyboard(Protocol):
    """Opens a window for somebody who has no mouse."""

    def __call__(
        self, username: str = ..., *, width: int = ...
    ) -> AbstractContextManager[Keyboard]: ...


@pytest.fixture
def without_mouse(sit_down: SitDown) -> SitAtKeyboard:
    """Return how to sit down; in the end the focus was always to be seen, and nothing failed."""

    @contextmanager
    def sitting(username: str = "", *, width: int = 1280) -> Iterator[Keyboard]:
        with sit_down(username, width=width) as seen:
            keyboard = Keyboard(seen.page)
            yield keyboard
            assert keyboard.faults == []
            assert seen.complaints + seen.violations == []

    return sitting


def test_from_signing_in_over_a_refund_to_signing_out(
    without_mouse: SitAtKeyboard, stage: Stage
) -> None:
    with without_mouse() as keyboard:
        page = keyboard.page
        page.goto("/login/")
        keyboard.tab_to(id_="username")
        keyboard.type("acme-owner")
        keyboard.press("Tab")
        keyboard.type(PASSWORD)
        keyboard.follow()
        page.keyboard.press("Control+k")
        keyboard.type(stage.payment.rpartition("/")[2])
        page.locator("#palette [role=option][aria-selected=true]").wait_for()
        keyboard.follow()
        assert page.url.endswith(stage.payment)
        keyboard.tab_to(text="Refund …")
        keyboard.press("Enter")
        page.locator("dialog#refund[open]").wait_for()
        keyboard.tab_to(id_="refund-amount")
        page.keyboard.press("Control+a")
        keyboard.type("2.34")
        keyboard.tab_to(id_="refund-reason")
        keyboard.type("Ordered twice")
        keyboard.follow()
        keyboard.tab_to(text="Refund 2.34")
        keyboard.follow()
        assert page.url.endswith(stage.payment)
        assert "Ordered twice" in page.locator("main").inner_text()
        keyboard.tab_to(text="acme-owner")
        keyboard.press("Enter")
        keyboard.tab_to(text="Sign out")
        keyboard.follow()
        page.locator("#username").wait_for()


def test_a_list_is_filtered_a_row_opened_and_the_list_found_again(
    without_mouse: SitAtKeyboard,
) -> None:
    with without_mouse("operations") as keyboard:
        page = keyboard.page
        page.goto("/payments/")
        keyboard.tab_to(text="Status")
        keyboard.press("Enter")
        keyboard.tab_to(id_="status-succeeded")
        keyboard.press("Space")
        keyboard.tab_to(text="Show")
        keyboard.follow()
        filtered = page.url
        assert filtered.endswith("?status=succeeded")
        keyboard.tab_to(href="/payments/pay_")
        keyboard.follow()
        page.go_back()
        assert page.url == filtered
        assert page.locator(".chip").count() == 1


def test_columns_are_chosen(without_mouse: SitAtKeyboard) -> None:
    with without_mouse("finance") as keyboard:
        page = keyboard.page
        page.goto("/payments/")
        before = page.locator("thead th").count()
        keyboard.tab_to(text="Columns")
        keyboard.press("Enter")
        keyboard.tab_to(id_="column-method")
        keyboard.press("Space")
        keyboard.tab_to(text="Show these")
        keyboard.follow()
        assert page.locator("thead th").count() == before - 1


def test_a_dialog_is_closed_by_escape_and_the_focus_returns(
    without_mouse: SitAtKeyboard, stage: Stage
) -> None:
    with without_mouse("acme-owner") as keyboard:
        page = keyboard.page
        page.goto(stage.payment)
        for opener, dialog in (("Refund …", "#refund"), ("Find", "#palette")):
            keyboard.tab_to(text=opener)
            before = keyboard.look()
            page.keyboard.press("Enter")
            page.locator(f"{dialog}[open]").wait_for()
            assert page.locator(f"{dialog} :focus").count() == 1
            page.keyboard.press("Escape")
            page.locator(f"{dialog}[open]").wait_for(state="hidden")
            assert keyboard.look() == before


def test_the_first_tab_skips_to_the_content(without_mouse: SitAtKeyboard) -> None:
    with without_mouse("finance") as keyboard:
        keyboard.page.goto("/payments/")
        assert keyboard.press("Tab")["href"] == "#content"
        keyboard.page.keyboard.press("Enter")
        keyboard.press("Tab")
        assert keyboard.page.locator("main :focus").count() == 1


def test_the_menu_of_a_phone(without_mouse: SitAtKeyboard) -> None:
    with without_mouse("finance", width=390) as keyboard:
        page = keyboard.page
        keyboard.tab_to(text="Menu")
        page.keyboard.press("Enter")
        page.locator("#sidebar.open").wait_for()
        assert page.locator("#sidebar :focus").count() == 1
        keyboard.press("Escape")
        assert keyboard.look()["text"] == "Menu"
        page.keyboard.press("Enter")
        keyboard.tab_to(text="Refunds")
        keyboard.follow()
        assert page.url.endswith("/refunds/")


@pytest.mark.parametrize("address", ["/", "/payments/", "/merchants/", "/users/add"])
def test_tab_walks_over_a_page_and_is_always_seen(
    without_mouse: SitAtKeyboard, address: str
) -> None:
    with without_mouse("admin") as keyboard:
        keyboard.page.goto(address)
        for _ in range(40):
            keyboard.press("Tab")
