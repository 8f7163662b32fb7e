"""A business signs up, is taken on, and its owner makes a first payment by program."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from tests.infra.chromium import visit
from tests.journeys import mails, pages
from tests.journeys.pages import PHONE_WIDTH
from tests.screens.axe import Axe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency
    from tests.journeys.camera import Camera
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

PASSWORD: Final = "quiet rivers carry stones"
REASON: Final = "We take on no businesses that sell <b>fireworks</b>."


@contextmanager
def _stranger(agency: Agency, chromium: Browser, width: int) -> Iterator[Page]:
    """Open a window of somebody who is not signed in; nothing of it goes wrong or sideways."""
    with visit(chromium, agency.origin, width=width, height=844) as seen:
        yield seen.page
        assert pages.shown_width(seen.page) <= width
        assert (seen.complaints, seen.foreign, seen.violations) == ([], [], [])


def _is_well_made(page: Page) -> None:
    """Nothing of the page stands beside the screen, and everybody can use it."""
    screen = page.viewport_size
    assert screen is not None
    assert pages.shown_width(page) <= screen["width"]
    assert Axe().faults(page) == []


def _sign_up(page: Page, business: str, address: str, camera: Camera | None = None) -> None:
    page.goto("/login/")
    page.get_by_role("link", name="Open an account").click()
    if camera:
        camera.shoot(page, "nobody:sign-up", "Opening an account")
    page.get_by_label("Name of the business").fill(business)
    page.get_by_label("What you sell").fill("Coffee by subscription")
    page.get_by_label("Website").fill("www.example.com")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("First name").fill("Ida")
    page.get_by_label("Last name").fill("Nord")
    page.get_by_label("E-mail").fill(address)
    _is_well_made(page)
    page.get_by_role("button", name="Ask for an account").click()
    page.get_by_text("A mail is on its way").wait_for()


def _prove(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Yes, this is my address").click()
    page.get_by_text("Your address is proved").wait_for()


def _approve(page: Page, business: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="to be taken on").click()
    page.get_by_role("link", name=business).click()
    page.get_by_role("heading", name=business, level=1).wait_for()
    _is_well_made(page)
    pages.press(page, "Approve and invite the owner")
    page.get_by_text("was taken on").wait_for()


def _come_in(page: Page, link: str, username: str) -> None:
    page.goto(link)
    page.get_by_label("First name").fill("Ida")
    page.get_by_label("Last name").fill("Nord")
    page.get_by_label("Name to sign in").fill(username)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()
    page.get_by_text("Welcome. This is your account").wait_for()


def _key(page: Page) -> str:
    """Follow the first step at home; answers the secret of the key that it makes."""
    page.locator("#beginnings").get_by_role("link", name="Make an API key").click()
    page.get_by_label("Name", exact=True).fill("Shop")
    page.get_by_role("checkbox").first.check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    pages.press(page, "Make the key")
    return page.locator("#secret").inner_text().strip()


@pytest.mark.parametrize("width", [1280, PHONE_WIDTH])
def test_a_business_signs_up_and_pays_in_five_minutes(
    agency: Agency, chromium: Browser, visiting: Visiting, camera: Camera, width: int
) -> None:
    business, address = f"Café Nord {width}", f"ida{width}@example.com"
    with _stranger(agency, chromium, width) as page:
        _sign_up(page, business, address, camera)
        _prove(page, mails.link(agency, address, "Prove your address"))
    with visiting("admin", width) as page:
        _approve(page, business)
        camera.shoot(page, "admin:application", "An application that was approved")
    with _stranger(agency, chromium, width) as page:
        _come_in(page, mails.link(agency, address, "Welcome to PayAgency"), f"ida-{width}")
        camera.shoot(page, "owner:first-steps", "The first steps of a new merchant")
        secret = _key(page)
        answer = httpx.post(
            f"{agency.origin}/v1/payments",
            headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "first"},
            json={
                "amount": 1050,
                "currency": "EUR",
                "reference": "first-order",
                "method": {"type": "card", "token": "tok_approve"},
            },
        )
        assert (answer.status_code, answer.json()["status"]) == (201, "succeeded"), answer.text
        page.goto("/payments/")
        page.get_by_text("first-order").first.wait_for()


def test_who_is_turned_down_is_mailed_why_and_can_ask_again(
    agency: Agency, chromium: Browser, visiting: Visiting
) -> None:
    address = "sven@example.com"
    with _stranger(agency, chromium, PHONE_WIDTH) as page:
        _sign_up(page, "Bang & Co", address)
        link = mails.link(agency, address, "Prove your address")
        _prove(page, link)
    with visiting("compliance", PHONE_WIDTH) as page:
        pages.choose(page, "Applications")
        page.get_by_role("link", name="Bang & Co").click()
        page.get_by_role("button", name="Reject …").click()
        page.get_by_label("Reason").fill(REASON)
        page.get_by_role("button", name="Reject and send the mail").click()
        page.get_by_text("It was rejected.").wait_for()
        assert REASON in pages.text_of(page)
    assert REASON in mails.text(agency, address, "Your application for Bang & Co")
