"""The list of mails, one mail, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.notifications import MOST_ROUNDS
from tests.services.notify import mailing
from tests.views.people import people

if TYPE_CHECKING:
    from tests.infra.mailbox import Mailbox
    from tests.views.people import People

__all__ = ["people"]

WHO: Final = ("operations", "admin", "auditor", "acme-owner")


def test_a_mail_is_shown_as_its_reader_gets_it(people: People) -> None:
    public_id = mailing.asked(
        mailing.receipt(people.world.acme, description="<script>alert(1)</script>")
    )
    for name in WHO:
        page = people.browser(name).get(f"/notifications/{public_id}").text
        assert "TEST: Receipt from Acme: 1,234.56 EUR" in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "jo@example.com" not in page
        assert "j…@example.com" in page
    assert people.browser("globex-owner").get(f"/notifications/{public_id}").status_code == 404
    assert people.browser("acme-clerk").get(f"/notifications/{public_id}").status_code == 403


def test_a_mail_is_found_by_its_whole_address_only(people: People) -> None:
    public_id = mailing.asked(mailing.receipt(people.world.acme))
    owner = people.browser("acme-owner")
    assert public_id in owner.get("/notifications/?address=JO@example.com").text
    assert public_id not in owner.get("/notifications/?address=jo@example").text
    assert public_id in owner.get("/notifications/?state=waiting&kind=receipt").text
    assert public_id not in owner.get("/notifications/?state=sent").text
    assert owner.get("/notifications/?state=nonsense").status_code == 400
    assert public_id not in people.browser("globex-owner").get("/notifications/").text
    file = owner.post("/notifications/export.csv").text
    assert "j…@example.com" in file
    assert "jo@example.com" not in file


def test_what_was_given_up_is_sent_again_by_hand(people: People, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such person"
    public_id = mailing.asked(mailing.receipt(people.world.acme))
    mailing.drain()
    owner = people.browser("acme-owner")
    assert "550 no such person" in owner.get(f"/notifications/{public_id}").text
    mailbox.answer = "250 OK"
    assert owner.post(f"/notifications/{public_id}/send").status_code == 303
    assert owner.post(f"/notifications/{public_id}/send").status_code == 303
    assert mailing.drain() == 1
    assert mailing.row(public_id).state == "sent"
    (came,) = mailbox.received
    assert came.mail["Message-ID"] == f"<{public_id}.1@localhost>"
    assert ("notifications.resend", "Sent a mail to j…@example.com again") in people.audit()


def test_a_payer_is_not_mailed_without_end(people: People, mailbox: Mailbox) -> None:
    public_id = mailing.asked(mailing.receipt(people.world.acme))
    mailing.drain()
    owner = people.browser("acme-owner")
    for _ in range(MOST_ROUNDS + 2):
        owner.post(f"/notifications/{public_id}/send")
        mailing.drain()
    assert len(mailbox.received) == 1 + MOST_ROUNDS


def test_an_older_task_of_a_mail_sends_nothing(people: People, mailbox: Mailbox) -> None:
    mailbox.after = "451 later"
    public_id = mailing.asked(mailing.receipt(people.world.acme))
    mailing.drain()
    people.browser("operations").post(f"/notifications/{public_id}/send")
    mailbox.after = "250 taken"
    mailing.hurry()
    assert mailing.drain() == 2
    assert len(mailbox.received) == 1
