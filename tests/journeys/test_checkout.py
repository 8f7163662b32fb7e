"""Payers at the hosted page of an open payment: by card, UPI, coins and through a bank's page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages
from tests.journeys.payers import PAID, WIDTHS, looks_right, pay, paying, shop, type_card
from tests.sealing import APPROVED, DECLINED

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxDoors
    from tests.journeys.payers import Paying

__all__ = ["paying", "shop"]

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

CHALLENGED: Final = "4000002500003155"


@WIDTHS
def test_a_card_pays(paying: Paying, width: int) -> None:
    posted: list[str] = []
    with paying(width) as page:
        page.on("request", lambda request: posted.append(request.post_data or ""))
        looks_right(page)
        type_card(page, APPROVED)
        assert page.get_by_label("Card number").input_value() == "4242 4242 4242 4242"
        assert page.get_by_label("Expiry date").input_value() == "07 / 31"
        assert page.locator("[data-brand]").inner_text() == "Visa"
        looks_right(page)
        pay(page)
        page.get_by_text(PAID).wait_for()
        looks_right(page)
    (sent,) = [each for each in posted if each]
    assert "sealed." in sent
    assert not [each for each in (APPROVED, "4242", "Maria", "07+") if each in sent]


@WIDTHS
def test_what_was_mistyped_is_said_and_nothing_is_sent(paying: Paying, width: int) -> None:
    with paying(width) as page:
        type_card(page, "4242424242424241", expiry="0120", code="12")
        pay(page)
        summary = page.locator(".errors-summary")
        summary.wait_for()
        assert summary.evaluate("(box) => box === document.activeElement")
        assert len(summary.get_by_role("link").all()) == 3
        looks_right(page)
        summary.get_by_role("link", name="Check the card number.").click()
        number = page.get_by_label("Card number")
        assert number.evaluate("(field) => field === document.activeElement")
        assert number.get_attribute("aria-invalid") == "true"
        number.fill("")
        number.press_sequentially(APPROVED)
        assert number.get_attribute("aria-invalid") is None


@WIDTHS
def test_after_a_decline_another_card_pays(paying: Paying, width: int) -> None:
    with paying(width) as page:
        type_card(page, DECLINED)
        pay(page)
        page.get_by_text("Nothing was charged.").wait_for()
        assert page.get_by_label("Card number").input_value() == ""
        looks_right(page)
        type_card(page, APPROVED)
        pay(page)
        page.get_by_text(PAID).wait_for()


@WIDTHS
def test_a_bank_that_asks_is_answered_and_the_payer_returns(paying: Paying, width: int) -> None:
    with paying(width) as page:
        type_card(page, CHALLENGED)
        pay(page)
        page.get_by_role("button", name="Approve").click()
        page.get_by_text(PAID).wait_for()


@WIDTHS
def test_upi_is_paid_by_a_code(paying: Paying, provider: SandboxDoors, width: int) -> None:
    with paying(width, "INR", 1_000_00) as page:
        page.get_by_label("UPI", exact=True).check()
        pay(page)
        page.get_by_text("Scan this code with any UPI app").wait_for()
        assert page.get_by_role("img", name="QR code to pay").is_visible()
        opens = page.locator("a", has_text="Open a UPI app")
        assert opens.is_visible() is (width == pages.PHONE_WIDTH)
        looks_right(page)
        tr = re.search(r"tr=(\w+)", opens.get_attribute("href") or "")
        assert tr is not None
        provider.do(tr[1], "pay")
        page.get_by_text(PAID).wait_for(timeout=1000 * pages.PATIENCE_SECONDS)


@WIDTHS
def test_coins_are_asked_for_at_an_address(paying: Paying, width: int) -> None:
    with paying(width) as page:
        page.get_by_label("Cryptocurrency").check()
        page.get_by_label("Which coin?").select_option(label="Bitcoin")
        pay(page)
        page.get_by_text("Send exactly this amount of BTC").wait_for()
        assert page.get_by_role("img", name="QR code of the address").is_visible()
        looks_right(page)


@WIDTHS
def test_a_bank_that_was_left_is_left_for_a_card(paying: Paying, width: int) -> None:
    with paying(width) as page:
        here = page.url
        page.get_by_label("iDEAL").check()
        pay(page)
        page.get_by_role("button", name="Decline").wait_for()
        page.goto(here)
        page.get_by_text("asks you to confirm it on a page of its own").wait_for()
        looks_right(page)
        page.get_by_role("link", name="Pay in another way").click()
        type_card(page, APPROVED)
        pay(page)
        page.get_by_text(PAID).wait_for()


def test_the_page_is_paid_with_the_keyboard_alone(paying: Paying) -> None:
    with paying(1280) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.name") == "method"
        for typed in (APPROVED, "0731", "123", "Maria Garcia"):
            page.keyboard.press("Tab")
            page.keyboard.type(typed)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text(PAID).wait_for()
