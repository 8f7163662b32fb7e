"""What providers send: proved, kept once, matched, and applied in whatever order it comes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.operations import OperationKind
from app.errors import IllegalStateError
from app.jobs.handlers import HANDLERS
from app.models import AuditEntry, DeskCase, InboundEvent, Outbox
from app.providers.webhooks import WebhookRefusedError
from app.services import inbound, leases
from app.services.outbox import operation_key
from tests.services import flows
from tests.services.telling import PROOF, Provider, provider, sign
from tests.services.test_disputes import HELD, PAID, broken, cases, paid, short

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.services.telling import Told

__all__ = ["paid", "provider"]


def _events(world: World) -> list[InboundEvent]:
    with db.reading(world.staff()) as session:
        return list(session.query(InboundEvent).order_by(InboundEvent.id))


def _asked(provider: Provider, reference: str = "order-1") -> str:
    world = provider.world
    return flows.pay(world.owner(), world.acme, run=False, reference=reference)


def test_an_event_takes_a_payment_to_where_it_stands(provider: Provider) -> None:
    payment = _asked(provider)
    provider.tell(provider.charge(payment, "processing"), provider.charge(payment))
    assert flows.read(provider.world.owner(), payment).status == "succeeded"
    assert short(provider.world) == PAID
    assert [event.state for event in _events(provider.world)] == ["applied", "applied"]
    assert broken() == {}


def test_copies_are_counted_and_applied_once(provider: Provider, context: Flask) -> None:
    charge = provider.charge(_asked(provider))

    def receive(_number: int) -> int:
        with context.app_context():
            return provider.receive(charge)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(receive, range(20))) == [1] * 20
    provider.work()
    (event,) = _events(provider.world)
    assert (event.copies, event.state, short(provider.world)) == (20, "applied", PAID)


def test_several_events_of_one_message_are_kept_each(provider: Provider) -> None:
    first, second = (provider.charge(_asked(provider, reference=name)) for name in ("a", "b"))
    assert provider.receive(first, second, first) == 3
    provider.work()
    assert [(event.copies, event.state) for event in _events(provider.world)] == [
        (2, "applied"),
        (1, "applied"),
    ]


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{", b'{"id": 1}', b"[" * 130_000, b'{"a":' * 50_000, b'{"n": ' + b"9" * 9_000],
    ids=["nothing", "list", "cut", "other", "nested", "nested-objects", "digits"],
)
def test_what_cannot_be_read_is_refused_and_not_kept(provider: Provider, raw: bytes) -> None:
    with pytest.raises(WebhookRefusedError):
        provider.receive(raw=raw)
    assert _events(provider.world) == []


def test_what_proves_nothing_is_refused(provider: Provider) -> None:
    raw = json.dumps(provider.charge(_asked(provider))).encode()
    to = provider.addressee()
    for headers in ({}, {PROOF: ""}, sign(raw, "another"), sign(raw + b" ")):
        with pytest.raises(WebhookRefusedError):
            inbound.receive(to, clock.now(), headers, raw)
    assert _events(provider.world) == []


def test_refusals_are_told_once_a_minute(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = provider.addressee()
    for _ in range(3):
        inbound.tell_refused(to, clock.now(), "The proof is wrong.")
        # Another process does not know what this one has told.
        monkeypatch.setattr(inbound, "_told_at", {})
    with db.reading(provider.world.staff()) as session:
        assert session.query(AuditEntry).filter_by(action="inbound.refused").count() == 1


def test_no_card_number_of_a_message_is_kept(provider: Provider, migrator_engine: Engine) -> None:
    charge = provider.charge(_asked(provider))
    charge["data"]["note"] = "paid with 4111 1111 1111 1111"
    provider.tell(charge)
    (event,) = _events(provider.world)
    assert "[card number removed]" in event.body
    assert event.state == "applied"
    with migrator_engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT body FROM inbound_event").scalar_one()
    assert charge["id"].encode() not in stored


def test_what_says_nothing_of_money_is_ignored(provider: Provider) -> None:
    told = {"id": "evt_x", "type": "account.updated", "data": {"object": "account", "id": "a"}}
    assert provider.receive(told) == 1
    (event,) = _events(provider.world)
    assert (event.state, leases.drain("money", HANDLERS)) == ("ignored", 0)


def test_what_nobody_knows_waits_a_day_and_goes_to_the_desk(
    provider: Provider, migrator_engine: Engine
) -> None:
    charge = provider.charge(_asked(provider))
    other = {"id": "ch_other", "metadata": {"operation": "op_other"}}
    provider.receive({**charge, "data": {**charge["data"], **other}})
    for _ in range(3):
        provider.work(hurry=True)
    assert [(each.state, each.tries) for each in _events(provider.world)] == [("received", 3)]
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE inbound_event SET received_at = %s", (clock.now() - timedelta(hours=25),)
        )
    provider.work(hurry=True)
    (event,) = _events(provider.world)
    with db.reading(provider.world.staff()) as session:
        case = session.query(DeskCase).one()
    assert (event.state, case.kind, case.inbound_event_id) == ("unmatched", "unmatched", event.id)
    assert broken() == {}


def test_what_is_matched_later_ends_its_case_and_says_by_whom(
    provider: Provider, migrator_engine: Engine
) -> None:
    payment, world = _asked(provider), provider.world
    (operation,) = flows.read_operations(world.owner(), payment)
    provider.receive(provider.charge(payment))
    with migrator_engine.begin() as connection:
        later = clock.now() - timedelta(hours=25)
        connection.exec_driver_sql("UPDATE inbound_event SET received_at = %s", (later,))
        connection.exec_driver_sql("UPDATE operation SET public_id = 'op_away'")
    provider.work(hurry=True)
    assert [event.state for event in _events(world)] == ["unmatched"]
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE operation SET public_id = %s", (operation.public_id,))
    with db.unit_of_work(world.staff()) as session:
        inbound.apply_again(session, clock.now(), [_events(world)[0].public_id])
    provider.work(hurry=True)
    with db.reading(world.staff()) as session:
        case = session.query(DeskCase).one()
    assert (case.state, case.resolution) == ("resolved", "by_itself")
    assert case.note == (
        f"Matched with purchase {operation.public_id} of payment {payment}, "
        f"when {world.staff().label} had it applied again"
    )


def test_an_event_of_another_account_is_about_nothing_here(
    provider: Provider, migrator_engine: Engine
) -> None:
    payment = _asked(provider)
    charge = provider.charge(payment)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO connector_account (public_id, livemode, connector, name, base_url,"
            " credentials, enabled, created_at) SELECT 'ca_other', livemode, connector, 'Other',"
            " base_url, credentials, enabled, created_at FROM connector_account"
        )
        connection.exec_driver_sql(
            "UPDATE attempt SET connector_account_id ="
            " (SELECT id FROM connector_account WHERE public_id = 'ca_other')"
        )
    provider.tell(charge)
    assert [event.state for event in _events(provider.world)] == ["received"]
    assert (short(provider.world), flows.read(provider.world.owner(), payment).status) == (
        {},
        "processing",
    )


@pytest.mark.parametrize(
    "change", [{"amount_minor": 5999}, {"currency": "USD"}, {"reference": "pay_other"}]
)
def test_what_is_not_as_asked_for_is_in_conflict(
    provider: Provider, change: dict[str, object]
) -> None:
    payment = _asked(provider)
    provider.tell(provider.charge(payment, **change))
    assert flows.read(provider.world.owner(), payment).status == "conflicted"
    assert (short(provider.world), cases(provider.world)) == ({}, ["conflicted"])


def test_another_object_that_claims_the_operation_is_in_conflict(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, _ = paid
    provider.tell(provider.charge(payment, id="ch_again"))
    assert flows.read(provider.world.owner(), payment).status == "conflicted"
    assert (short(provider.world), cases(provider.world)) == (PAID, ["conflicted"])


def test_a_contradiction_starts_a_task_that_had_ended(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    operation = flows.read_operations(world.owner(), payment)[0].public_id
    provider.work(hurry=True)
    failed = {**charge, "id": "evt_f", "data": {**charge["data"], "status": "failed"}}
    provider.receive(failed)
    assert leases.drain("money", HANDLERS) == 1
    with db.reading(world.staff()) as session:
        task = session.query(Outbox).filter_by(job_key=operation_key(operation)).one()
    assert task.state == "waiting"
    provider.settle()
    assert (provider.asked, short(world)) == ([charge["data"]["id"]], PAID)


def test_a_refund_made_at_the_provider_counts_and_is_never_sent(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    provider.tell(provider.part("refund", charge, "processing", 2000))
    assert flows.read(world.owner(), payment).refund_asked_minor == 2000
    assert short(world) == {**PAID, "pending": -3850, "in_refund": -2000}
    provider.tell(provider.part("refund", charge, "succeeded", 2000))
    provider.settle()
    stored = flows.read(world.owner(), payment)
    refund = flows.read_operations(world.owner(), payment)[1]
    assert (stored.status, refund.kind, provider.sent) == (
        "partially_refunded",
        OperationKind.REFUND,
        [],
    )
    assert short(world) == {**PAID, "provider receivable": 4000, "pending": -3850}
    assert broken() == {}


def test_a_refund_past_the_limit_is_recorded_in_conflict(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    provider.tell(provider.part("refund", charge, "succeeded", 6001))
    stored = flows.read(provider.world.owner(), payment)
    assert (stored.status, stored.refunded_minor, stored.refund_asked_minor) == (
        "conflicted",
        6001,
        0,
    )
    assert (cases(provider.world), broken()) == (["conflicted"], {})
    provider.tell(provider.part("refund", charge, "failed", 6001))
    provider.settle()
    assert flows.read(provider.world.owner(), payment).refund_asked_minor == 0


def test_applying_again_changes_nothing_and_is_traced(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    _, charge = paid
    provider.tell(provider.dispute(charge, "open"))
    world, ids = provider.world, [event.public_id for event in _events(provider.world)]
    with db.unit_of_work(world.staff()) as session:
        assert inbound.apply_again(session, clock.now(), ids) == 2
    with db.unit_of_work(world.staff()) as session, pytest.raises(IllegalStateError):
        inbound.apply_again(session, clock.now(), ids)
    provider.work()
    assert [event.state for event in _events(world)] == ["applied", "applied"]
    assert (short(world), broken()) == ({**HELD, "disputed": -4000}, {})
    with db.reading(world.staff()) as session:
        assert session.query(AuditEntry).filter_by(action="inbound.replay").count() == 2


def test_words_that_are_not_ours_fail_until_they_are_understood(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    _, charge = paid
    provider.tell(provider.dispute(charge, "paused"))
    event = _events(provider.world)[-1]
    assert event.state == "failed"
    assert "not known here" in (event.error or "")
    assert len(flows.read_operations(provider.world.owner(), paid[0])) == 1
    with db.reading(provider.world.staff()) as session:
        assert session.query(Outbox).filter_by(ref=event.public_id).one().state == "failed"
    assert broken() == {}


def test_two_workers_write_one_dispute(
    provider: Provider, paid: tuple[str, Told], context: Flask
) -> None:
    payment, charge = paid
    provider.receive(provider.dispute(charge, "open"))
    provider.receive(provider.dispute(charge, "under_review"))

    def work(_number: int) -> int:
        with context.app_context():
            return leases.drain("money", HANDLERS)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    provider.settle()
    kinds = [each.kind for each in flows.read_operations(provider.world.owner(), payment)]
    assert kinds == ["purchase", "dispute"]
    assert (short(provider.world), broken()) == ({**HELD, "disputed": -4000}, {})
