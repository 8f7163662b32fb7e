"""A stranger asks for an account; some try for more, or to learn who has one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

import config
from app.adapters import clock, db, rates
from app.errors import ForbiddenError, NotFoundError
from app.models import MerchantApplication, Outbox, PersonToken
from app.queries import accounts
from app.services import invitations, password_reset
from tests.services import applying
from tests.services.applying import COMPLIANCE, HOUSE
from tests.services.notify import mailing
from tests.views.people import people, statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.infra.mailbox import Mailbox
    from tests.views.people import People

__all__ = ["people"]

_NONCE: Final = re.compile(r'nonce="[^"]*"')
FORM: Final = {
    "business": "Café Nord",
    "sells": "Coffee by subscription",
    "website": "nord.example.com",
    "country": "DE",
    "default_currency": "EUR",
    "timezone": "Europe/Berlin",
    "first_name": "Ida",
    "last_name": "Nord",
    "email": "ida@example.com",
}


@pytest.fixture(autouse=True)
def _uncounted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "hit", lambda *_: None)


@pytest.fixture
def _switched_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SIGN_UP", "off")
    config.get.cache_clear()
    yield
    config.get.cache_clear()


def _post(people: People, **changes: str) -> TestResponse:
    return people.nobody().post("/sign-up/", {**FORM, **changes})


def _link(people: People, mailbox: Mailbox) -> str:
    assert _post(people).status_code == 303
    mailing.drain()
    return mailbox.received[-1].link


def test_a_stranger_signs_up_and_proves_the_address_once(people: People, mailbox: Mailbox) -> None:
    assert "Open an account" in people.nobody().get("/login/").text
    link = _link(people, mailbox)
    browser = people.nobody()
    assert "Café Nord" in browser.get(link).text
    assert people.audit()[-1][0] == "applications.apply", "opening the page uses nothing up"
    answer = browser.post(link, follow_redirects=True)
    assert "Your address is proved" in answer.text
    assert browser.post(link).status_code == 404
    assert people.audit()[-1] == (
        "applications.confirm",
        "Café Nord proved its address and waits to be taken on",
    )


def test_nobody_learns_who_has_an_account(people: People, mailbox: Mailbox) -> None:
    known, unknown = (
        people.nobody().post("/sign-up/", {**FORM, "email": email}, follow_redirects=True)
        for email in ("acme-owner@example.com", "ida@example.com")
    )
    assert (known.status_code, known.request.path) == (200, "/sign-up/sent")
    assert _NONCE.sub("", known.text) == _NONCE.sub("", unknown.text)
    mailing.drain()
    assert sorted(came.recipients[0] for came in mailbox.received) == [
        "acme-owner@example.com",
        "ida@example.com",
    ]


def test_known_or_not_takes_about_the_same_work(people: People) -> None:
    sent = {}
    for email in ("warm-up@example.com", "acme-owner@example.com", "ida@example.com"):
        with statements(people.app) as found:
            assert _post(people, email=email).status_code == 303
        sent[email] = len(found)
    assert abs(sent["acme-owner@example.com"] - sent["ida@example.com"]) <= 3


@pytest.mark.parametrize("token", ["x", "0" * 43, "a" * 300, "%00", "..%2F.."])
def test_a_guessed_link_is_over(people: People, token: str) -> None:
    path = f"/sign-up/confirm/{token}"
    assert people.nobody().get(path).status_code == 404
    assert people.nobody().post(path).status_code == 404


def test_an_old_link_is_over(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    with clock.at(clock.now() + timedelta(days=3)):
        assert people.nobody().get(link).status_code == 404
        assert people.nobody().post(link).status_code == 404


@pytest.mark.parametrize("path", ["/password/reset/", "/invitation/"])
def test_the_link_opens_no_other_door(people: People, mailbox: Mailbox, path: str) -> None:
    token = _link(people, mailbox).rpartition("/")[2]
    assert people.nobody().get(path + token).status_code == 404


@pytest.mark.parametrize(
    "place, text",
    [
        ("business", ""),
        ("business", "<b>" * 60),
        ("first_name", "Ida\nBcc: all@example.com"),
        ("country", "XX"),
        ("default_currency", "ABC"),
        ("timezone", "Moon/Base"),
        ("website", "javascript:alert(1)"),
        ("email", "ida"),
        ("sells", "4111 1111 1111 1111"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(people: People, place: str, text: str) -> None:
    answer = _post(people, **{place: text})
    assert answer.status_code == 200
    assert f'id="{place}-error"' in answer.text
    assert "4111 1111 1111 1111" not in answer.text
    assert people.count(MerchantApplication) == 0


def test_a_computer_that_asks_too_often_is_told_to_wait(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rates.Rate(allowed=False, limit=10, remaining=0, reset_seconds=30)
    monkeypatch.setattr(rates, "hit", lambda *_: refused)
    assert (_post(people).status_code, people.count(Outbox)) == (429, 0)


def test_a_mailbox_that_is_asked_for_too_often_gets_nothing_and_the_answer_is_the_same(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = rates.Rate(allowed=False, limit=2, remaining=0, reset_seconds=30)
    monkeypatch.setattr(
        rates, "hit", lambda name, *_: refused if name == "sign-up-mailbox" else None
    )
    assert (_post(people).status_code, people.count(Outbox)) == (303, 0)


def test_a_form_without_its_token_is_refused(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    client = people.app.test_client()
    assert client.post("/sign-up/", data=FORM).status_code == 400
    assert client.post(link).status_code == 400


@pytest.mark.usefixtures("_switched_off")
def test_switched_off_there_is_nothing(people: People) -> None:
    browser = people.nobody()
    assert "/sign-up/" not in browser.get("/login/").text
    for path in ("", "sent", "confirm/x", "received"):
        assert browser.get(f"/sign-up/{path}").status_code == 404
    assert _post(people).status_code == 404
    assert people.count(Outbox) == 0


def test_no_reader_of_mails_gets_the_link(people: People) -> None:
    _post(people)
    (row,) = mailing.rows()
    page = people.browser("admin").get(f"/notifications/{row.public_id}").text
    assert "/sign-up/confirm/…" in page
    assert str(row.secret) not in page
    assert str(row.secret) not in str(people.audit())


def test_who_has_an_account_is_told_so_and_nothing_is_kept(
    people: People, mailbox: Mailbox
) -> None:
    _post(people, email="  ACME-owner@Example.com ")
    mailing.drain()
    (came,) = mailbox.received
    assert came.mail["Subject"] == "You have an account at PayAgency already"
    assert came.recipients == ["acme-owner@example.com"]
    assert (people.count(PersonToken), people.count(MerchantApplication)) == (0, 0)


def test_a_link_to_a_new_password_proves_no_address(people: People) -> None:
    with people.app.app_context():
        with db.unit_of_work(HOUSE) as session:
            password_reset.ask_link(session, clock.now(), "acme-owner")
        with pytest.raises(NotFoundError):
            applying.confirm(applying.token())


def test_only_the_first_owner_is_invited_by_who_takes_merchants_on(people: People) -> None:
    with (
        people.app.app_context(),
        pytest.raises(ForbiddenError, match="has people already"),
        db.unit_of_work(COMPLIANCE) as session,
    ):
        (acme,) = accounts.merchants(session, [people.world.acme])
        invitations.welcome(session, clock.now(), acme, email="x@example.com")
