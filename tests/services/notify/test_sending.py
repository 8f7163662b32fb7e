"""Mails to a real SMTP server on the loopback: whole, once, by the waits, and never broken into."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db, failpoints
from app.domain.notifications import WAITS_SECONDS
from app.jobs.handlers import HANDLERS
from app.services import leases
from app.services.invariants import registry
from app.services.notify.asking import ask
from tests.services.notify import mailing

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.mailbox import Mailbox


class Vanished(BaseException):
    """The process is gone: nothing after this line of it happens."""


def test_a_mail_arrives_with_its_headers_and_both_parts(world: World, mailbox: Mailbox) -> None:
    public_id = mailing.asked(mailing.receipt(world.acme))
    assert mailing.drain() == 1
    (came,) = mailbox.received
    assert (came.sender, came.recipients) == ("no-reply@localhost", ["jo@example.com"])
    assert came.mail["From"] == "PayAgency <no-reply@localhost>"
    assert came.mail["Message-ID"] == f"<{public_id}.0@localhost>"
    assert came.mail["Auto-Submitted"] == "auto-generated"
    assert came.mail["Subject"] == "TEST: Receipt from Acme: 1,234.56 EUR"
    assert came.mail.get_content_type() == "multipart/alternative"
    for part in ("plain", "html"):
        assert "1,234.56\N{NO-BREAK SPACE}EUR" in came.part(part).replace(
            "&nbsp;", "\N{NO-BREAK SPACE}"
        )
        assert "order-1" in came.part(part)
    assert "http" not in came.part("html").replace("http-equiv", "")
    found = mailing.row(public_id)
    assert (found.state, found.attempts, found.error) == ("sent", 1, None)
    assert found.subject == came.mail["Subject"]
    assert mailing.drain() == 0


@pytest.mark.parametrize(
    "locale, zone, amount, moment",
    [
        ("de", "Europe/Berlin", "1.234,56", "1. März 2026, 13:00"),
        ("hi", "Asia/Kolkata", "1,234.56", "1 मार्च 2026, 17:30"),
        ("en", "nowhere/at all", "1,234.56", "1 Mar 2026, 12:00"),
    ],
)
def test_amounts_and_times_are_the_readers(
    world: World, mailbox: Mailbox, locale: str, zone: str, amount: str, moment: str
) -> None:
    mailing.asked(mailing.receipt(world.acme, locale=locale, zone=zone))
    mailing.drain()
    (came,) = mailbox.received
    assert came.mail["Content-Language"] == locale
    assert f'lang="{locale}"' in came.part("html")
    for part in ("plain", "html"):
        assert amount in came.part(part)
        assert moment in came.part(part)


@pytest.mark.parametrize(
    "evil",
    [
        "Acme\r\nBcc: everybody@example.com",
        "Acme\nBcc: everybody@example.com\n\nbuy this",
        "Acme\x85Bcc: everybody@example.com",
        "Acme\u2028Bcc: everybody@example.com",
        "=?utf-8?q?Acme=0ABcc:_everybody@example.com?=",
    ],
)
def test_no_name_begins_a_header_or_a_line(world: World, mailbox: Mailbox, evil: str) -> None:
    mailing.asked(mailing.receipt(world.acme, merchant=evil, description=f"{evil}\n<script>"))
    mailing.drain()
    (came,) = mailbox.received
    assert came.recipients == ["jo@example.com"]
    assert came.mail["Bcc"] is None
    assert not [line for line in came.part("plain").splitlines() if line.startswith("Bcc")]
    assert "<script>" not in came.part("html")


@pytest.mark.parametrize(
    "address",
    ["nobody", "a@b\r\nRCPT TO:<c@d>", "Jo <jo@example.com>", "a@b,c@d", "a b@c", f"{'a' * 300}@b"],
)
def test_what_is_no_address_is_given_up_and_says_so(
    world: World, mailbox: Mailbox, address: str
) -> None:
    public_id = mailing.asked(mailing.receipt(world.acme, address))
    mailing.drain()
    assert mailbox.received == []
    found = mailing.row(public_id)
    assert (found.state, found.attempts) == ("given_up", 1)
    assert "address" in (found.error or "")


def test_a_final_no_is_given_up_and_a_passing_one_is_not(world: World, mailbox: Mailbox) -> None:
    mailbox.answer = "550 5.1.1 no such person"
    gone = mailing.asked(mailing.receipt(world.acme))
    mailing.drain()
    assert (mailing.row(gone).state, mailing.waits()) == ("given_up", [])
    assert "550 5.1.1 no such person" in (mailing.row(gone).error or "")
    mailbox.answer = "451 4.7.1 greylisted"
    late = mailing.asked(mailing.receipt(world.acme, object_id="pay_2"))
    mailing.drain()
    assert mailing.row(late).state == "failed"
    mailbox.answer = "250 OK"
    mailing.hurry()
    mailing.drain()
    assert (mailing.row(late).state, mailing.row(late).attempts) == ("sent", 2)
    assert len(mailbox.received) == 1


def test_the_waits_are_kept_until_it_is_given_up(world: World, mailbox: Mailbox) -> None:
    mailbox.after = "452 4.3.1 no room"
    public_id = mailing.asked(mailing.receipt(world.acme))
    for wait in WAITS_SECONDS[1:]:
        assert mailing.drain() == 1
        assert mailing.waits() == [pytest.approx(wait, abs=1)]
        mailing.hurry()
    assert mailing.drain() == 1
    found = mailing.row(public_id)
    assert (found.state, found.attempts) == ("given_up", len(WAITS_SECONDS))
    assert "452" in (found.error or "")
    assert (mailing.drain(), mailing.waits()) == (0, [])


def test_a_server_that_is_down_is_waited_for(world: World, mailbox: Mailbox) -> None:
    mailbox.close()
    public_id = mailing.asked(mailing.receipt(world.acme))
    mailing.drain()
    assert mailing.row(public_id).state == "failed"
    mailbox.open()
    mailing.hurry()
    mailing.drain()
    assert mailing.row(public_id).state == "sent"
    assert len(mailbox.received) == 1


@pytest.mark.parametrize("point, mails", [("notification.rendered", 1), ("notification.sent", 2)])
def test_a_worker_that_vanishes_loses_nothing_and_repeats_at_most_once(
    point: str,
    mails: int,
    world: World,
    mailbox: Mailbox,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def vanish(name: str) -> None:
        if name == point:
            raise Vanished

    public_id = mailing.asked(mailing.receipt(world.acme))
    with monkeypatch.context() as patch, pytest.raises(Vanished):
        patch.setattr(failpoints, "hit", vanish)
        mailing.drain()
    assert mailing.row(public_id).state == "waiting"
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET lease_until = '2020-01-01'")
    mailing.drain()
    assert mailing.row(public_id).state == "sent"
    assert len(mailbox.received) == mails
    assert len({each.mail["Message-ID"] for each in mailbox.received}) == 1


def test_two_workers_send_one_mail(world: World, mailbox: Mailbox, worker_app: Flask) -> None:
    ids = [mailing.asked(mailing.receipt(world.acme, object_id=f"pay_{n}")) for n in range(5)]

    def work(_number: int) -> None:
        with worker_app.app_context():
            leases.drain("default", HANDLERS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(mailbox.received) == len(ids)
    assert {each.state for each in mailing.rows()} == {"sent"}


def test_one_mail_an_object_and_recipient_however_often_it_is_asked_for(
    world: World, worker_app: Flask
) -> None:
    def ask(_number: int) -> str:
        with worker_app.app_context():
            return mailing.asked(mailing.receipt(world.acme))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert len([each for each in found if each]) == 1
    assert mailing.asked(mailing.receipt(world.acme, " JO@example.com ")) == ""
    assert mailing.asked(mailing.receipt(world.acme, "other@example.com"))
    assert len(mailing.rows()) == 2


def test_a_mail_is_written_with_what_it_tells_or_not_at_all(world: World, mailbox: Mailbox) -> None:
    with pytest.raises(Vanished), db.unit_of_work(mailing.HOUSE) as session:
        assert ask(session, clock.now(), mailing.receipt(world.acme)) is not None
        raise Vanished
    assert mailing.rows() == []
    assert mailing.drain() == 0
    assert mailbox.received == []


def test_mails_of_others_are_not_seen(world: World) -> None:
    mailing.asked(mailing.receipt(world.acme))
    mailing.asked(mailing.receipt(world.globex, object_id="pay_2"), world.stranger())
    assert [each.merchant_id for each in mailing.rows(world.owner())] == [world.acme]
    assert mailing.rows(world.owner(livemode=True)) == []
    assert len(mailing.rows(world.staff())) == 2
    with db.reading(mailing.HOUSE) as session:
        session.info["unscoped"] = "test"
        assert [each for each in registry.check_all(session) if each.violations] == []
