from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.extensions import db as database
from app.models.tenancy import actor_of
from app.queries import accounts as people_queries
from app.security import actors
from app.services import accounts
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from tests.views.people import Browser, People


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Actor]:
    """Collect who acts in each request."""
    found: list[Actor] = []
    find = actors.find

    def spy() -> Actor:
        found.append(find())
        return found[-1]

    monkeypatch.setattr(actors, "find", spy)
    return found


def _change(people: People, username: str, **changes: object) -> None:
    with people.app.app_context(), db.unit_of_work(Actor.house(None, "test")) as session:
        accounts.update_user(session, NOW, people.ids[username], changes)


def test_nobody_is_signed_in_and_acts_as_nobody(people: People, seen: list[Actor]) -> None:
    people.nobody().get("/nope")
    assert seen == [Actor.none()]


def test_staff_begins_in_the_test_book(people: People, seen: list[Actor]) -> None:
    people.browser("operations").get("/nope")
    (actor,) = seen
    assert (actor.kind, actor.livemode, actor.label) == ("staff", False, "operations")
    assert actor.permissions


def test_a_switch_of_the_book_lasts(people: People, seen: list[Actor]) -> None:
    browser = people.browser("operations")
    assert browser.post("/book/", {"book": "live"}).status_code == 302
    browser.get("/nope")
    assert seen[-1].livemode is True
    browser.post("/book/", {"book": "test"})
    browser.get("/nope")
    assert seen[-1].livemode is False


def test_an_unknown_book_is_refused(people: People) -> None:
    assert people.browser("operations").post("/book/", {"book": "both"}).status_code == 400


def test_a_merchant_acts_for_the_first_membership(people: People, seen: list[Actor]) -> None:
    people.browser("acme-owner").get("/nope")
    assert seen[0].merchant_id == people.world.acme


def _with_cookie(browser: Browser, **names: object) -> Browser:
    with browser.client.session_transaction() as cookie:
        cookie.update(names)
    return browser


def test_a_foreign_merchant_in_the_cookie_counts_for_nothing(
    people: People, seen: list[Actor]
) -> None:
    _with_cookie(people.browser("acme-owner"), merchant="globex").get("/nope")
    assert seen[0].merchant_id == people.world.acme


def test_switching_to_a_foreign_merchant_is_not_found(people: People) -> None:
    browser = people.browser("acme-owner")
    assert browser.post("/book/merchant", {"merchant": "globex"}).status_code == 404


def test_switching_among_own_merchants(people: People, seen: list[Actor]) -> None:
    both = [people.world.acme, people.world.globex]
    _change(people, "acme-owner", merchant_ids=both)
    browser = people.browser("acme-owner")
    assert "Switch" in browser.get("/account/").text
    assert browser.post("/book/merchant", {"merchant": "globex"}).status_code == 302
    browser.get("/nope")
    assert seen[-1].merchant_id == people.world.globex


def test_a_withdrawn_membership_ends_the_choice_at_once(people: People, seen: list[Actor]) -> None:
    both = [people.world.acme, people.world.globex]
    _change(people, "acme-owner", merchant_ids=both)
    browser = _with_cookie(people.browser("acme-owner"), merchant="globex")
    browser.get("/nope")
    _change(people, "acme-owner", merchant_ids=[people.world.acme])
    browser.get("/nope")
    assert [actor.merchant_id for actor in seen] == [people.world.globex, people.world.acme]


def test_without_any_membership_one_sees_nothing(people: People, seen: list[Actor]) -> None:
    with people.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM membership")
    browser = people.browser("acme-owner")
    assert browser.get("/payments/").status_code == 403
    assert seen == [Actor.none()]


def test_a_role_of_each_kind_makes_nobody(people: People, seen: list[Actor]) -> None:
    with people.app.app_context(), db.unit_of_work(Actor.house(None, "test")) as session:
        user = people_queries.user(session, people.ids["acme-owner"])
        role = people_queries.role(session, RoleName.ADMIN)
        assert user
        assert role
        user.roles.append(role)
    people.browser("acme-owner").get("/nope")
    assert seen == [Actor.none()]


def test_a_changed_role_counts_from_the_next_request(people: People) -> None:
    browser = people.browser("operations")
    assert browser.get("/jobs/").status_code == 200
    _change(people, "operations", role=RoleName.COMPLIANCE)
    assert browser.get("/jobs/").status_code == 403


def test_a_user_who_was_shut_out_is_out_at_once(people: People) -> None:
    browser = people.browser("operations")
    _change(people, "operations", active=False)
    assert browser.get("/account/").status_code == 302


def test_no_actor_is_left_behind_in_a_context_that_stays_open(people: People) -> None:
    browser = people.browser("admin")
    with people.app.app_context():
        assert browser.get("/merchants/").status_code == 200
        assert actor_of(database.session()) == Actor.none()
        assert people.nobody().get("/merchants/").status_code == 302
