from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.chromium import browser, visit
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxServer

METHODS = {
    "pay": {"type": "upi", "flow": "intent"},
    "exact": {"type": "crypto", "asset": "ETH@ethereum"},
    "decline": {"type": "apm", "name": "ideal"},
}
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PAGE = b"<!doctype html><title>Shop</title><link rel=icon href='data:,'>Back in the shop"


def test_a_payer_approves_and_comes_back_to_the_shop(sandbox_server: SandboxServer) -> None:
    shop = Answering(body=PAGE, headers={"Content-Type": "text/html"})
    with browser() as running, shop, visit(running, sandbox_server.url) as seen:
        charge = sandbox_server.charge(
            "pay_browser", token="tok_challenge", return_url=f"{shop.url}/return"
        )
        seen.page.goto(charge["action"]["url"])
        seen.page.get_by_role("button", name="Approve").click()
        seen.page.get_by_text("Back in the shop").wait_for()
        assert seen.page.url == f"{shop.url}/return"
        assert seen.complaints == []
    effects = sandbox_server.log().of_reference("pay_browser")
    assert [effect["kind"] for effect in effects] == ["challenge_result", "purchase"]


def test_the_controls_are_set_on_their_page(sandbox_server: SandboxServer) -> None:
    with browser() as running, visit(running, sandbox_server.url) as seen:
        seen.page.goto("/control")
        seen.page.get_by_label("outage").select_option("on")
        seen.page.get_by_role("button", name="Set", exact=True).click()
        assert sandbox_server.control()["outage"] is True
        seen.page.get_by_role("button", name="Reset all").click()
        assert sandbox_server.control()["outage"] is False
        assert seen.complaints == []
        assert seen.foreign == []


@pytest.mark.parametrize("do", METHODS)
def test_payers_press_the_buttons_on_a_phone_by_keyboard(
    sandbox_server: SandboxServer, do: str
) -> None:
    currency = "INR" if do == "pay" else "EUR"
    reference = f"pay_a_long_reference_that_has_to_be_broken_{do}"
    charge = sandbox_server.charge(reference, None, currency=currency, method=METHODS[do])
    with browser() as running, visit(running, sandbox_server.url, width=390) as seen:
        seen.page.goto(f"/pay/{charge['id']}")
        assert not seen.page.evaluate(TOO_WIDE)
        button = seen.page.locator(f"button[value={do}]")
        button.focus()
        with seen.page.expect_navigation():
            seen.page.keyboard.press("Enter")
        assert not seen.page.evaluate(TOO_WIDE)
        assert (seen.complaints, seen.foreign, seen.violations) == ([], [], [])
    kinds = {"pay": "purchase", "exact": "deposit", "decline": "failed"}
    effects = sandbox_server.log().of_reference(reference)
    assert [effect["kind"] for effect in effects] == [kinds[do]]


def test_the_testers_pages_fit_a_phone(sandbox_server: SandboxServer) -> None:
    charge = sandbox_server.charge("pay_phone")["id"]
    sandbox_server.dispute(charge)
    with browser() as running, visit(running, sandbox_server.url, width=390) as seen:
        for path in ("/", "/control", f"/control/charges/{charge}"):
            seen.page.goto(path)
            assert not seen.page.evaluate(TOO_WIDE)
        seen.page.get_by_label("Status").select_option("won")
        seen.page.get_by_role("button", name="Change the dispute").click()
        seen.page.get_by_text("dispute_reversed").wait_for()
        assert (seen.complaints, seen.foreign, seen.violations) == ([], [], [])
