"""Outcomes that nobody knows: one that a look-up finds, and one that people end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages, steps

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxDoors
    from tests.journeys.camera import Camera
    from tests.journeys.clockwork import Clockwork
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

FOUND: Final = "order-1005"
TOLD: Final = "order-1006"
HANGS_SECONDS: Final = 12
"""Longer than a page waits for the provider."""


def test_a_look_up_finds_what_the_provider_did_without_an_answer(
    visiting: Visiting, provider: SandboxDoors, clockwork: Clockwork, camera: Camera
) -> None:
    provider.control(hold_webhooks=1, hang_seconds=HANGS_SECONDS)
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(page, FOUND, "42.00", "EUR", card_token="tok_hang")
        assert "Processing" in page.locator(".headline").inner_text()
    with visiting("operations") as page:
        page.goto(payment)
        assert "No answer yet" in page.locator("#operations").inner_text()
        camera.shoot(page, "operations:unknown", "No answer came: the outcome is unknown")
        clockwork.a_day_passes(payment.rpartition("/")[2])
        pages.until(page, "Succeeded", within=".headline")
        story = page.locator("#story").inner_text()
        assert "Look-up" in story
        assert story.index("Succeeded") < story.index("No answer yet")
        assert [each.kind for each in steps.journals(page)] == ["Capture"]
        camera.shoot(page, "operations:unknown-found", "A look-up found what became of it")
    (effect,) = provider.log().of_reference(payment.rpartition("/")[2], "purchase")
    assert effect["amount_minor"] == 4200, "nobody was charged twice"


def test_people_end_what_nobody_can_look_up(
    visiting: Visiting, provider: SandboxDoors, clockwork: Clockwork, camera: Camera
) -> None:
    provider.control(hold_webhooks=1, error_after_effect=100)
    with visiting("acme-owner") as page:
        payment = steps.ask_for_payment(page, TOLD, "64.00", "EUR", card_token="tok_approve")
    provider.control(error_after_effect=0, outage=1)
    clockwork.a_day_passes(payment.rpartition("/")[2])
    clockwork.an_hour_passes("desk.notice")
    (effect,) = provider.log().of_reference(payment.rpartition("/")[2], "purchase")
    with visiting("operations") as page:
        page.goto(payment)
        pages.until(page, "This payment waits for a decision at the desk")
        case = steps.open_case(page, TOLD)
        camera.shoot(page, "operations:unknown-case", "An outcome that people have to find out")
        (planned,) = steps.propose(
            page, "It happened", "Told by telephone by the provider", effect["object"]
        )
        assert planned.is_balanced
        camera.shoot(page, "operations:unknown-question", "What ending an unknown would post")
        steps.send_proposal(page)
    with visiting("finance") as page:
        steps.open_request(page, "about 64.00")
        steps.approve(page, "Called them too")
        page.goto(case)
        assert "Ended: It happened" in pages.text_of(page)
        page.goto(payment)
        assert "Succeeded" in page.locator(".headline").inner_text()
        assert pages.facts(page)["Captured"] == "64.00 EUR"
        assert steps.journals(page) == [planned]
        camera.shoot(page, "finance:unknown-ended", "A payment whose outcome people have found out")
