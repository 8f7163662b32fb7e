"""Payers who do not go straight: too late, too few coins or too many, back and forth, twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.journeys import pages
from tests.journeys.payers import PAID, WIDTHS, looks_right, pay, paying, shop, type_card
from tests.sealing import APPROVED, DECLINED

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.infra.sandbox import SandboxDoors
    from tests.journeys.clockwork import Clockwork
    from tests.journeys.payers import Paying, Shop

__all__ = ["paying", "shop"]

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

_PATIENCE_MS = 1000 * pages.PATIENCE_SECONDS


def _wait_for(page: Page, text: str) -> None:
    """Wait until the page, which looks for news by itself, says this."""
    page.get_by_text(text).first.wait_for(timeout=_PATIENCE_MS)


def _upi(page: Page) -> str:
    """Ask for a code; answers under which id the provider knows it."""
    page.get_by_label("UPI", exact=True).check()
    pay(page)
    page.get_by_text("Scan this code with any UPI app").wait_for()
    link = page.locator("a", has_text="Open a UPI app").get_attribute("href") or ""
    found = re.search(r"tr=(\w+)", link)
    assert found is not None
    return found[1]


def _coins(page: Page, clockwork: Clockwork, shop: Shop) -> tuple[str, int]:
    """Ask for an address of bitcoin; answers the provider's id and how many units are expected."""
    page.get_by_label("Cryptocurrency").check()
    page.get_by_label("Which coin?").select_option(label="Bitcoin")
    pay(page)
    _wait_for(page, "Send exactly this amount of BTC")
    (amount, *_) = page.locator("dl.facts .id.whole").all_inner_texts()
    return clockwork.charge_of(shop.newest), int(amount.replace(".", ""))


@WIDTHS
def test_rupees_that_come_after_the_page_is_over_pay_all_the_same(
    paying: Paying, shop: Shop, provider: SandboxDoors, clockwork: Clockwork, width: int
) -> None:
    with paying(width, "INR", 1_000_00) as page:
        code = _upi(page)
        provider.do(code, "expire")
        _wait_for(page, "Nothing was charged.")
        clockwork.its_time_is_over(shop.newest)
        pages.until(page, "The payment has been called off.", within="main")
        looks_right(page)
        provider.do(code, "pay")
        pages.until(page, PAID, within="main")
        looks_right(page)
    told = shop.read()
    assert (told["status"], told["amount_captured"]) == ("succeeded", 1_000_00)


@WIDTHS
def test_coins_that_are_too_few_are_topped_up_on_the_page(
    paying: Paying, shop: Shop, provider: SandboxDoors, clockwork: Clockwork, width: int
) -> None:
    with paying(width) as page:
        charge, expected = _coins(page, clockwork, shop)
        provider.do(charge, "deposit", expected // 3)
        _wait_for(page, "Send the rest to the same address.")
        (left, *_) = page.locator("dl.facts .id.whole").all_inner_texts()
        assert int(left.replace(".", "")) == expected - expected // 3
        looks_right(page)
        provider.do(charge, "deposit", expected - expected // 3)
        _wait_for(page, "The payment counts once the network has confirmed them.")
        looks_right(page)
        provider.do(charge, "confirm")
        _wait_for(page, PAID)
    assert shop.read()["amount_captured"] == 6000


@WIDTHS
def test_coins_that_are_too_many_pay_once(
    paying: Paying, shop: Shop, provider: SandboxDoors, clockwork: Clockwork, width: int
) -> None:
    with paying(width) as page:
        charge, expected = _coins(page, clockwork, shop)
        provider.do(charge, "deposit", 2 * expected)
        _wait_for(page, "The payment counts once the network has confirmed them.")
        provider.do(charge, "confirm")
        _wait_for(page, PAID)
        looks_right(page)
    told = shop.read()
    assert (told["status"], told["amount_captured"]) == ("succeeded", 6000)


@WIDTHS
def test_who_goes_back_from_the_bank_pays_by_card_and_only_once(
    paying: Paying, shop: Shop, width: int
) -> None:
    with paying(width) as page:
        page.get_by_label("iDEAL").check()
        pay(page)
        page.get_by_role("button", name="Approve").wait_for()
        bank = page.url
        page.go_back()
        _wait_for(page, "asks you to confirm it on a page of its own")
        page.get_by_role("link", name="Pay in another way").click()
        type_card(page, APPROVED)
        pay(page)
        _wait_for(page, PAID)
        page.goto(bank)
        page.get_by_role("button", name="Approve").click()
        _wait_for(page, PAID)
    told = shop.read()
    assert (told["status"], told["amount_captured"], told["method"]["type"]) == (
        "succeeded",
        6000,
        "card",
    )


@WIDTHS
def test_after_a_declined_card_another_method_pays(paying: Paying, shop: Shop, width: int) -> None:
    with paying(width) as page:
        type_card(page, DECLINED)
        pay(page)
        page.get_by_text("Nothing was charged.").wait_for()
        looks_right(page)
        page.get_by_label("iDEAL").check()
        pay(page)
        page.get_by_role("button", name="Approve").click()
        _wait_for(page, PAID)
    assert shop.read()["method"]["name"] == "ideal"
