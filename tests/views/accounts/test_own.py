from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import passwords
from tests.views.people import PASSWORD

if TYPE_CHECKING:
    from tests.views.people import People

NEW = "a new sentence of words"
OWN = {"present": PASSWORD, "password": NEW, "again": NEW}


def test_one_sees_ones_role_and_merchants(people: People) -> None:
    page = people.browser("acme-owner").get("/account/").text
    assert "Merchant owner" in page
    assert "Acme" in page


def test_ones_profile_changes_with_one_trace(people: People) -> None:
    traces = people.audit()
    data = {"first_name": "Olga", "last_name": "Owner", "email": "olga@example.com"}
    assert people.browser("acme-owner").post("/account/", data).status_code == 302
    assert people.user("acme-owner").first_name == "Olga"
    assert people.audit()[len(traces) :] == [
        ("account.update", "Changed the profile of acme-owner")
    ]


def test_an_address_of_another_user_is_refused(people: People) -> None:
    data = {"first_name": "Olga", "last_name": "Owner", "email": "ADMIN@example.com"}
    page = people.browser("acme-owner").post("/account/", data)
    assert "Is already taken." in page.text
    assert people.user("acme-owner").email == "acme-owner@example.com"


def test_more_than_the_profile_is_not_changed(people: People) -> None:
    data = {"first_name": "O", "last_name": "O", "email": "o@example.com", "role": "Admin"}
    people.browser("acme-owner").post("/account/", {**data, "active": "", "username": "root"})
    user = people.user("acme-owner")
    assert user.username == "acme-owner"
    assert [role.name for role in user.roles] == ["Merchant owner"]


def test_a_new_password_ends_other_sessions_but_this_one(people: People) -> None:
    here, elsewhere = people.browser("finance"), people.browser("finance")
    traces = people.audit()
    assert here.post("/account/password", OWN).status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert passwords.matches(people.user("finance").password, NEW)
    assert people.audit()[len(traces) :] == [("account.password", "Set a new password for finance")]


REFUSED = [
    ({**OWN, "present": "not it"}, "Is not your present password."),
    ({**OWN, "password": "short", "again": "short"}, "fewer than 15"),
    ({**OWN, "again": "something else"}, "not the same"),
    ({**OWN, "password": "finance", "again": "finance"}, "fewer than 15"),
    ({**OWN, "password": "a" * 20, "again": "a" * 20}, "Repeats a few"),
    ({**OWN, "password": "b" * 129, "again": "b" * 129}, "more than 128"),
]


@pytest.mark.parametrize("data,words", REFUSED)
def test_a_password_that_is_not_taken_changes_nothing(
    people: People, data: dict[str, str], words: str
) -> None:
    before, traces = people.user("finance").password, people.audit()
    assert words in people.browser("finance").post("/account/password", data).text
    assert (people.user("finance").password, people.audit()) == (before, traces)
