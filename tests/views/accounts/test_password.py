"""A forgotten password, asked for by everybody and abused by some."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, passwords, rates
from app.models import Notification, Outbox, PersonToken
from app.services import password_reset
from tests.services.notify import mailing
from tests.views.people import PASSWORD, people

if TYPE_CHECKING:
    from tests.infra.mailbox import Mailbox
    from tests.views.people import Browser, People

__all__ = ["people"]

_NONCE: Final = re.compile(r'nonce="[^"]*"')
NEW: Final = "quiet rivers carry stones"


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "hit", lambda *_: None)


def _ask(people: People, name: str) -> str:
    answer = people.nobody().post("/password/forgot", {"name": name})
    assert answer.status_code == 303
    return str(people.nobody().get(answer.location).text)


def _link(people: People, mailbox: Mailbox, name: str = "acme-clerk") -> str:
    count = len(mailbox.received)
    _ask(people, name)
    mailing.drain()
    assert len(mailbox.received) == count + 1
    return mailbox.received[-1].link


def _set(browser: Browser, link: str, password: str = NEW) -> int:
    return browser.post(link, {"password": password, "again": password}).status_code


def _signs_in(people: People, password: str, name: str = "acme-clerk") -> bool:
    return passwords.matches(people.user(name).password, password)


def test_a_link_sets_a_new_password_and_ends_every_session(
    people: People, mailbox: Mailbox
) -> None:
    before = people.browser("acme-clerk")
    assert before.get("/account/").status_code == 200
    link = _link(people, mailbox)
    assert mailbox.received[0].recipients == ["acme-clerk@example.com"]
    assert people.nobody().get(link).status_code == 200
    assert _set(people.nobody(), link) == 303
    assert _signs_in(people, NEW)
    assert before.get("/account/").status_code == 302
    mailing.drain()
    assert mailbox.received[-1].mail["Subject"] == "Your password for PayAgency was changed"
    assert [action for action, _ in people.audit()][-2:] == [
        "password.forgot",
        "users.reset_password",
    ]


def test_a_link_works_once_and_its_brothers_end_with_it(people: People, mailbox: Mailbox) -> None:
    first, second = _link(people, mailbox), _link(people, mailbox)
    assert _set(people.nobody(), second) == 303
    for link in (first, second):
        assert people.nobody().get(link).status_code == 404
        assert _set(people.nobody(), link, "other rivers carry sand") == 404
    assert _signs_in(people, NEW)


def test_two_at_once_set_one_password(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    with ThreadPoolExecutor(2) as pool:
        wanted = [NEW, "other rivers carry sand"]
        found = list(pool.map(lambda each: _set(people.nobody(), link, each), wanted))
    assert sorted(found) == [303, 404]
    assert _signs_in(people, wanted[found.index(303)])


def test_an_old_link_is_worth_nothing(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    with clock.at(clock.now() + timedelta(hours=1)):
        assert people.nobody().get(link).status_code == 404
        assert _set(people.nobody(), link) == 404
    assert _signs_in(people, PASSWORD)


def test_a_weak_password_does_not_use_the_link_up(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    answer = people.nobody().post(link, {"password": "short", "again": "short"})
    assert "has fewer than" in answer.text.lower() or "Has fewer than" in answer.text
    assert _set(people.nobody(), link) == 303


@pytest.mark.parametrize("token", ["x", "0" * 43, "a" * 300, "%00", "..%2F.."])
def test_a_guessed_link_is_over(people: People, token: str) -> None:
    answer = people.nobody().get(f"/password/reset/{token}")
    assert answer.status_code == 404


def test_nobody_learns_who_exists(people: People, mailbox: Mailbox) -> None:
    known, unknown = _ask(people, "acme-clerk"), _ask(people, "nobody-at-all")
    assert _NONCE.sub("", known) == _NONCE.sub("", unknown)
    assert people.count(PersonToken) == 1
    mailing.drain()
    assert len(mailbox.received) == 1
    assert "nobody-at-all" not in str(people.audit())


def test_one_person_is_mailed_three_links_an_hour(people: People, mailbox: Mailbox) -> None:
    for _ in range(5):
        _ask(people, "acme-clerk@example.com")
    mailing.drain()
    assert len(mailbox.received) == 3
    with clock.at(clock.now() + timedelta(minutes=61)):
        _ask(people, "acme-clerk")
    assert people.count(PersonToken) == 4


def test_an_address_that_asks_too_often_is_told_to_wait(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rates.Rate(allowed=False, limit=10, remaining=0, reset_seconds=30)
    monkeypatch.setattr(rates, "hit", lambda *_: refused)
    answer = people.nobody().post("/password/forgot", {"name": "acme-clerk"})
    assert (answer.status_code, people.count(Outbox)) == (429, 0)


def test_a_form_without_its_token_is_refused(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    client = people.app.test_client()
    for path, data in (
        (link, {"password": NEW, "again": NEW}),
        ("/password/forgot", {"name": "x"}),
    ):
        assert client.post(path, data=data).status_code == 400
    assert _signs_in(people, PASSWORD)


def test_no_reader_of_mails_gets_the_link(people: People, mailbox: Mailbox) -> None:
    _ask(people, "finance")
    (row,) = mailing.rows()
    token = row.secret
    assert token
    page = people.browser("admin").get(f"/notifications/{row.public_id}").text
    assert "/password/reset/…" in page
    assert token not in page
    mailing.drain()
    (row,) = mailing.rows()
    assert (row.state, row.secret) == ("sent", None)
    answer = people.browser("admin").post(f"/notifications/{row.public_id}/send")
    assert answer.status_code == 303
    assert mailing.drain() == 0
    assert token not in str(people.audit())
    assert people.count(Notification) == 1


def test_somebody_who_was_shut_out_is_mailed_nothing(people: People) -> None:
    with people.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ab_user SET active = 0 WHERE username = 'acme-clerk'")
    _ask(people, "acme-clerk")
    assert people.count(Outbox) == 0
    assert password_reset.ASKED in [action for action, _ in people.audit()]
