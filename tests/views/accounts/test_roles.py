"""The page of roles, against what is written in app/domain/permissions.py."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.domain.permissions import PURPOSES, ROLES, WORDS, Permission, RoleName
from app.views.role_words import AREAS
from tests.views.pages import column, text

if TYPE_CHECKING:
    from tests.views.people import People


def matrix(page: str) -> dict[str, dict[str, str]]:
    """Return permission → role → yes or no, as the table says it."""
    table = page[page.index("<table") : page.index("</table>")]
    roles = [
        text(each) for each in re.findall(r'<th scope="col" class="role-name">(.*?)</th>', table)
    ]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL):
        head = re.search(r'<th scope="row" title="([^"]+)">', row)
        marks = re.findall(r'<td class="role-mark">(.*?)</td>', row, re.DOTALL)
        words = ["yes" if 'aria-label="yes"' in mark else text(mark) for mark in marks]
        if head:
            found[head[1]] = dict(zip(roles, words, strict=True))
    return found


def test_the_table_is_what_is_written(people: People) -> None:
    found = matrix(people.browser("auditor").get("/roles/").text)
    assert found == {
        str(permission): {
            role.value: "yes" if permission in ROLES[role] else "no" for role in RoleName
        }
        for permission in Permission
    }


def test_each_role_says_what_it_is_for_and_what_it_may_do(people: People) -> None:
    page = people.browser("auditor").get("/roles/").text
    cards = re.findall(r'<section class="panel-box role".*?</section>', page, re.DOTALL)
    assert len(cards) == len(RoleName)
    for role, card in zip(RoleName, cards, strict=True):
        assert PURPOSES[role] in text(card)
        held = [unescape(each) for each in re.findall(r"<dd>(.*?)</dd>", card)]
        assert held == [str(WORDS[each]) for each in Permission if each in ROLES[role]]


def test_each_number_leads_to_those_people(people: People) -> None:
    browser = people.browser("admin")
    browser.post(f"/users/action/deactivate/{people.ids['finance']}")
    page = browser.get("/roles/").text
    links = re.findall(r'<a href="([^"]+)">(\d+) active users?</a>', page)
    assert len(links) == len(RoleName) - 1
    for href, number in links:
        assert len(column(browser.get(unescape(href)).text, "username")) == int(number)


@pytest.mark.parametrize("name", list(RoleName))
def test_every_role_has_its_purpose(name: RoleName) -> None:
    assert PURPOSES[name].endswith(".")


def test_every_area_has_its_word() -> None:
    assert set(AREAS) == {permission.partition(":")[0] for permission in Permission}
