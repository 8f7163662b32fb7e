"""A business signs up and is taken on, once, by those who may; on MariaDB."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.applications import TEST_CAPABILITIES, ApplicationState
from app.domain.permissions import MERCHANT_ROLES, ROLES, RoleName
from app.errors import (
    BadInputError,
    CardNumberRefusedError,
    ForbiddenError,
    IllegalStateError,
    NotFoundError,
    PayAgencyError,
    TenancyError,
)
from app.jobs.handlers import HANDLERS
from app.models import Capability, Merchant, MerchantApplication, PersonToken
from app.services import leases, recurring, sign_up
from tests.services import applying
from tests.services.applying import ASKED, COMPLIANCE, HOUSE, TERMS
from tests.services.notify import mailing

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy import Engine

    from app.services.applications import Terms
    from tests.fixtures.application import World
    from tests.infra.mailbox import Mailbox


def _grants(merchant_id: int, *, livemode: bool) -> set[str]:
    actor = Actor.staff(1, livemode, "operations", ROLES[RoleName.OPERATIONS])
    with db.reading(actor) as session:
        found = select(Capability.kind).where(Capability.merchant_id == merchant_id)
        return set(session.scalars(found))


def _merchants() -> list[str]:
    with db.reading(HOUSE) as session:
        return list(session.scalars(select(Merchant.key).order_by(Merchant.id)))


def test_a_business_waits_once_its_address_is_proved(context: Flask, mailbox: Mailbox) -> None:
    assert context
    applying.apply()
    (row,) = applying.rows()
    assert (row.state, row.country, row.default_currency) == ("unconfirmed", "DE", "EUR")
    mailing.drain()
    assert mailbox.received[0].recipients == ["ida@example.com"]
    token = mailbox.received[0].link.removeprefix("/sign-up/confirm/")
    applying.confirm(token)
    (row,) = applying.rows()
    assert (row.state, row.confirmed_at is not None) == ("waiting", True)
    with pytest.raises(NotFoundError):
        applying.confirm(token)


def test_what_was_approved_may_pay_in_the_test_book_only(world: World, mailbox: Mailbox) -> None:
    assert world
    merchant_id = applying.approve(applying.waiting(locale="de"))
    assert _grants(merchant_id, livemode=False) == set(TEST_CAPABILITIES)
    assert _grants(merchant_id, livemode=True) == set()
    (row,) = applying.rows()
    assert (row.state, row.merchant_id, row.decided_by) == ("approved", merchant_id, "lena")
    mailing.drain()
    came = mailbox.received[-1]
    assert came.recipients == ["ida@example.com"]
    assert came.link.startswith("/invitation/")
    assert (mailing.rows()[-1].kind, mailing.rows()[-1].locale) == ("invitation", "de")


@pytest.mark.parametrize("keys", [["cafe-nord"] * 6, [f"cafe-{number}" for number in range(6)]])
def test_many_who_approve_at_once_make_one_merchant(
    context: Flask, world: World, keys: list[str]
) -> None:
    assert world
    public_id = applying.waiting()

    @db.retry_when_busy
    def approve(key: str) -> str:
        with context.app_context():
            try:
                applying.approve(public_id, replace(TERMS, key=key))
            except PayAgencyError as error:
                return type(error).__name__
        return "approved"

    with ThreadPoolExecutor(6) as pool:
        found = sorted(pool.map(approve, keys))
    assert found == ["IllegalStateError"] * 5 + ["approved"]
    assert len(_merchants()) == 3
    assert len([row for row in mailing.rows() if row.kind == "invitation"]) == 1


def test_one_who_approves_and_one_who_rejects_agree_on_one(context: Flask, world: World) -> None:
    assert world
    public_id = applying.waiting()

    def act(what: Callable[[], object]) -> bool:
        with context.app_context():
            try:
                what()
            except IllegalStateError:
                return False
        return True

    acts = [lambda: applying.approve(public_id), lambda: applying.reject(public_id, "No.")]
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(act, acts)) == [False, True]
    kinds = [row.kind for row in mailing.rows()]
    state = applying.rows()[0].state
    assert kinds[1:] == ["invitation" if state == "approved" else "sign_up_rejected"]


def test_who_is_turned_down_reads_why_and_nothing_else(context: Flask, mailbox: Mailbox) -> None:
    assert context
    public_id = applying.waiting(business="<b>Nord</b> & Co")
    applying.reject(public_id, "No <script>alert(1)</script>\r\nBcc: all@example.com")
    mailing.drain()
    came = mailbox.received[-1]
    assert came.recipients == ["ida@example.com"]
    assert came.mail["Bcc"] is None
    html = came.part("html")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Bcc: all@example.com" in html
    assert "&lt;b&gt;Nord&lt;/b&gt; &amp; Co" in html
    with pytest.raises(IllegalStateError):
        applying.approve(public_id)


@pytest.mark.parametrize("state", ["unconfirmed", "lapsed"])
def test_what_does_not_wait_is_not_decided_on(context: Flask, state: str) -> None:
    assert context
    applying.apply()
    public_id = applying.rows()[0].public_id
    if state == "lapsed":
        with clock.at(clock.now() + timedelta(days=3)):
            assert applying.lapse() == 1
    for act in (applying.approve, lambda each: applying.reject(each, "No.")):
        with pytest.raises(IllegalStateError):
            act(public_id)
    assert applying.rows()[0].state == state


@pytest.mark.parametrize("role", sorted(set(RoleName) - {RoleName.ADMIN, RoleName.COMPLIANCE}))
def test_only_admin_and_compliance_decide(world: World, role: RoleName) -> None:
    public_id = applying.waiting()
    actor = (
        replace(world.owner(), permissions=ROLES[role])
        if role in MERCHANT_ROLES
        else replace(COMPLIANCE, permissions=ROLES[role])
    )
    with pytest.raises(ForbiddenError):
        applying.approve(public_id, actor=actor)
    with pytest.raises(ForbiddenError):
        applying.reject(public_id, "No.", actor)
    assert applying.rows()[0].state == ApplicationState.WAITING


def test_a_merchant_sees_and_writes_no_application(world: World) -> None:
    applying.waiting()
    with db.reading(world.owner()) as session:
        assert session.scalars(select(MerchantApplication)).all() == []
    with pytest.raises(TenancyError), db.unit_of_work(world.owner()) as session:
        session.add(MerchantApplication(public_id="app_x", state="waiting"))


def test_nothing_is_granted_in_the_live_book(context: Flask) -> None:
    assert context
    public_id = applying.waiting()
    with pytest.raises(ForbiddenError, match="test book"):
        applying.approve(public_id, actor=replace(COMPLIANCE, livemode=True))
    assert _merchants() == []


@pytest.mark.parametrize(
    "terms, place",
    [
        (replace(TERMS, key="acme"), "key"),
        (replace(TERMS, key="No Good"), "key"),
        (replace(TERMS, name=" "), "name"),
        (replace(TERMS, country="XX"), "country"),
        (replace(TERMS, currency="ABC"), "default_currency"),
        (replace(TERMS, timezone="Moon/Base"), "timezone"),
    ],
)
def test_terms_that_cannot_be_name_the_field(world: World, terms: Terms, place: str) -> None:
    assert world
    public_id = applying.waiting()
    with pytest.raises(BadInputError) as caught:
        applying.approve(public_id, terms)
    assert caught.value.place == place
    assert applying.rows()[0].state == ApplicationState.WAITING


def test_one_address_is_mailed_three_times_a_day_whoever_asks(context: Flask) -> None:
    assert context
    for number in range(5):
        applying.apply(business=f"Nord {number}")
    applying.apply("other@example.com")
    assert len(mailing.rows()) == 4
    with clock.at(clock.now() + timedelta(hours=25)):
        applying.apply()
    assert len(mailing.rows()) == 5


def test_an_old_link_proves_nothing_and_a_stranger_s_neither(context: Flask) -> None:
    assert context
    applying.apply()
    token = applying.token()
    with clock.at(clock.now() + timedelta(days=3)), pytest.raises(NotFoundError):
        applying.confirm(token)
    with pytest.raises(NotFoundError):
        applying.confirm(token[:-1])
    assert applying.rows()[0].state == ApplicationState.UNCONFIRMED


def test_what_nobody_confirmed_lapses_and_forgets_the_person(
    context: Flask, migrator_engine: Engine
) -> None:
    assert context
    waits = applying.waiting("kept@example.com")
    applying.apply("gone@example.com")
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE merchant_application SET created_at = created_at - INTERVAL 3 DAY"
        )
    with db.unit_of_work(HOUSE) as session:
        recurring.plan(session, clock.now())
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET run_at = created_at - INTERVAL 1 DAY")
    leases.drain("default", HANDLERS)
    kept, gone = applying.rows()
    assert (kept.public_id, kept.state, kept.email) == (waits, "waiting", "kept@example.com")
    assert (gone.state, gone.email, gone.first_name, gone.last_name) == ("lapsed", None, None, None)
    assert (gone.email_index, gone.token_id) == (None, None)
    assert [row.recipient for row in mailing.rows()] == ["kept@example.com"]
    with migrator_engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(PersonToken)) == 1


def test_a_card_number_is_not_kept(context: Flask) -> None:
    assert context
    with pytest.raises(CardNumberRefusedError):
        sign_up.check(replace(ASKED, sells="Pay to 4111 1111 1111 1111"))
