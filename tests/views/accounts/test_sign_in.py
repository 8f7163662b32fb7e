from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from werkzeug import security

from app.adapters import passwords
from app.models.accounts import User
from tests.views.people import PASSWORD, Browser, People

if TYPE_CHECKING:
    from werkzeug.test import TestResponse


def _sign_in(browser: Browser, username: str, password: str, query: str = "") -> TestResponse:
    page = browser.get("/login/").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    data = {"username": username, "password": password, "csrf_token": found[1]}
    return browser.client.post(f"/login/{query}", data=data)


def test_the_right_password_signs_in_and_is_traced(people: People) -> None:
    browser = people.nobody()
    assert _sign_in(browser, "operations", PASSWORD).location == "/"
    assert browser.get("/account/").status_code == 200
    assert people.audit()[-1] == ("session.sign_in", "operations signed in")
    user = people.user("operations")
    assert (user.login_count, user.fail_login_count) == (1, 0)
    assert user.last_login is not None


WRONG = [
    ("operations", "not the password"),
    ("operations", ""),
    ("operations", "\0"),
    ("nobody-of-that-name", PASSWORD),
    ("operations@example.com", PASSWORD),
    ("", ""),
]


@pytest.mark.parametrize("username,password", WRONG)
def test_anything_else_is_answered_in_the_same_way(
    people: People, username: str, password: str
) -> None:
    browser = people.nobody()
    _sign_in(browser, username, password)
    assert browser.get("/account/").status_code == 302


def test_unknown_and_wrong_get_the_same_page(people: People) -> None:
    pages = []
    for username in ("operations", "nobody-of-that-name"):
        browser = people.nobody()
        assert _sign_in(browser, username, "a wrong password").status_code == 302
        pages.append(re.sub(r'(value|nonce)="[^"]+"', "", browser.get("/login/").text))
    assert pages[0] == pages[1]
    assert "is not right" in pages[0]


def test_unknown_and_wrong_cost_one_hash_each(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[bool] = []
    check = security.check_password_hash

    def spy(stored: str, password: str) -> bool:
        hashed.append(check(stored, password))
        return hashed[-1]

    monkeypatch.setattr(passwords, "check_password_hash", spy)
    for username in ("operations", "nobody-of-that-name"):
        _sign_in(people.nobody(), username, "a wrong password")
    assert hashed == [False, False]


def test_a_failed_sign_in_is_traced_without_what_was_typed(people: People) -> None:
    _sign_in(people.nobody(), "my secret typed in the wrong place", "x")
    assert people.audit()[-1] == ("session.sign_in_failed", "A sign-in of an unknown user failed")
    _sign_in(people.nobody(), "operations", "x")
    assert people.audit()[-1] == ("session.sign_in_failed", "A sign-in of operations failed")
    assert people.user("operations").fail_login_count == 1


def test_whoever_was_shut_out_does_not_come_in(people: People) -> None:
    with people.engine.begin() as connection:
        connection.execute(User.__table__.update().values(active=False))
    browser = people.nobody()
    _sign_in(browser, "operations", PASSWORD)
    assert browser.get("/account/").status_code == 302


@pytest.mark.parametrize(
    "onward", ["http://evil.example/", "//evil.example/", "/\\evil.example", "javascript:x"]
)
def test_one_is_never_sent_off_site(people: People, onward: str) -> None:
    query = f"?next={onward}"
    assert _sign_in(people.nobody(), "operations", PASSWORD, query).location == "/"
    signed_in = people.browser("operations")
    assert signed_in.get(f"/login/{query}").location == "/"
    refused = _sign_in(people.nobody(), "operations", "wrong", query).location
    assert refused.endswith("?next=/")


def test_one_comes_back_to_where_one_wanted_to_go(people: People) -> None:
    browser = people.nobody()
    asked = browser.get("/payments/?status=failed")
    assert asked.status_code == 302
    query = asked.location.partition("?")[2]
    answer = _sign_in(browser, "operations", PASSWORD, f"?{query}")
    assert answer.location == "/payments/?status=failed"


def test_a_generated_screen_sends_nobody_to_the_sign_in_page_too(people: People) -> None:
    browser = people.nobody()
    query = browser.get("/users/").location.partition("?")[2]
    assert _sign_in(browser, "admin", PASSWORD, f"?{query}").location == "/users/"


def test_signing_in_begins_a_fresh_session(people: People) -> None:
    browser = people.nobody()
    with browser.client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
    _sign_in(browser, "operations", PASSWORD)
    with browser.client.session_transaction() as cookie:
        assert "planted" not in cookie


def test_signing_out_needs_a_form_and_ends_the_session(people: People) -> None:
    browser = people.browser("operations")
    assert browser.get("/logout/").status_code == 405
    assert browser.post("/logout/").location == "/login/"
    assert browser.get("/account/").status_code == 302


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(people: People) -> None:
    cookie = people.nobody().get("/login/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
