from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from flask import Flask, Response, g

from app.security import csp, requests

if TYPE_CHECKING:
    from tests.views.people import People

DIRECTIVES: Final = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
SCRIPT: Final = re.compile(r"<script\b[^>]*>")


def _parts(policy: str) -> dict[str, str]:
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def _nonce(policy: str) -> str:
    found = re.fullmatch(r"'nonce-([\w-]+)'", _parts(policy)["script-src"])
    assert found is not None
    return found[1]


def test_a_page_may_load_our_own_files_and_the_scripts_that_it_names() -> None:
    with Flask("test").app_context():
        parts = _parts(csp.policy(Response("<p>", mimetype="text/html")))
        assert parts.pop("script-src") == f"'nonce-{csp.nonce()}'"
    assert parts == DIRECTIVES


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "image/svg+xml", "text/plain"])
def test_what_is_no_page_may_load_nothing(kind: str) -> None:
    with Flask("test").app_context():
        policy = csp.policy(Response("x", mimetype=kind))
        assert policy == "default-src 'none'; frame-ancestors 'none'"
        assert "csp_nonce" not in g


def test_a_nonce_is_one_requests_own() -> None:
    app = Flask("test")
    with app.app_context():
        first = csp.nonce()
        assert csp.nonce() == first
    with app.app_context():
        assert csp.nonce() != first
    assert len(first) * 6 >= 128


@pytest.mark.parametrize("path", ["/login/", "/nope", "/"])
def test_every_script_of_a_page_carries_the_nonce_of_its_answer(people: People, path: str) -> None:
    browser = people.nobody() if path == "/login/" else people.browser("admin")
    first, second = browser.get(path), browser.get(path)
    nonces = [_nonce(answer.headers["Content-Security-Policy"]) for answer in (first, second)]
    assert nonces[0] != nonces[1]
    for answer, nonce in zip((first, second), nonces, strict=True):
        scripts = SCRIPT.findall(answer.text)
        assert scripts
        assert all(f'nonce="{nonce}"' in script and 'src="/' in script for script in scripts)


def test_an_answer_that_is_no_page_carries_its_policy_too(people: People) -> None:
    policy = people.nobody().get("/healthz").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


def test_only_where_tls_is_certain_browsers_are_bound_to_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Strict-Transport-Security" not in people.nobody().get("/healthz").headers
    monkeypatch.setitem(people.app.config, "SESSION_COOKIE_SECURE", True)
    answer = people.nobody().get("/healthz")
    assert answer.headers["Strict-Transport-Security"] == requests.ONLY_ENCRYPTED
