"""The written menu of each role against the live one."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest
from flask_babel import force_locale

from app.domain.permissions import ROLES
from app.views.menu import MENU
from tests.views.test_permissions import EVERYBODY

if TYPE_CHECKING:
    from tests.views.people import People

_LINE = re.compile(r'<a href="(/[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")

WRITTEN: Final = {
    "admin": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Settlement schedules",
        "Merchants",
        "Applications",
        "Capabilities",
        "Limits",
        "Price lists",
        "Settings",
        "Approvals",
        "Desk",
        "Jobs",
        "Provider events",
        "Connector accounts",
        "Audit trail",
        "API keys",
        "Webhooks",
        "Mails",
        "Team",
        "Users",
        "Roles",
    ],
    "operations": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Settlement schedules",
        "Merchants",
        "Capabilities",
        "Limits",
        "Price lists",
        "Approvals",
        "Desk",
        "Jobs",
        "Provider events",
        "Connector accounts",
        "Webhooks",
        "Mails",
    ],
    "finance": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Settlement schedules",
        "Merchants",
        "Capabilities",
        "Limits",
        "Price lists",
        "Approvals",
        "Desk",
        "Jobs",
    ],
    "compliance": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Merchants",
        "Applications",
        "Capabilities",
        "Limits",
        "Approvals",
        "Audit trail",
    ],
    "auditor": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Settlement schedules",
        "Merchants",
        "Applications",
        "Capabilities",
        "Limits",
        "Price lists",
        "Settings",
        "Approvals",
        "Desk",
        "Jobs",
        "Provider events",
        "Connector accounts",
        "Audit trail",
        "API keys",
        "Webhooks",
        "Mails",
        "Team",
        "Users",
        "Roles",
    ],
    "acme-owner": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Price lists",
        "Settings",
        "Approvals",
        "Audit trail",
        "API keys",
        "Webhooks",
        "Mails",
        "Team",
    ],
    "acme-clerk": ["Home", "Payments", "Refunds", "Payment links", "Payers", "Uploads"],
    "globex-owner": [
        "Home",
        "Payments",
        "Refunds",
        "Payment links",
        "Payers",
        "Disputes",
        "Uploads",
        "Balance",
        "Ledger",
        "Coming releases",
        "Price lists",
        "Settings",
        "Approvals",
        "Audit trail",
        "API keys",
        "Webhooks",
        "Mails",
        "Team",
    ],
}


def _menu(page: str) -> dict[str, str]:
    """Return the lines of the main menu, label → address, in their order."""
    bar = page[page.index('<aside class="sidebar"') : page.index("</aside>")]
    lines = _LINE.findall(bar[bar.index("<nav") :])
    return {unescape(_TAG.sub("", label)).strip(): address for address, label in lines}


@pytest.mark.parametrize("username", EVERYBODY)
def test_the_menu_shows_what_one_may_see_and_all_of_it_opens(people: People, username: str) -> None:
    browser = people.browser(username)
    menu = _menu(browser.get("/account/").text)
    assert list(menu) == WRITTEN[username]
    opened = {label: browser.get(address).status_code for label, address in menu.items()}
    assert opened == dict.fromkeys(menu, 200)


@pytest.mark.parametrize("username", EVERYBODY)
def test_what_the_menu_does_not_show_does_not_open(people: People, username: str) -> None:
    everything = _menu(people.browser("admin").get("/account/").text)
    assert len(everything) == len(MENU)
    hidden = {label: at for label, at in everything.items() if label not in WRITTEN[username]}
    browser = people.browser(username)
    opened = {label: browser.get(address).status_code for label, address in hidden.items()}
    assert opened == dict.fromkeys(hidden, 403)


def test_the_written_menu_is_what_the_permissions_say(people: People) -> None:
    with people.app.test_request_context(), force_locale("en"):
        found = {
            name: [str(entry.label) for entry in MENU if entry.permission in ROLES[role]]
            for name, role in EVERYBODY.items()
        }
    assert found == WRITTEN


def test_the_page_that_is_open_is_marked(people: People) -> None:
    page = people.browser("admin").get("/refunds/").text
    assert re.findall(r'<a href="([^"]*)"\s+aria-current="(\w+)"', page) == [("/refunds/", "page")]


def test_the_bar_tells_which_book_is_open(people: People) -> None:
    browser = people.browser("finance")
    page = browser.get("/account/").text
    assert "Test book" in page
    banner = page[page.index('<section class="mode') : page.index("</section>")]
    assert 'name="book" value="live"' in banner
    browser.post("/book/", {"book": "live"})
    page = browser.get("/account/").text
    assert "Live book" in page
    assert "Test book" not in page


def test_nobody_is_shown_no_menu(people: People) -> None:
    page = people.nobody().get("/login/").text
    addresses = set(re.findall(r'<a [^>]*href="(/[^"#]*)"', page))
    assert addresses <= {"/", "/login/", "/password/forgot", "/sign-up/"}
    assert "<nav" not in page
