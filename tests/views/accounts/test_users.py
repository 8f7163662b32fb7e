from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import passwords
from app.models.accounts import User
from tests.views.pages import column
from tests.views.people import PASSWORD

if TYPE_CHECKING:
    from tests.views.people import People

NEW = "a new sentence of words"


def _edit(people: People, username: str, **changes: str) -> dict[str, str]:
    user = people.user(username)
    plain = {name: getattr(user, name) for name in ("username", "first_name", "last_name", "email")}
    role = user.roles[0].name
    return {**plain, "role": role, "merchants": "", "active": "y", **changes}


def test_a_users_role_and_merchants_change(people: People) -> None:
    data = _edit(people, "acme-clerk", role="Merchant owner", merchants="acme, globex")
    user_id = people.ids["acme-clerk"]
    browser = people.browser("admin")
    assert browser.post(f"/users/edit/{user_id}", data).status_code == 302
    page = browser.get(f"/users/edit/{user_id}").text
    assert 'value="acme, globex"' in page
    assert [role.name for role in people.user("acme-clerk").roles] == ["Merchant owner"]


def test_an_unknown_merchant_is_told_at_its_place(people: People) -> None:
    data = _edit(people, "acme-clerk", merchants="acme, nobody")
    page = people.browser("admin").post(f"/users/edit/{people.ids['acme-clerk']}", data)
    assert "Choose one of the suggestions." in page.text


def test_the_list_shows_roles(people: People) -> None:
    page = people.browser("admin").get("/users/?_flt_0_username=auditor").text
    assert column(page, "roles") == ["Auditor"]


def test_the_list_is_narrowed_by_role(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/users/?_flt_0_roles=Merchant owner").text
    assert column(page, "username") == ["acme-owner", "globex-owner"]
    assert "Nothing matches" in browser.get("/users/?_flt_0_roles=Merchant").text


def test_whoever_is_deactivated_is_out_at_once_and_comes_back(people: People) -> None:
    target, admin = people.browser("finance"), people.browser("admin")
    user_id, traces = people.ids["finance"], people.audit()
    assert target.get("/account/").status_code == 200
    answer = admin.post(f"/users/action/deactivate/{user_id}")
    assert answer.location == f"/users/show/{user_id}"
    assert target.get("/account/").status_code == 302
    page = admin.get(answer.location).text
    assert "1 user was deactivated." in page
    assert f"/users/action/activate/{user_id}" in page
    assert f"/users/action/deactivate/{user_id}" not in page
    admin.post(f"/users/action/activate/{user_id}")
    assert people.user("finance").active
    assert [each[0] for each in people.audit()[len(traces) :]] == ["users.update"] * 2


def test_those_who_were_ticked_are_deactivated_but_not_oneself(people: People) -> None:
    admin = people.browser("admin")
    ids = [people.ids[name] for name in ("admin", "finance", "auditor")]
    data = {"action": "deactivate", "id": ids}
    page = admin.post("/users/action_post", data, follow_redirects=True).text
    assert "admin: Nobody changes their own role or shuts themselves out." in page
    assert "2 users were deactivated." in page
    states = dict(zip(column(page, "username"), column(page, "active"), strict=True))
    assert {name for name, state in states.items() if state == "Deactivated"} == {
        "finance",
        "auditor",
    }


def test_one_comes_back_to_the_list_as_it_was(people: People) -> None:
    admin = people.browser("admin")
    data = {"action": "activate", "id": [people.ids["finance"]], "csrf_token": admin.token()}
    before = "/users/?_flt_0_active=yes"
    headers = {"Referer": f"http://localhost{before}"}
    answer = admin.client.post("/users/action_post", data=data, headers=headers)
    assert answer.location == before


def test_a_new_password_says_what_it_does(people: People) -> None:
    page = people.browser("admin").get(f"/users/password/{people.ids['finance']}").text
    assert "every session of this person ends" in page
    assert page.count('type="password"') == 2
    assert page.count('autocomplete="new-password"') == 2


REFUSED = [
    ("admin", {"role": "Finance"}, "own role"),
    ("admin", {"active": ""}, "own role"),
]


@pytest.mark.parametrize("username,changes,words", REFUSED)
def test_nobody_changes_their_own_role_or_shuts_themselves_out(
    people: People, username: str, changes: dict[str, str], words: str
) -> None:
    data = {name: value for name, value in _edit(people, username, **changes).items() if value}
    page = people.browser("admin").post(f"/users/edit/{people.ids[username]}", data)
    assert words in page.text
    assert [role.name for role in people.user(username).roles] == ["Admin"]


def test_nobody_removes_themselves(people: People) -> None:
    rows = people.count(User)
    answer = people.browser("admin").post(f"/users/delete/{people.ids['admin']}")
    assert answer.status_code == 302
    assert people.count(User) == rows


def test_another_users_password_is_reset_with_one_trace(people: People) -> None:
    target = people.browser("finance")
    traces = people.audit()
    data = {"password": NEW, "again": NEW}
    path = f"/users/password/{people.ids['finance']}"
    assert people.browser("admin").post(path, data).status_code == 302
    assert passwords.matches(people.user("finance").password, NEW)
    assert target.get("/account/").status_code == 302
    assert people.audit()[len(traces) :] == [
        ("users.reset_password", "Set a new password for finance")
    ]


def test_a_reset_to_a_weak_password_is_refused(people: People) -> None:
    path = f"/users/password/{people.ids['finance']}"
    page = people.browser("admin").post(path, {"password": "finance", "again": "finance"})
    assert "fewer than 15" in page.text
    assert passwords.matches(people.user("finance").password, PASSWORD)


@pytest.mark.parametrize("username", ["operations", "auditor", "compliance", "acme-owner"])
def test_others_touch_no_user(people: People, username: str) -> None:
    browser, user_id = people.browser(username), people.ids["finance"]
    for path in ("/users/add", f"/users/edit/{user_id}", f"/users/password/{user_id}"):
        assert browser.get(path).status_code == 403
        assert browser.post(path).status_code == 403
    assert browser.post(f"/users/delete/{user_id}").status_code == 403
    for verb in ("deactivate", "activate"):
        assert browser.post(f"/users/action/{verb}/{user_id}").status_code == 403
        data = {"action": verb, "id": [user_id]}
        assert browser.post("/users/action_post", data).status_code == 403
    assert people.user("finance").active
