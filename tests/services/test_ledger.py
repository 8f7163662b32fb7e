"""Journals on MariaDB: the worked example, once per cause, and many writers at once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.ledger import accounts as chart
from app.domain.ledger import lots, postings
from app.domain.ledger.journals import JournalDraft, JournalKind, drafted
from app.domain.ledger.lots import LotKind
from app.domain.ledger.own_money import OwnMoney
from app.queries import ledger as ledger_rows
from app.queries import operations
from app.services import ledger
from app.services.invariants.balances import Balances
from app.services.invariants.ledger_zero import LedgerZero
from app.services.ledger import Cause
from app.services.unscoped import unscoped
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.fixtures.application import World

PAYMENT = 17
THREADS = 32
JOURNALS = 320
REFS = (
    chart.MERCHANT_AVAILABLE,
    chart.MERCHANT_PENDING,
    chart.MERCHANT_RESERVE,
    chart.PROVIDER_RECEIVABLE,
    chart.REVENUE_MDR,
    chart.TAX,
)
PARTS = (1, -2, 3, -2)
EARNED = {"mdr": -150, "tax:fee": -27}


def cause(world: World, merchant: str, number: str, payment_id: int | None = PAYMENT) -> Cause:
    return Cause(
        livemode=False,
        merchant_id=world.acme,
        merchant=merchant,
        connector_account="ca_1",
        type="test",
        id=number,
        payment_id=payment_id,
        text="posted by a test",
    )


def short(actor: Actor) -> dict[str, int]:
    """Return the balances that are not zero, by the account's own name."""
    found: Counter[str] = Counter()
    for code, amount in flows.balances(actor).items():
        name = code.rpartition(":")[0]
        found[name if name.startswith("tax") else name.rpartition(":")[2]] += amount
    return {name: amount for name, amount in found.items() if amount}


@pytest.fixture
def book(world: World) -> Callable[[JournalDraft], dict[str, int]]:
    """Return what posts a journal of one payment of acme and answers the balances after it."""

    def write(draft: JournalDraft) -> dict[str, int]:
        with db.unit_of_work(world.staff()) as session:
            ledger.post(session, clock.now(), draft, cause(world, "mer_acme", draft.kind))
        return short(world.staff())

    return write


def own(world: World) -> OwnMoney:
    with db.reading(world.staff()) as session:
        reserve, pending = (
            ledger_rows.lot(session, PAYMENT, f"merchant:mer_acme:{kind}")
            for kind in ("reserve", "pending")
        )
    return OwnMoney(reserve, pending)


def captured() -> JournalDraft:
    return postings.capture(
        6000, "EUR", fee_percent_minor=150, fee_fixed_minor=0, tax_minor=27, reserve_bps=1000
    )


def test_the_worked_example_line_by_line(
    world: World, book: Callable[[JournalDraft], dict[str, int]]
) -> None:
    assert book(captured()) == EARNED | {"receivable": 6000, "pending": -5223, "reserve": -600}
    asked = book(postings.refund_asked(2000, "EUR", own(world)))
    assert asked == EARNED | {"receivable": 6000, "pending": -3823, "in_refund": -2000}
    refunded = book(postings.refund_succeeded(2000, "EUR"))
    assert refunded == EARNED | {"receivable": 4000, "pending": -3823}
    opened = book(postings.dispute_opened(4000, "EUR", own(world)))
    assert opened == EARNED | {"receivable": 4000, "available": 177, "disputed": -4000}
    lost = book(postings.dispute_lost(4000, "EUR", withdrawn=False))
    assert lost == EARNED | {"available": 177}
    assert sum(lost.values()) == 0


def test_the_worked_example_with_releases_between(
    world: World, book: Callable[[JournalDraft], dict[str, int]]
) -> None:
    book(captured())
    book(postings.refund_asked(2000, "EUR", own(world)))
    book(postings.refund_succeeded(2000, "EUR"))
    left = own(world)
    assert (left.reserve_lot_minor, left.pending_lot_minor) == (0, 3823)
    (part,) = lots.left([5223], left.pending_lot_minor)
    released = book(lots.release(LotKind.PENDING, part, "EUR"))
    assert released == EARNED | {"receivable": 4000, "available": -3823}
    assert lots.left([600], own(world).reserve_lot_minor) == (0,)
    opened = book(postings.dispute_opened(4000, "EUR", own(world)))
    assert opened == EARNED | {"receivable": 4000, "available": 177, "disputed": -4000}
    lost = book(postings.dispute_lost(4000, "EUR", withdrawn=False))
    assert lost == EARNED | {"available": 177}


def test_several_journals_are_written_once_each(world: World) -> None:
    drafts = [
        (captured(), cause(world, "mer_acme", "one")),
        (postings.release(5223, "EUR"), cause(world, "mer_acme", "two")),
    ]
    with db.unit_of_work(world.staff()) as session:
        first = ledger.post_many(session, clock.now(), drafts[:1])
        both = ledger.post_many(session, clock.now(), drafts)
        again = ledger.post_many(session, clock.now(), drafts)
    assert [row.cause_id for row in (*first, *both, *again)] == ["one", "two"]
    assert short(world.staff())["available"] == -5223


def test_many_writers_of_shared_accounts_wait_for_each_other_and_never_crosswise(
    context: Flask, world: World
) -> None:
    staff = world.staff()
    with db.reading(staff) as session:
        merchant = operations.merchant_of(session, world.acme).public_id
    random = Random(11)
    wanted = [
        (random.sample(REFS, 4), random.randint(1, 10**6), random.randrange(64))
        for _ in range(JOURNALS)
    ]
    expected: Counter[str] = Counter()

    @db.retry_when_busy
    def post(number: int) -> None:
        refs, amount, payment_id = wanted[number]
        lines = [(ref, part * amount) for ref, part in zip(refs, PARTS, strict=True)]
        draft = drafted(JournalKind.ADJUSTMENT, "EUR", lines)
        with context.app_context(), db.unit_of_work(staff) as session:
            about = cause(world, merchant, f"journal-{number}", payment_id)
            ledger.post(session, clock.now(), draft, about)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(post, range(JOURNALS)))
    for refs, amount, _payment in wanted:
        for ref, part in zip(refs, PARTS, strict=True):
            name = ref.code if ref.code.startswith("tax") else ref.code.rpartition(":")[2]
            expected[name] += part * amount
    assert short(staff) == {name: amount for name, amount in expected.items() if amount}
    with unscoped(Actor.house(None, "test"), clock.now(), "test") as session:
        assert [*Balances().check(session), *LedgerZero().check(session)] == []
        shards = {account.shard for account, _ in ledger_rows.accounts(session)}
    assert shards == set(range(chart.SHARDS))
