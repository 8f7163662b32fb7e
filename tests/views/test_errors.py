from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from app.errors import IllegalStateError, PayAgencyError, UnavailableError
from app.security import requests
from app.views import book

if TYPE_CHECKING:
    from tests.views.people import People

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class _DriverError(Exception):
    """What a driver raises, with its number first."""


def _sql(number: int) -> OperationalError:
    return OperationalError(
        "SELECT secret FROM t WHERE a = %s", ("canary",), _DriverError(number, "x")
    )


CRASHES: list[tuple[Exception, int, str]] = [
    (IllegalStateError("It is closed."), 409, "It is closed."),
    (UnavailableError("The database does not answer."), 503, "The database does not answer."),
    (PayAgencyError("Odd."), 500, "Odd."),
    (_sql(1213), 503, "busy"),
    (_sql(2006), 503, "does not answer"),
    (_sql(1064), 500, "Something went wrong"),
    (RuntimeError("canary"), 500, "Something went wrong"),
]


@pytest.mark.parametrize("error,status,words", CRASHES)
def test_an_error_is_told_in_words_without_statement_or_trace(
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    words: str,
) -> None:
    def crash() -> None:
        raise error

    monkeypatch.setattr(book, "choices", crash)
    answer = people.browser("admin").post("/book/merchant", {"merchant": "x"})
    assert answer.status_code == status
    assert words in answer.text
    for secret in ("canary", "SELECT", "Traceback"):
        assert secret not in answer.text


def test_a_database_that_is_gone_is_told_in_words(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: object) -> None:
        raise _sql(2006)

    browser = people.browser("admin")
    monkeypatch.setattr(people.manager.lm, "_user_callback", crash)
    answer = browser.get("/account/")
    assert answer.status_code == 503
    assert "DATABASE_URL" in answer.text
    assert browser.get("/healthz").status_code == 200


def test_a_program_gets_the_same_as_json(people: People) -> None:
    answer = people.nobody().get("/nope", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json
    assert answer.json["request_id"] == answer.headers["Request-Id"]


def test_a_missing_page_and_a_foreign_one_look_the_same(people: People) -> None:
    browser = people.browser("acme-owner")
    assert browser.get("/nope").text.lstrip().startswith("<!DOCTYPE html>")
    assert browser.get("/merchants/show/x").status_code == 403


@pytest.mark.parametrize("path", ["/login/", "/healthz", "/nope", "/static/js/theme.js", "/"])
def test_every_answer_denies_frames_and_guessing(people: People, path: str) -> None:
    with people.nobody().get(path) as answer:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_request_id_from_outside_is_not_taken(people: People) -> None:
    answer = people.nobody().get("/healthz", headers={"Request-Id": "mine", "X-Request-Id": "mine"})
    assert answer.headers["Request-Id"].startswith("req_")


def test_pages_are_not_kept_by_caches_but_files_are(people: People) -> None:
    browser = people.browser("admin")
    assert browser.get("/users/").headers["Cache-Control"] == "no-store"
    with browser.get("/static/js/theme.js") as answer:
        assert "no-store" not in answer.headers["Cache-Control"]


def test_a_form_takes_at_most_a_mebibyte(people: People) -> None:
    browser = people.browser("admin")
    data = {"key": "a" * (requests.MOST_BYTES + 1)}
    assert browser.post("/merchants/add", data).status_code == 413


def test_only_uploads_may_be_larger(people: People) -> None:
    data = {"first_name": "a" * (requests.MOST_BYTES + 1)}
    assert people.browser("acme-owner").post("/account/", data).status_code == 413
    assert set(requests.UPLOADS) == {"UploadsView.new", "v1.create_bulk_upload"}
