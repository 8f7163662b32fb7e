"""Accounts with their sums and lines with running balances, whatever page is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.ledger import postings
from app.queries import ledger, ledger_pages, payments
from app.services import ledger as ledger_service
from app.services.ledger import Cause
from tests.fixtures.application import NOW
from tests.queries import rows

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.queries.ledger_pages import LinePage
    from tests.fixtures.application import World

AMOUNTS = (1000, 250, 4000, 1, 99, 730)


@pytest.fixture
def posted(world: World) -> list[str]:
    """Capture six payments of acme and answer their ids, oldest first."""
    ids = rows.series(world.owner(), world.acme, len(AMOUNTS))[::-1]
    for public_id, amount in zip(ids, AMOUNTS, strict=True):
        with db.unit_of_work(world.staff()) as session:
            paid = payments.get(session, public_id)
            assert paid is not None
            draft = postings.capture(amount, "EUR", fee_percent_minor=0, fee_fixed_minor=0)
            cause = Cause(
                livemode=False,
                merchant_id=world.acme,
                merchant="mer_acme",
                connector_account="ca_1",
                type="test",
                id=public_id,
                payment_id=paid.id,
                text="captured",
            )
            ledger_service.post(session, NOW, draft, cause)
    return ids


def read(actor: Actor, code: str, **edge: int | None) -> LinePage:
    with db.reading(actor) as session:
        found = next(row for row in ledger_pages.accounts(session).rows if code in row.code)
        account = ledger.account_by_id(session, found.public_id)
        assert account is not None
        shards = ledger_pages.shards(session, account)
        return ledger_pages.lines(session, shards, limit=2, **edge)


def balances(page: LinePage) -> list[int]:
    return [row.balance_minor for row in page.rows]


def test_house_shards_are_one_line_of_the_list(world: World, posted: list[str]) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        rows_read = ledger_pages.accounts(session).rows
    assert [(row.code, row.shards, row.balance_minor) for row in rows_read] == [
        ("merchant:mer_acme:pending", 1, -sum(AMOUNTS)),
        ("provider:ca_1:receivable", len(AMOUNTS), sum(AMOUNTS)),
    ]


def test_running_balances_downwards(world: World, posted: list[str]) -> None:
    first = read(world.staff(), "receivable")
    assert balances(first) == [6080, 5350]
    assert [row.payment_id for row in first.rows] == [posted[5], posted[4]]
    second = read(world.staff(), "receivable", older=first.older)
    third = read(world.staff(), "receivable", older=second.older)
    assert (balances(second), balances(third)) == ([5251, 5250], [1250, 1000])
    assert third.older is None


def test_running_balances_upwards_are_the_same(world: World, posted: list[str]) -> None:
    assert posted
    first = read(world.staff(), "receivable")
    second = read(world.staff(), "receivable", older=first.older)
    third = read(world.staff(), "receivable", older=second.older)
    back = read(world.staff(), "receivable", newer=third.newer)
    assert back == second
    assert read(world.staff(), "receivable", newer=second.newer) == first


def test_a_merchant_reads_own_accounts_without_journals(world: World, posted: list[str]) -> None:
    page = read(world.owner(), "pending")
    assert balances(page) == [-6080, -5350]
    assert [row.payment_id for row in page.rows] == [posted[5], posted[4]]
    assert {row.journal_id for row in page.rows} == {None}
    with db.reading(world.owner()) as session:
        assert len(ledger_pages.accounts(session).rows) == 1
    with db.reading(world.stranger()) as session:
        assert ledger_pages.accounts(session).rows == []


def test_staff_go_from_a_line_to_its_journal(world: World, posted: list[str]) -> None:
    assert posted
    line = read(world.staff(), "receivable").rows[0]
    with db.reading(world.staff()) as session:
        journal = ledger_pages.journal(session, line.journal_id or "")
        assert journal is not None
        sides = ledger_pages.lines_of_journal(session, journal.id)
    assert sorted(each.amount_minor for each, _ in sides) == [-730, 730]
    with db.reading(world.owner()) as session:
        assert ledger_pages.journal(session, journal.public_id) is None


def test_accounts_continue_after_code_and_currency(world: World, posted: list[str]) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        first = ledger_pages.accounts(session, limit=1)
        edge = (first.rows[0].code, first.rows[0].currency)
        second = ledger_pages.accounts(session, after=edge, limit=1)
        only = ledger_pages.accounts(session, prefix="provider:")
    assert (first.has_more, second.has_more) == (True, False)
    assert [row.code for row in second.rows] == [row.code for row in only.rows]


def test_the_total_is_the_balance_of_all_shards(world: World, posted: list[str]) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        receivable = ledger_pages.accounts(session, prefix="provider:").rows[0]
        account = ledger.account_by_id(session, receivable.public_id)
        assert account is not None
        shards = ledger_pages.shards(session, account)
        assert ledger_pages.total(session, shards) == sum(AMOUNTS)
        assert ledger_pages.total(session, []) == 0
