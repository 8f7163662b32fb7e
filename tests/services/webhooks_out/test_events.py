"""What is told of money: in the transaction of the change, only to those who listen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event as sql_event

from app.adapters import clock, db
from app.extensions import db as extension
from app.queries import payments as payment_rows
from app.services import closing
from app.services.told import objects
from app.services.webhooks_out import endpoints
from tests.providers.answering import Answering
from tests.services import flows
from tests.services.bulk import files
from tests.services.telling import Provider, provider
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.actors import Actor
    from tests.fixtures.application import World

__all__ = ["provider"]
NOWHERE = "http://127.0.0.1:9999/hook"


@pytest.fixture
def listening(sandbox_world: World) -> Iterator[Actor]:
    """Yield acme's owner, with an endpoint that takes everything; nothing broken at the end."""
    owner = sandbox_world.owner()
    sending.listen(owner, NOWHERE)
    yield owner
    assert sending.broken() == {}


def test_a_payment_and_its_refund_are_told_as_they_then_stood(
    listening: Actor, sandbox_world: World
) -> None:
    payment = flows.pay(listening, sandbox_world.acme)
    refund = flows.refund(listening, sandbox_world.acme, payment, 1000)
    first, second, *others = sending.told(listening)
    assert (first["type"], first["data"]["version"]) == ("payment.created", 1)
    assert (second["type"], second["data"]["version"]) == ("payment.succeeded", 2)
    assert second["data"]["object"]["amount_captured"] == 6000
    assert {each["type"] for each in others} == {
        "refund.created",
        "refund.succeeded",
        "payment.partially_refunded",
    }
    by_kind = {each["type"]: each["data"] for each in others}
    assert by_kind["refund.succeeded"]["object"]["id"] == refund
    assert by_kind["refund.succeeded"]["version"] == 2
    with db.reading(listening) as session:
        found = payment_rows.get(session, payment)
        assert found is not None
        (told,) = objects.payments(session, [found])
    assert by_kind["payment.partially_refunded"]["object"] == told.model_dump()
    assert len(sending.deliveries(listening)) == 5


@pytest.mark.parametrize(
    "token, kind", [("tok_decline", "payment.failed"), ("tok_challenge", "payment.requires_action")]
)
def test_a_payment_that_did_not_succeed_is_told_so(
    listening: Actor, sandbox_world: World, token: str, kind: str
) -> None:
    flows.pay(listening, sandbox_world.acme, token=token)
    assert sending.kinds(listening) == ["payment.created", kind]


def test_captures_of_parts_and_a_canceled_payment_are_told(
    listening: Actor, sandbox_world: World
) -> None:
    flows.pay(listening, sandbox_world.acme, capture="manual")
    waiting = flows.pay(listening, sandbox_world.acme, token="tok_challenge", reference="order-2")
    with db.unit_of_work(listening) as session:
        closing.cancel(session, clock.now(), waiting, "gave up")
    assert sending.kinds(listening) == [
        "payment.created",
        "payment.authorized",
        "payment.created",
        "payment.requires_action",
        "payment.canceled",
    ]


def test_a_dispute_is_told_and_its_payment_only_when_the_money_is_gone(
    provider: Provider,
) -> None:
    owner = provider.world.owner()
    payment = flows.pay(owner, provider.world.acme, run=False)
    charge = provider.charge(payment)
    provider.tell(charge)
    sending.listen(owner, NOWHERE)
    for status in ("open", "under_review", "lost"):
        provider.tell(provider.dispute(charge, status, 6000))
    told = sending.told(owner)
    kinds = [each["type"] for each in told]
    assert kinds == [
        "dispute.opened",
        "dispute.updated",
        "payment.charged_back",
        "dispute.closed",
    ]
    assert [each["data"]["version"] for each in told] == [1, 2, 1, 3]
    assert told[-1]["data"]["object"]["payment"] == payment
    assert told[-1]["data"]["object"]["closed"] is not None


def test_a_dispute_that_is_won_tells_nothing_new_of_its_payment(provider: Provider) -> None:
    owner = provider.world.owner()
    charge = provider.charge(flows.pay(owner, provider.world.acme, run=False))
    provider.tell(charge)
    sending.listen(owner, NOWHERE)
    for status in ("open", "won"):
        provider.tell(provider.dispute(charge, status))
    assert sending.kinds(owner) == ["dispute.opened", "dispute.closed"]
    assert sending.broken() == {}


def test_a_file_tells_of_its_payments_and_of_its_end(listening: Actor) -> None:
    files.finished(listening, files.cards(3))
    kinds = sending.kinds(listening)
    assert kinds == [*["payment.created"] * 3, "bulk_upload.completed"]
    last = sending.told(listening)[-1]["data"]["object"]
    assert (last["status"], last["rows"]) == ("done", {"created": 3})


def test_what_is_rolled_back_was_never_told(listening: Actor, sandbox_world: World) -> None:
    class BrokenError(Exception):
        pass

    with pytest.raises(BrokenError), db.unit_of_work(listening) as session:
        closing.cancel(session, clock.now(), _waiting(listening, sandbox_world), "no")
        raise BrokenError
    assert "payment.canceled" not in sending.kinds(listening)


def _waiting(owner: Actor, world: World) -> str:
    return flows.pay(owner, world.acme, token="tok_challenge", reference="order-9")


def test_who_never_listened_pays_one_read_and_nothing_is_kept(sandbox_world: World) -> None:
    owner = sandbox_world.owner()
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    sql_event.listen(extension.engine, "before_cursor_execute", note)
    try:
        flows.pay(owner, sandbox_world.acme, run=False)
    finally:
        sql_event.remove(extension.engine, "before_cursor_execute", note)
    ours = [each for each in seen if "webhook" in each or "`event`" in each or " event" in each]
    assert len(ours) == 1
    assert sending.told(owner) == []


def test_whoever_once_listened_keeps_its_events_but_is_sent_nothing(
    sandbox_world: World,
) -> None:
    owner = sandbox_world.owner()
    endpoint, _ = sending.listen(owner, NOWHERE)
    with db.unit_of_work(owner) as session:
        endpoints.delete(session, clock.now(), endpoint)
    flows.pay(owner, sandbox_world.acme)
    assert sending.kinds(owner) == ["payment.created", "payment.succeeded"]
    assert sending.deliveries(owner) == []


def test_an_endpoint_gets_what_it_chose_of_its_own_merchant_and_book(
    sandbox_world: World,
) -> None:
    owner, stranger = sandbox_world.owner(), sandbox_world.stranger()
    with Answering() as sink:
        sending.listen(owner, f"{sink.url}/chosen", "payment.succeeded", "refund.*")
        sending.listen(owner, f"{sink.url}/nothing", "dispute.opened")
        sending.listen(stranger, f"{sink.url}/stranger")
        sending.listen(sandbox_world.owner(livemode=True), f"{sink.url}/live")
        payment = flows.pay(owner, sandbox_world.acme)
        flows.refund(owner, sandbox_world.acme, payment)
        while sending.drain():
            pass
    assert {each.path for each in sink.asked} == {"/chosen"}
    kinds = sorted(json.loads(each.body)["type"] for each in sink.asked)
    assert kinds == ["payment.succeeded", "refund.created", "refund.succeeded"]
    assert sending.told(stranger) == sending.told(sandbox_world.owner(livemode=True)) == []
    assert sending.broken() == {}
