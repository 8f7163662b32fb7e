from __future__ import annotations

from typing import TYPE_CHECKING

from tests.infra.chromium import browser, visit
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxServer

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
