"""An owner invites a clerk by mail, who comes in and sees what a clerk sees; a password is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.infra.chromium import visit
from tests.journeys import mails, pages
from tests.journeys.pages import PHONE_WIDTH

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency
    from tests.journeys.camera import Camera
    from tests.journeys.conftest import Visiting

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

ADDRESS: Final = "nadia.rao@example.com"
PASSWORD: Final = "quiet rivers carry stones"
ANOTHER: Final = "loud rivers carry sand too"


def test_an_invited_clerk_comes_in_by_the_mail_and_finds_back_after_forgetting(
    agency: Agency, chromium: Browser, visiting: Visiting, camera: Camera
) -> None:
    with visiting("acme-owner") as page:
        pages.choose(page, "Team")
        page.get_by_role("link", name="Invite somebody").click()
        page.get_by_label("E-mail").fill(ADDRESS)
        page.get_by_role("radio", name="Merchant clerk").check()
        camera.shoot(page, "acme-owner:invite", "Inviting somebody to a team")
        page.get_by_role("button", name="Send the invitation").click()
        page.get_by_text(f"{ADDRESS} was invited").wait_for()
        camera.shoot(page, "acme-owner:team", "A team and its invitations")
    link = mails.link(agency, ADDRESS, "invites you to")
    with visit(chromium, agency.origin, width=PHONE_WIDTH, height=844) as seen:
        _come_in(seen.page, link)
        assert seen.complaints == []
        answer = seen.page.goto("/team/")
        assert answer is not None
        assert answer.status == 403
        assert seen.violations == []
    with visit(chromium, agency.origin, width=PHONE_WIDTH, height=844) as seen:
        assert seen.page.goto(link)
        seen.page.get_by_role("heading", name="This link is over").wait_for()
        _forget(seen.page)
        seen.page.goto(mails.link(agency, ADDRESS, "A new password"))
        seen.page.get_by_label("New password", exact=True).fill(ANOTHER)
        seen.page.get_by_label("New password, again").fill(ANOTHER)
        seen.page.get_by_role("button", name="Set the password").click()
        seen.page.get_by_text("Your password was changed").wait_for()


def _come_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("First name").fill("Nadia")
    page.get_by_label("Last name").fill("Rao")
    page.get_by_label("Name to sign in").fill("nadia")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password, again").fill(PASSWORD)
    page.get_by_role("button", name="Accept and sign in").click()
    page.get_by_text("Welcome. This is your account").wait_for()
    assert pages.menu_addresses(page) == [
        "/",
        "/payments/",
        "/refunds/",
        "/payment-links/",
        "/payers/",
        "/uploads/",
    ]


def _forget(page: Page) -> None:
    page.goto("/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("Name to sign in, or e-mail").fill("nadia")
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("Look into your mailbox").wait_for()
