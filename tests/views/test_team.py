"""Owners and staff invite people; people come in; some try for more than they were given."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.domain.permissions import RoleName
from app.models import Membership, PersonToken
from app.queries import accounts as users
from app.queries import actors
from tests.services.notify import mailing
from tests.views.people import people

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.infra.mailbox import Mailbox
    from tests.views.people import Browser, People

__all__ = ["people"]

PASSWORD: Final = "quiet rivers carry stones"
CLERK: Final = "Merchant clerk"


def _invite(
    browser: Browser, email: str = "new@example.com", role: str = CLERK, merchant: str = ""
) -> TestResponse:
    return browser.post("/team/invite", {"email": email, "role": role, "merchant": merchant})


def _link(people: People, mailbox: Mailbox, email: str = "new@example.com") -> str:
    count = len(mailbox.received)
    assert _invite(people.browser("acme-owner"), email).status_code == 303
    mailing.drain()
    assert len(mailbox.received) == count + 1
    return mailbox.received[-1].link


def _accept(browser: Browser, link: str, username: str = "newcomer", **more: str) -> TestResponse:
    data = {
        "username": username,
        "first_name": "New",
        "last_name": "Comer",
        "password": PASSWORD,
        "again": PASSWORD,
        **more,
    }
    return browser.post(link, data)


def _roles(people: People, username: str) -> tuple[set[str], set[int]]:
    with people.app.app_context(), db.reading(mailing.HOUSE) as session:
        found = actors.user_by_name(session, username)
        assert found is not None
        user = users.user(session, found.id)
        assert user is not None
        members = users.memberships(session, found.id)
        return {role.name for role in user.roles}, {each.merchant_id for each in members}


def test_an_owner_invites_a_clerk_who_comes_in(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    assert "acme-owner invites you to Acme" in str(mailbox.received[0].mail["Subject"])
    browser = people.nobody()
    assert "as Merchant clerk" in browser.get(link).text
    assert _accept(browser, link).status_code == 303
    assert browser.get("/payments/").status_code == 200
    assert browser.get("/team/").status_code == 403
    assert _roles(people, "newcomer") == ({CLERK}, {people.world.acme})
    owner = people.browser("acme-owner")
    assert "newcomer" in owner.get("/team/").text
    assert "newcomer" not in people.browser("globex-owner").get("/team/").text
    assert [action for action, _ in people.audit()][-3:] == [
        "team.invite",
        "users.create",
        "team.join",
    ]


def test_a_link_lets_one_person_in_once(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    with ThreadPoolExecutor(2) as pool:
        names = ["first-one", "second-one"]
        answers = pool.map(lambda name: _accept(people.nobody(), link, name).status_code, names)
        found = sorted(answers)
    assert found in ([303, 404], [200, 303])
    assert people.nobody().get(link).status_code in {200, 404}
    assert people.count(Membership) == 4


@pytest.mark.parametrize("how", ["revoked", "lapsed", "replaced"])
def test_a_link_that_is_over_lets_nobody_in(people: People, mailbox: Mailbox, how: str) -> None:
    link, owner = _link(people, mailbox), people.browser("acme-owner")
    moment = clock.now()
    if how == "revoked":
        with people.engine.connect() as connection:
            (public_id,) = connection.exec_driver_sql("SELECT public_id FROM person_token").one()
        assert owner.post(f"/team/invitations/{public_id}/revoke").status_code == 303
    elif how == "replaced":
        _invite(owner, " NEW@example.com ")
    else:
        moment += timedelta(days=7)
    with clock.at(moment):
        assert _accept(people.nobody(), link).status_code == 404
    assert people.count(Membership) == 3


@pytest.mark.parametrize("role", ["Admin", "Finance", "Operations", "Auditor", "", "Nothing"])
def test_an_owner_gives_no_role_of_the_house(people: People, role: str) -> None:
    answer = _invite(people.browser("acme-owner"), role=role)
    assert answer.status_code == (403 if role in set(RoleName) else 422)
    assert people.count(PersonToken) == 0


def test_an_owner_invites_to_their_own_merchant_whatever_they_send(
    people: People, mailbox: Mailbox
) -> None:
    assert _invite(people.browser("acme-owner"), merchant="globex").status_code == 303
    mailing.drain()
    _accept(people.nobody(), mailbox.received[0].link)
    assert _roles(people, "newcomer")[1] == {people.world.acme}


def test_nobody_comes_in_with_more_than_they_were_given(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox)
    _accept(people.nobody(), link, role="Admin", email="boss@example.com", merchants="globex")
    assert _roles(people, "newcomer") == ({CLERK}, {people.world.acme})
    with people.app.app_context(), db.reading(None) as session:
        found = actors.user_by_name(session, "newcomer")
    assert found is not None
    assert found.email == "new@example.com"


@pytest.mark.parametrize("who", ["acme-clerk", "operations", "finance", "auditor", "compliance"])
def test_only_owners_and_admins_invite(people: People, who: str) -> None:
    assert _invite(people.browser(who)).status_code == 403
    assert people.count(PersonToken) == 0


def test_an_admin_invites_to_a_merchant_and_to_the_house(people: People, mailbox: Mailbox) -> None:
    admin = people.browser("admin")
    assert _invite(admin, role="Finance", merchant="acme").status_code == 422
    assert _invite(admin, role=CLERK).status_code == 422
    assert _invite(admin, role="Finance").status_code == 303
    assert _invite(admin, "clerk@example.com", CLERK, "globex").status_code == 303
    mailing.drain()
    for came, name in zip(mailbox.received, ("staff-one", "clerk-one"), strict=True):
        _accept(people.nobody(), came.link, name)
    assert _roles(people, "staff-one") == ({"Finance"}, set())
    assert _roles(people, "clerk-one") == ({CLERK}, {people.world.globex})


def test_somebody_known_signs_in_and_accepts(people: People, mailbox: Mailbox) -> None:
    link = _link(people, mailbox, "globex-owner@example.com")
    assert "has an account already" in people.nobody().get(link).text
    assert _accept(people.nobody(), link).status_code == 200
    other = people.browser("acme-clerk")
    assert "signed in as somebody else" in other.get(link).text
    other.post(link)
    theirs = people.browser("globex-owner")
    assert "another role already" in theirs.post(link, follow_redirects=True).text
    assert _roles(people, "globex-owner") == ({"Merchant owner"}, {people.world.globex})
    _invite(people.browser("acme-owner"), "globex-owner@example.com", "Merchant owner")
    mailing.drain()
    assert theirs.post(mailbox.received[-1].link).status_code == 303
    assert _roles(people, "globex-owner")[1] == {people.world.globex, people.world.acme}


def test_a_member_who_was_removed_sees_nothing_more(people: People) -> None:
    owner, clerk = people.browser("acme-owner"), people.browser("acme-clerk")
    assert clerk.get("/payments/").status_code == 200
    assert owner.post("/team/members/acme-clerk/remove").status_code == 303
    assert clerk.get("/payments/").status_code == 403
    assert people.audit()[-1] == ("team.remove", "Removed acme-clerk from the team")


@pytest.mark.parametrize("whom", ["globex-owner", "admin", "acme-owner", "nobody-at-all"])
def test_nobody_else_is_removed(people: People, whom: str) -> None:
    answer = people.browser("acme-owner").post(f"/team/members/{whom}/remove")
    assert answer.status_code in {303, 404}
    assert people.count(Membership) == 3


def test_what_others_invited_is_neither_seen_nor_taken_back(
    people: People, mailbox: Mailbox
) -> None:
    link = _link(people, mailbox)
    with people.engine.connect() as connection:
        (public_id,) = connection.exec_driver_sql("SELECT public_id FROM person_token").one()
    stranger = people.browser("globex-owner")
    assert "new@example.com" not in stranger.get("/team/").text
    assert stranger.post(f"/team/invitations/{public_id}/revoke").status_code == 404
    (row,) = mailing.rows()
    assert stranger.get(f"/notifications/{row.public_id}").status_code == 404
    assert stranger.post(f"/notifications/{row.public_id}/send").status_code == 404
    assert people.nobody().get(link).status_code == 200


def test_an_invitation_is_no_way_to_send_many_mails(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.invitations.MOST_INVITATIONS", 2)
    owner = people.browser("acme-owner")
    found = [_invite(owner, f"p{number}@example.com").status_code for number in range(3)]
    assert found == [303, 303, 422]
