"""Those who may take businesses on or turn them down; merchants that come in with an owner."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import select

from app.models import Capability, Merchant, PersonToken
from tests.services import applying
from tests.services.notify import mailing
from tests.views.people import people

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.infra.mailbox import Mailbox
    from tests.views.people import People

__all__ = ["people"]

TERMS: Final = {
    "key": "cafe-nord",
    "name": "Café Nord",
    "country": "DE",
    "default_currency": "EUR",
    "timezone": "Europe/Berlin",
}
NEW: Final = {**TERMS, "key": "new-one", "name": "New One"}


def _waiting(people: People, **named: str) -> str:
    with people.app.app_context():
        return applying.waiting(**named)


def _approve(people: People, who: str, public_id: str, **changes: str) -> TestResponse:
    path = f"/applications/{public_id}/approve"
    return people.browser(who).post(path, {**TERMS, **changes})


def _keys(people: People) -> list[str]:
    with people.engine.connect() as connection:
        return list(connection.scalars(select(Merchant.key).order_by(Merchant.id)))


@pytest.mark.parametrize("who", ["admin", "compliance"])
@pytest.mark.parametrize("book", ["test", "live"])
def test_who_decides_takes_a_business_on(
    people: People, mailbox: Mailbox, who: str, book: str
) -> None:
    public_id = _waiting(people)
    browser = people.browser(who)
    browser.post("/book/", {"book": book})
    assert 'value="cafe-nord"' in browser.get(f"/applications/{public_id}").text
    answer = browser.post(f"/applications/{public_id}/approve", TERMS, follow_redirects=True)
    assert "was taken on" in answer.text
    with people.engine.connect() as connection:
        found = connection.execute(
            select(Capability.livemode, Capability.kind)
            .join(Merchant, Merchant.id == Capability.merchant_id)
            .where(Merchant.key == "cafe-nord")
        )
        assert {(livemode, kind) for livemode, kind in found} == {
            (False, kind) for kind in ("card", "upi", "apm", "crypto", "bulk")
        }
    mailing.drain()
    assert mailbox.received[-1].mail["Subject"] == "Welcome to PayAgency, Café Nord"
    assert "You begin in the test book" in mailbox.received[-1].part("html")


def test_the_owner_comes_in_and_finds_the_first_steps(people: People, mailbox: Mailbox) -> None:
    _approve(people, "admin", _waiting(people))
    mailing.drain()
    browser = people.nobody()
    password = "quiet rivers carry stones"
    data = {"username": "ida", "first_name": "Ida", "last_name": "Nord"}
    answer = browser.post(
        mailbox.received[-1].link,
        {**data, "password": password, "again": password},
        follow_redirects=True,
    )
    assert answer.request.path == "/"
    for address in ("/api-keys/new", "/payments/new", "/uploads/new"):
        assert f'<a href="{address}">' in answer.text
    assert "This is the test book: no money moves." in answer.text
    browser.post("/book/", {"book": "live"})
    assert "No method of payment is switched on for you" in browser.get("/").text


@pytest.mark.parametrize("who", ["operations", "finance", "acme-owner", "acme-clerk"])
def test_others_see_and_decide_nothing(people: People, who: str) -> None:
    public_id = _waiting(people)
    browser = people.browser(who)
    for path in ("/applications/", f"/applications/{public_id}"):
        assert browser.get(path).status_code == 403
    assert _approve(people, who, public_id).status_code == 403
    path = f"/applications/{public_id}/reject"
    assert browser.post(path, {"reason": "No."}).status_code == 403
    assert _keys(people) == ["acme", "globex"]


def test_an_auditor_reads_and_decides_nothing(people: People) -> None:
    public_id = _waiting(people)
    page = people.browser("auditor").get(f"/applications/{public_id}").text
    assert "ida@example.com" in page
    assert "/approve" not in page
    assert _approve(people, "auditor", public_id).status_code == 403


def test_a_short_name_that_is_taken_is_said_at_its_field(people: People) -> None:
    public_id = _waiting(people, business="Acme")
    browser = people.browser("admin")
    assert 'value="acme-2"' in browser.get(f"/applications/{public_id}").text
    answer = _approve(people, "admin", public_id, key="acme", name="Acme <b>Two</b>")
    assert answer.status_code == 422
    assert 'id="key-error"' in answer.text
    assert "Acme &lt;b&gt;Two&lt;/b&gt;" in answer.text
    assert _approve(people, "admin", public_id, key="acme-2").status_code == 303
    assert _keys(people) == ["acme", "globex", "acme-2"]


def test_a_rejection_needs_a_reason_and_ends_it(people: People, mailbox: Mailbox) -> None:
    public_id = _waiting(people)
    path = f"/applications/{public_id}/reject"
    browser = people.browser("compliance")
    answer = browser.post(path, {"reason": " "})
    assert (answer.status_code, 'id="reason-again-error"' in answer.text) == (422, True)
    assert browser.post(path, {"reason": "No <i>casinos</i>"}).status_code == 303
    page = browser.get(f"/applications/{public_id}").text
    assert "No &lt;i&gt;casinos&lt;/i&gt;" in page
    assert 'id="approve"' not in page
    assert _approve(people, "admin", public_id).status_code == 303
    assert people.audit()[-1][0] == "applications.approve_refused"
    assert _keys(people) == ["acme", "globex"]
    mailing.drain()
    assert "No <i>casinos</i>" in mailbox.received[-1].part("plain")


def test_the_list_is_narrowed_and_handed_out(people: People) -> None:
    nord = _waiting(people)
    south = _waiting(people, email="sol@example.com", business="Sol y Mar")
    browser = people.browser("compliance")
    browser.post(f"/applications/{south}/reject", {"reason": "No."})
    for query, is_there in {
        "": (True, True),
        "state=waiting": (True, False),
        "state=rejected": (False, True),
        "country=DE": (True, True),
        "country=IN": (False, False),
        "business=mar": (False, True),
        "email=IDA@example.com": (True, False),
        "period=today": (True, True),
    }.items():
        text = browser.get(f"/applications/?{query}").text
        assert (nord in text, south in text) == is_there, query
    assert browser.get("/applications/?state=nonsense").status_code == 400
    file = browser.post("/applications/export.csv?state=waiting&columns=business&columns=email")
    rows = list(csv.reader(io.StringIO(file.text.lstrip("\ufeff"))))
    assert len(rows) == 2
    assert "Café Nord" in rows[1]
    assert "Nobody has applied yet" not in browser.get("/applications/?country=IN").text


def test_those_who_decide_are_told_at_home(people: People) -> None:
    _waiting(people)
    for who, is_told in {"admin": True, "compliance": True, "auditor": False}.items():
        text = people.browser(who).get("/").text
        assert ("business waits to be taken on" in text) is is_told, who
        assert ('href="/applications/?state=waiting"' in text) is is_told


def test_a_merchant_is_added_with_its_owner(people: People, mailbox: Mailbox) -> None:
    browser = people.browser("compliance")
    answer = browser.post("/merchants/add", {**NEW, "owner_email": "own@example.com"})
    assert answer.status_code == 302
    mailing.drain()
    assert mailbox.received[0].recipients == ["own@example.com"]
    assert mailbox.received[0].mail["Subject"] == "Welcome to PayAgency, New One"
    assert browser.post("/merchants/add", {**NEW, "key": "two"}).status_code == 302
    assert people.count(PersonToken) == 1


def test_a_merchant_whose_owner_cannot_be_invited_is_not_added(people: People) -> None:
    answer = people.browser("admin").post("/merchants/add", {**NEW, "owner_email": "nobody"})
    assert 'id="owner_email-error"' in answer.text
    assert _keys(people) == ["acme", "globex"]


def test_a_merchants_page_leads_to_an_invitation(people: People) -> None:
    browser = people.browser("admin")
    assert 'value="acme"' in browser.get("/team/invite?merchant=acme").text
    with people.engine.connect() as connection:
        found = select(Merchant.public_id).where(Merchant.key == "acme")
        public_id = connection.scalars(found).one()
    assert "/team/invite?merchant=acme" in browser.get(f"/merchants/show/{public_id}").text
    compliance = people.browser("compliance").get(f"/merchants/show/{public_id}").text
    assert "/team/invite" not in compliance
