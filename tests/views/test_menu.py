from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.domain.permissions import ROLES
from app.views.menu import MENU
from tests.views.test_permissions import EVERYBODY

if TYPE_CHECKING:
    from tests.views.people import People

_LINK = re.compile(r'<a [^>]*href="(/[^"#]*)"')


def _navigation(page: str) -> str:
    return page[page.index('<div class="navbar') : page.index("</header>")]


@pytest.mark.parametrize("username", EVERYBODY)
def test_every_menu_entry_opens(people: People, username: str) -> None:
    browser = people.browser(username)
    bar = _navigation(browser.get("/account/").text)
    links = set(_LINK.findall(bar))
    allowed = ROLES[EVERYBODY[username]]
    assert len(links) >= sum(entry.permission in allowed for entry in MENU)
    assert {path: browser.get(path).status_code for path in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("username", EVERYBODY)
def test_the_menu_shows_what_one_may_see_and_no_more(people: People, username: str) -> None:
    bar = _navigation(people.browser(username).get("/account/").text)
    allowed = ROLES[EVERYBODY[username]]
    for entry in MENU:
        shown = re.search(rf">\s*{entry.label}\s*</a>", bar) is not None
        assert shown is (entry.permission in allowed), entry.label


def test_the_bar_tells_which_book_is_open(people: People) -> None:
    browser = people.browser("finance")
    assert "Test book" in _navigation(browser.get("/account/").text)
    browser.post("/book/", {"book": "live"})
    assert "Live book" in _navigation(browser.get("/account/").text)


def test_nobody_sees_a_way_in_and_nothing_else(people: People) -> None:
    bar = _navigation(people.nobody().get("/login/").text)
    assert set(_LINK.findall(bar)) == {"/", "/login/"}
