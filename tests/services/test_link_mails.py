"""Payment links by mail, on MariaDB: to whom, how often, for which links, and with which trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from app.adapters import clock, db
from app.domain.link_mails import MOST_OF_LINK, MOST_OF_MERCHANT, LinkMail
from app.domain.payment_links import LinkKind, NewLink, Price
from app.errors import IllegalStateError, LimitExceededError, NotFoundError
from app.models import AuditEntry, MailAllowance
from app.services import link_mails, payment_links
from app.services.notify import asking
from tests.services.notify import mailing

if TYPE_CHECKING:
    from flask import Flask

    from app.domain.actors import Actor
    from tests.fixtures.application import World
    from tests.infra.mailbox import Mailbox

LINK = NewLink(
    kind=LinkKind.ONE_OFF,
    title="Invoice <7>",
    price=Price(currency="EUR", amount_minor=123456),
    reference="inv-7",
)
MAIL = LinkMail(to="jo@example.com", locale="de", message="Thanks, Jo <b> of shop.example")


def make(world: World, wanted: NewLink = LINK) -> str:
    with db.unit_of_work(world.owner()) as session:
        return payment_links.create(session, clock.now(), world.acme, wanted).public_id


def send(actor: Actor, link: str, mail: LinkMail = MAIL) -> str:
    with db.unit_of_work(actor) as session:
        return link_mails.send(session, clock.now(), link, mail).public_id


def left(actor: Actor, link: str) -> int:
    with db.reading(actor) as session:
        return link_mails.left(session, clock.now(), payment_links.get(session, link))


def use_up_to(world: World, number: int) -> None:
    """Leave a merchant so many mails of today."""
    with db.unit_of_work(world.owner()) as session:
        session.execute(update(MailAllowance).values(used=MOST_OF_MERCHANT - number))


def test_a_payer_reads_what_is_paid_to_whom_and_where(world: World, mailbox: Mailbox) -> None:
    link = make(world, replace(LINK, expires_at=clock.now() + timedelta(days=3)))
    sent = send(world.owner(), link)
    mailing.drain()
    (came,) = mailbox.received
    assert came.recipients == ["jo@example.com"]
    assert came.mail["Subject"].startswith("TEST: ")
    text, page = came.part("plain"), came.part("html")
    with db.reading(world.owner()) as session:
        assert came.link == f"/link/{payment_links.get(session, link).token}"
    for words in ("1.234,56", "Invoice <7>", "Acme", "> Thanks, Jo <b> of shop."):
        assert words in text
    assert "shop.example" not in text + page
    assert "Jo &lt;b&gt; of" in page
    assert page.count("<a ") == 1
    assert mailing.row(sent).state == "sent"


def test_who_sent_it_stands_in_the_trail_without_the_address(world: World) -> None:
    sent = send(world.owner(), make(world))
    with db.reading(world.owner()) as session:
        found = select(AuditEntry).where(AuditEntry.action == "links.send")
        (entry,) = session.scalars(found).all()
    assert entry.sentence == "Mailed the payment link Invoice <7> to j…@example.com"
    assert sent in entry.changes
    assert "jo@example.com" not in entry.changes + entry.sentence


def test_what_cannot_be_paid_is_not_sent(world: World) -> None:
    link = make(world)
    with db.unit_of_work(world.owner()) as session:
        payment_links.switch_off(session, clock.now(), link)
    with pytest.raises(IllegalStateError):
        send(world.owner(), link)
    with pytest.raises(NotFoundError):
        send(world.stranger(), make(world))
    assert mailing.rows() == []


def test_one_link_is_mailed_twenty_times_a_day_however_many_ask_at_once(
    context: Flask, world: World
) -> None:
    link = make(world)

    @db.retry_when_busy
    def ask(number: int) -> bool:
        with context.app_context():
            try:
                send(world.owner(), link, replace(MAIL, to=f"jo{number}@example.com"))
            except LimitExceededError:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(ask, range(MOST_OF_LINK + 8)))
    assert (sum(done), len(mailing.rows()), left(world.owner(), link)) == (MOST_OF_LINK,) * 2 + (0,)
    with clock.at(clock.now() + timedelta(days=1)):
        assert left(world.owner(), link) == MOST_OF_LINK


def test_a_merchant_has_no_more_than_the_mails_of_a_day_however_many_links(
    context: Flask, world: World
) -> None:
    links = [make(world, replace(LINK, reference=f"inv-{number}")) for number in range(8)]
    send(world.owner(), links[0])
    use_up_to(world, 3)
    assert left(world.owner(), links[1]) == 3

    @db.retry_when_busy
    def ask(link: str) -> bool:
        with context.app_context():
            try:
                send(world.owner(), link, replace(MAIL, to="other@example.com"))
            except LimitExceededError:
                return False
            return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, links)) == 3
    assert left(world.owner(), links[1]) == 0


def test_a_file_takes_as_many_as_are_left(world: World) -> None:
    with db.unit_of_work(world.owner()) as session:
        assert link_mails.take(session, clock.now(), world.acme, 2) == 2
    use_up_to(world, 5)
    with db.unit_of_work(world.owner()) as session:
        assert link_mails.take(session, clock.now(), world.acme, 7) == 5
        assert link_mails.take(session, clock.now(), world.acme, 7) == 0
    with db.unit_of_work(world.stranger()) as session:
        assert link_mails.take(session, clock.now(), world.globex, 7) == 7


def test_a_mail_that_arrived_is_asked_for_anew_and_counted(world: World, mailbox: Mailbox) -> None:
    mailbox.answer = "550 nobody there"
    first = send(world.owner(), make(world))
    mailing.drain()
    assert asking.may_be_sent_again(mailing.row(first))
    mailbox.answer = "250 OK"
    second = send(world.owner(), make(world))
    mailing.drain()
    assert not asking.may_be_sent_again(mailing.row(second))
    with db.unit_of_work(world.staff()) as session, pytest.raises(IllegalStateError):
        asking.send_again(session, clock.now(), second)
