"""Balances at any moment: lines up to it, and the running balance less the lines since."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.ledger import accounts as chart
from app.domain.ledger.journals import JournalKind, drafted
from app.queries import ledger, ledger_as_of, ledger_pages
from app.queries.ledger_pages import AccountFilter
from app.services import ledger as ledger_service
from app.services.ledger import Cause

if TYPE_CHECKING:
    from tests.fixtures.application import World

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NUMBER = 60
REFS = (chart.MERCHANT_AVAILABLE, chart.REVENUE_MDR, chart.TAX, chart.EXPENSE_CHARGEBACK_LOSS)
Posted = list[tuple[datetime, dict[str, int]]]


@pytest.fixture
def posted(world: World) -> Posted:
    """Post random journals, some at the same moment, not in the order of their moments."""
    random = Random(7)
    moments = [BEGIN + timedelta(hours=random.randrange(NUMBER // 2)) for _ in range(NUMBER)]
    made: Posted = []
    with db.unit_of_work(world.staff()) as session:
        for number, moment in enumerate(moments):
            one, two = random.sample(REFS, 2)
            amount = random.randint(1, 10**6)
            draft = drafted(JournalKind.ADJUSTMENT, "EUR", ((one, amount), (two, -amount)))
            cause = Cause(
                livemode=False,
                merchant_id=world.acme,
                merchant="mer_acme",
                connector_account="",
                type="test",
                id=f"journal-{number}",
                payment_id=number,
                text="posted",
            )
            ledger_service.post(session, moment, draft, cause)
            made.append((moment, {_code(one): amount, _code(two): -amount}))
    return made


def _code(ref: chart.AccountRef) -> str:
    return chart.qualify(ref, merchant="mer_acme")


def test_every_moment_says_what_lines_up_to_it_sum_to(world: World, posted: Posted) -> None:
    second = timedelta(seconds=1)
    for moment in {each + shift for each, _ in posted for shift in (-second, 0 * second, second)}:
        expected: Counter[str] = Counter()
        for at, amounts in posted:
            expected.update(amounts if at <= moment else {})
        with db.reading(world.staff()) as session:
            listed = ledger_pages.accounts(session, AccountFilter(as_of=moment)).rows
            found = ledger_as_of.standings(session, moment)
            assert ledger_as_of.unbalanced(session, moment) == []
        assert {row.code: row.balance_minor for row in listed if row.balance_minor} == {
            code: amount for code, amount in expected.items() if amount
        }
        assert all(each.agrees for each in found)
        assert sum(each.until_minor for each in found) == 0


def test_the_lines_of_an_account_stop_at_the_moment(world: World, posted: Posted) -> None:
    moment = sorted(at for at, _ in posted)[NUMBER // 2]
    with db.reading(world.staff()) as session:
        row = ledger_pages.accounts(session, AccountFilter(prefix="revenue", as_of=moment)).rows[0]
        account = ledger.account_by_id(session, row.public_id)
        assert account is not None
        ids = ledger_pages.shards(session, account)
        first = ledger_pages.lines(session, ids, limit=3, moment=moment)
        second = ledger_pages.lines(session, ids, limit=3, moment=moment, older=first.older)
        back = ledger_pages.lines(session, ids, limit=3, moment=moment, newer=second.newer)
        total = ledger_pages.total(session, ids, moment)
        parts = ledger_as_of.parts(session, ids, moment)
    assert first.rows[0].balance_minor == total == row.balance_minor
    edge = first.rows[-1]
    assert second.rows[0].balance_minor == edge.balance_minor - edge.amount_minor
    assert all(each.created_at <= moment for each in (*first.rows, *second.rows))
    assert back.rows == first.rows
    assert sum(part.balance_minor for part in parts) == total
    assert [part.shard for part in parts] == sorted({part.shard for part in parts})
    assert len(parts) > 1


def test_now_is_what_the_balances_say(world: World, posted: Posted) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        now = ledger_pages.accounts(session, AccountFilter()).rows
        then = ledger_pages.accounts(session, AccountFilter(as_of=BEGIN + timedelta(days=400))).rows
    assert now == then


def test_a_balance_that_was_changed_past_the_ledger_is_told(world: World, posted: Posted) -> None:
    with db.unit_of_work(world.staff()) as session:
        account = ledger.account(session, "tax:fee", "EUR", 0, livemode=False)
        assert account is not None
        ledger.add_to_balance(session, account.id, 5)
    with db.reading(world.staff()) as session:
        for moment in (BEGIN, posted[-1][0], BEGIN + timedelta(days=400)):
            wrong = [each for each in ledger_as_of.standings(session, moment) if not each.agrees]
            assert [each.public_id for each in wrong] == [account.public_id]


def test_merchants_who_owed_are_found_as_of_then(world: World, posted: Posted) -> None:
    available = _code(chart.MERCHANT_AVAILABLE)
    for moment in {at for at, _ in posted}:
        balance = sum(amounts.get(available, 0) for at, amounts in posted if at <= moment)
        with db.reading(world.staff()) as session:
            owing = ledger_pages.accounts(session, AccountFilter(owing=True, as_of=moment)).rows
        assert [row.balance_minor for row in owing] == ([balance] if balance > 0 else [])
