"""A refund over the limit: asked for by one of finance, who cannot approve it, and by another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages, steps

if TYPE_CHECKING:
    from tests.journeys.camera import Camera
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

REFERENCE: Final = "order-1007"


def test_a_refund_over_the_limit_is_approved_by_a_second_person(
    visiting: Visiting, camera: Camera
) -> None:
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(page, REFERENCE, "2000.00", "EUR", card_token="tok_approve")
    with visiting("finance") as page:
        page.goto(payment)
        steps.ask_for_refund(page, "1500.00", "The machine was sent back")
        assert "This needs a second person" in pages.text_of(page)
        camera.shoot(page, "finance:limit-question", "A refund that needs a second person")
        page.get_by_role("button", name="Ask for the refund of").click()
        page.get_by_text("A second person has to decide").wait_for()
        assert pages.facts(page)["Refunded"] == "0.00 EUR"
        page.get_by_role("link", name=re.compile(r"^Refund\s1500\.00")).click()
        page.get_by_text("You asked for this yourself: somebody else has to decide.").wait_for()
        assert page.get_by_role("button", name="Approve …").count() == 0
        camera.shoot(page, "finance:limit-own", "One's own request cannot be approved")
    with visiting("acme-owner") as page:
        page.goto(payment)
        page.get_by_text("A second person has to decide").wait_for()
    with visiting("finance-2") as page:
        request = steps.open_request(page, REFERENCE)
        camera.shoot(page, "finance-2:limit-request", "The request before the second person")
        steps.approve(page, "The machine is here")
        page.get_by_text("It has been approved and is being carried out.").wait_for()
        page.goto(payment)
        pages.until(page, "Partly refunded", within=".headline")
        assert pages.facts(page)["Refunded"] == "1,500.00 EUR"
        page.goto(request)
        camera.shoot(page, "finance-2:limit-approved", "A request that was approved")
