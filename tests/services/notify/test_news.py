"""Which mails come of payments, files, endpoints and passwords; each once, to whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.webhooks_out import FAILING_LASTS
from app.jobs.handlers import HANDLERS
from app.models import BulkUpload, Merchant
from app.queries import payments as payment_rows
from app.services import events, leases, outcomes
from app.services.notify import news
from tests.providers.answering import Answering
from tests.services import flows
from tests.services.notify import mailing
from tests.services.webhooks_out import sending
from tests.views.people import _kept, people

if TYPE_CHECKING:
    from tests.fixtures.application import World
    from tests.infra.mailbox import Mailbox
    from tests.views.people import People

__all__ = ["_kept", "people"]


@pytest.fixture
def paid(sandbox_world: World) -> str:
    """A payment that has become paid."""
    return flows.pay(sandbox_world.owner(), sandbox_world.acme)


def test_a_payer_gets_one_receipt(sandbox_world: World, paid: str) -> None:
    owner = sandbox_world.owner()
    (row,) = mailing.rows(owner)
    assert (row.kind, row.object_id, row.recipient) == (
        "receipt",
        paid,
        flows.read(owner, paid).customer_email,
    )
    assert row.zone == "Asia/Kolkata"
    flows.refund(owner, sandbox_world.acme, paid, 1000)
    with db.unit_of_work(owner) as session:
        payment = payment_rows.get(session, paid)
        assert payment is not None
        outcomes.recompute(session, clock.now(), payment)
        news.receipt(session, clock.now(), payment, events.standing(payment))
    assert len(mailing.rows(owner)) == 1


def test_what_did_not_succeed_has_no_receipt(sandbox_world: World) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme, run=False)
    flows.pay(sandbox_world.owner(), sandbox_world.acme, capture="manual", reference="later")
    assert mailing.rows() == []


def test_a_merchant_may_do_without_receipts(sandbox_world: World) -> None:
    with db.unit_of_work(sandbox_world.staff()) as session:
        merchant = session.get_one(Merchant, sandbox_world.acme)
        merchant.receipts = False
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    assert mailing.rows() == []


def test_a_receipt_names_the_merchant_as_payers_know_it(
    sandbox_world: World, mailbox: Mailbox
) -> None:
    with db.unit_of_work(sandbox_world.staff()) as session:
        session.get_one(Merchant, sandbox_world.acme).shown_name = "Acme Shoes"
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    mailing.drain()
    (came,) = mailbox.received
    assert "Acme Shoes has received your payment" in came.part("plain")


def test_owners_are_told_of_an_endpoint_that_is_gone(people: People, mailbox: Mailbox) -> None:
    owner = people.world.owner()
    with Answering(status=410) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.drain()
    mailing.drain()
    (came,) = mailbox.received
    assert came.recipients == ["acme-owner@example.com"]
    assert "answered 410" in came.part("plain")
    assert came.link == f"/webhook-endpoints/{endpoint}"
    assert people.browser("acme-owner").get(came.link).status_code == 200


def test_owners_are_told_of_an_endpoint_that_fails_for_days(
    people: People, mailbox: Mailbox
) -> None:
    owner = people.world.owner()
    with Answering(status=500) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        sending.drain()
        assert mailing.rows() == []
        sending.hurry()
        with clock.at(clock.now() + FAILING_LASTS + timedelta(minutes=1)):
            sending.drain()
    mailing.hurry()
    mailing.drain()
    assert "for 5 days" in mailbox.received[0].part("plain")
    assert leases.drain("webhooks", HANDLERS) == 0


def test_whoever_owns_and_whoever_uploaded_is_told_once(people: People, mailbox: Mailbox) -> None:
    assert mailbox.url
    upload = BulkUpload(
        public_id="bu_1",
        merchant_id=people.world.acme,
        livemode=False,
        filename="march\r\n.csv",
        created_by="acme-clerk",
    )
    with db.unit_of_work(people.world.staff()) as session:
        merchant = session.get_one(Merchant, people.world.acme)
        merchant.upload_mails = False
        news.upload_finished(session, clock.now(), upload, {"created": 1})
        merchant.upload_mails = True
        for _ in range(2):
            news.upload_finished(session, clock.now(), upload, {"created": 1200, "refused": 3})
    mailing.drain()
    found = {each.recipients[0]: each for each in mailbox.received}
    assert found.keys() == {"acme-owner@example.com", "acme-clerk@example.com"}
    text = found["acme-clerk@example.com"].part("plain")
    assert "Rows that became payments: 1,200" in text
    assert "Rows that were refused: 3" in text
