"""The page of the API in a browser: tried with a test key, and never with a live one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.screens.axe import Axe
    from tests.screens.conftest import SitDown

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

OF_SWAGGER_UI: Final = ("landmark-unique",)
"""Rules under no level of WCAG that Swagger UI breaks: each answer calls its region the same."""


def test_the_api_is_tried_with_a_test_key_and_not_with_a_live_one(
    sit_down: SitDown, axe: Axe
) -> None:
    with sit_down("acme-owner") as seen:
        page = seen.page
        secret = _make_key(page)
        page.goto("/v1/docs")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        _authorize(page, secret.replace("sk_test_", "sk_live_"))
        assert page.get_by_role("alert").is_visible()
        page.locator(".modal-ux .btn-done").click()
        _authorize(page, secret)
        page.locator(".modal-ux .btn-done").click()
        assert not page.get_by_role("alert").is_visible()
        balance = _execute(page, "#operations-balance-get_balance")
        assert balance["livemode"] is False
        payment = _open(page, "#operations-payments-create_payment")
        key = payment.get_by_placeholder("Idempotency-Key")
        key.fill(secret.replace("sk_test_", "sk_live_"))
        payment.locator(".execute").click()
        payment.locator(".live-responses-table").wait_for()
        assert page.get_by_role("alert").is_visible()
        assert [each for each in asked if "/v1/payments" in each] == []
        key.fill("tried-in-the-browser")
        made = _execute(page, "#operations-payments-create_payment")
        assert (made["status"], made["livemode"]) == ("succeeded", False)
        assert seen.violations + seen.foreign + seen.complaints == []
        wrong = [each for each in axe.faults(page) if not each.startswith(OF_SWAGGER_UI)]
        assert wrong == []


def _make_key(page: Page) -> str:
    page.goto("/api-keys/new")
    page.locator("#name").fill("Page of the API")
    for box in page.locator("[name=scopes]").all():
        box.check()
    page.get_by_role("button", name="Make").click()
    return page.locator("#secret").inner_text()


def _authorize(page: Page, secret: str) -> None:
    page.locator(".auth-wrapper > .authorize").click()
    page.locator(".modal-ux input").fill(secret)
    page.locator(".modal-ux .authorize").click()


def _open(page: Page, operation: str) -> Locator:
    block = page.locator(operation)
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    return block


def _execute(page: Page, operation: str) -> dict[str, object]:
    block = page.locator(operation)
    if not block.locator(".execute").count():
        _open(page, operation)
    with page.expect_response(lambda answer: "/v1/" in answer.url) as answered:
        block.locator(".execute").click()
    assert answered.value.ok, answered.value.text()
    status = block.locator(".live-responses-table .response-col_status")
    status.get_by_text(str(answered.value.status)).wait_for()
    found: dict[str, object] = json.loads(answered.value.text())
    return found
