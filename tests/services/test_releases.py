"""Lots become available once: by date, in parts, under refunds, disputes and many workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.ledger import postings
from app.errors import LeaseLostError, LimitExceededError
from app.models import AuditEntry, LedgerJournal
from app.queries import actors, operations
from app.queries.outbox import Lease
from app.services import fees, refunds, releases
from app.services.invariants import registry
from app.services.unscoped import unscoped
from tests.services import flows
from tests.services.releasing import let_all_be_due, lots_of, release

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from tests.fixtures.application import World

WORKERS = 8


def kinds(actor: Actor) -> dict[str, int]:
    """Return the last word of an account → its balance; a merchant's liabilities are negative."""
    return {code.split(":")[-2]: amount for code, amount in flows.balances(actor).items()}


def journals(world: World) -> list[tuple[str, str]]:
    with db.reading(world.staff()) as session:
        lots = LedgerJournal.cause_type == "lot"
        found = select(LedgerJournal).where(lots).order_by(LedgerJournal.id)
        return [(row.kind, row.cause_id) for row in session.scalars(found)]


def holds(name: str) -> bool:
    actor = Actor.house(None, "test")
    with unscoped(actor, clock.now(), "test") as session:
        (each,) = (each for each in registry.INVARIANTS if each.name == name)
        return not each.check(session)


def test_nothing_is_released_before_its_date(sandbox_world: World) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    release(sandbox_world)
    assert kinds(sandbox_world.owner()) == {"pending": -5850}


def test_what_is_due_is_released_with_its_journal_and_one_trace(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    flows.refund(owner, acme, payment, 2000)
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    (lot,) = lots_of(sandbox_world, payment)
    assert kinds(owner) == {"pending": 0, "available": -3850, "in_refund": 0}
    assert journals(sandbox_world) == [("release", lot.public_id)]
    assert lot.released_at is not None
    with db.reading(sandbox_world.staff()) as session:
        found = select(AuditEntry).where(AuditEntry.action == "settlement.release")
        (entry,) = session.scalars(found)
    assert entry.sentence.startswith("Released 38.50 EUR of 1 captures due on ")
    release(sandbox_world)
    assert len(journals(sandbox_world)) == 1


def test_a_refunded_payment_is_released_without_a_journal(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    flows.refund(owner, acme, payment)
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    assert lots_of(sandbox_world, payment)[0].state == "released"
    assert journals(sandbox_world) == []
    assert kinds(owner) == {"pending": 0, "available": 150, "in_refund": 0}


def test_a_reserve_is_released_on_its_own_date(
    sandbox_world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_reserve = postings.capture(
        6000, "EUR", fee_percent_minor=150, fee_fixed_minor=0, tax_minor=27, reserve_bps=1000
    )
    monkeypatch.setattr(fees, "capture_draft", lambda _operation: with_reserve)
    owner = sandbox_world.owner()
    payment = flows.pay(owner, sandbox_world.acme)
    assert [(lot.kind, lot.amount_minor) for lot in lots_of(sandbox_world, payment)] == [
        ("pending", 5223),
        ("reserve", 600),
    ]
    flows.refund(owner, sandbox_world.acme, payment, 500)
    let_all_be_due(migrator_engine, "kind = 'reserve'")
    release(sandbox_world)
    assert kinds(owner) == {"pending": -5223, "reserve": 0, "available": -100, "in_refund": 0}
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    assert [kind for kind, _ in journals(sandbox_world)] == ["reserve_release", "release"]
    assert kinds(owner)["available"] == -5323
    assert holds("lots")


def test_the_books_and_merchants_are_found_and_kept_apart(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    flows.pay(sandbox_world.stranger(), sandbox_world.globex, currency="USD")
    let_all_be_due(migrator_engine, f"merchant_id = {sandbox_world.globex}")
    with db.reading(Actor.house(None, "test")) as session:
        found = actors.merchants_with_due_lots(session, clock.now(), 0, 100)
    assert [(each.merchant_id, each.livemode) for each in found] == [(sandbox_world.globex, False)]
    release(sandbox_world)
    assert kinds(sandbox_world.owner()) == {"pending": -5850}
    assert kinds(sandbox_world.stranger()) == {"pending": 0, "available": -5850}


def test_an_open_dispute_holds_back_and_its_end_lets_go(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    (lot,) = lots_of(sandbox_world, payment)
    let_all_be_due(migrator_engine)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO dispute (public_id, merchant_id, livemode, payment_id, operation_id,"
            " stage, status, amount_minor, currency, withdrawn, created_at, changed_at)"
            f" VALUES ('dp_1', {sandbox_world.acme}, 0, {lot.payment_id}, {lot.operation_id},"
            " 'inquiry', 'open', 100, 'EUR', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"
        )
    release(sandbox_world)
    assert lots_of(sandbox_world, payment)[0].state == "held"
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dispute SET status = 'won'")
    release(sandbox_world)
    assert kinds(sandbox_world.owner()) == {"pending": 0, "available": -5850}


def test_more_than_one_batch_and_a_worker_that_comes_too_late(
    sandbox_world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "MOST_AT_ONCE", 2)
    for number in range(5):
        flows.pay(
            sandbox_world.owner(),
            sandbox_world.acme,
            reference=f"order-{number}",
            currency="USD" if number == 2 else "EUR",
        )
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    assert len(journals(sandbox_world)) == 5
    late = Lease(1, "default", "settlement.release", "mer", sandbox_world.acme, False, 9, "late")
    with pytest.raises(LeaseLostError):
        releases.run(late)


def test_many_workers_and_refunds_at_once_release_each_lot_once(
    context: Flask, sandbox_world: World, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payments = [flows.pay(owner, acme, reference=f"order-{number}") for number in range(12)]
    let_all_be_due(migrator_engine)
    system = Actor.system(acme, livemode=False, label="race")

    @db.retry_when_busy
    def work(_number: int) -> None:
        with context.app_context(), db.unit_of_work(system) as session:
            merchant = operations.merchant_of(session, acme)
            releases.release_due(session, clock.now(), merchant)

    @db.retry_when_busy
    def refund(payment: str) -> None:
        with context.app_context(), db.unit_of_work(owner) as session:
            try:
                refunds.ask_refund(session, clock.now(), payment, 4000, "race")
            except LimitExceededError:
                return

    with ThreadPoolExecutor(2 * WORKERS) as pool:
        asked = [pool.submit(refund, payment) for payment in payments * 2]
        asked += [pool.submit(work, number) for number in range(WORKERS)]
        for each in asked:
            each.result()
    work(0)
    left = kinds(owner)
    assert left["in_refund"] == -12 * 4000
    assert left["pending"] == 0
    assert left["available"] == -12 * (5850 - 4000)
    assert len(set(journals(sandbox_world))) == len(journals(sandbox_world)) <= 12
    assert {lot.state for each in payments for lot in lots_of(sandbox_world, each)} == {"released"}
    assert holds("balances")
    assert holds("lots")
