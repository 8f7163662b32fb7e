"""Accounts with their sums and lines with running balances, whatever page is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.ledger import postings
from app.domain.ledger.journals import JournalKind, mirrored
from app.queries import ledger, ledger_pages, operations, payments
from app.queries.ledger_pages import AccountFilter
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


def read(
    actor: Actor, code: str, *, older: int | None = None, newer: int | None = None
) -> LinePage:
    with db.reading(actor) as session:
        every = ledger_pages.accounts(session, AccountFilter()).rows
        found = next(row for row in every if code in row.code)
        account = ledger.account_by_id(session, found.public_id)
        assert account is not None
        shards = ledger_pages.shards(session, account)
        return ledger_pages.lines(session, shards, limit=2, older=older, newer=newer)


def balances(page: LinePage) -> list[int]:
    return [row.balance_minor for row in page.rows]


def test_house_shards_are_one_line_of_the_list(world: World, posted: list[str]) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        rows_read = ledger_pages.accounts(session, AccountFilter()).rows
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
        assert len(ledger_pages.accounts(session, AccountFilter()).rows) == 1
    with db.reading(world.stranger()) as session:
        assert ledger_pages.accounts(session, AccountFilter()).rows == []


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
        first = ledger_pages.accounts(session, AccountFilter(), limit=1)
        edge = (first.rows[0].code, first.rows[0].currency)
        second = ledger_pages.accounts(session, AccountFilter(), after=edge, limit=1)
        only = ledger_pages.accounts(session, AccountFilter(prefix="provider:"))
    assert (first.has_more, second.has_more) == (True, False)
    assert [row.code for row in second.rows] == [row.code for row in only.rows]


def test_the_total_is_the_balance_of_all_shards(world: World, posted: list[str]) -> None:
    assert posted
    with db.reading(world.staff()) as session:
        receivable = ledger_pages.accounts(session, AccountFilter(prefix="provider:")).rows[0]
        account = ledger.account_by_id(session, receivable.public_id)
        assert account is not None
        shards = ledger_pages.shards(session, account)
        assert ledger_pages.total(session, shards) == sum(AMOUNTS)
        assert ledger_pages.total(session, []) == 0


def test_accounts_are_narrowed_to_a_merchant_a_currency_and_those_who_owe(
    world: World, posted: list[str]
) -> None:
    assert posted
    with db.reading(world.staff()) as session:

        def codes(wanted: AccountFilter) -> list[str]:
            return [row.code for row in ledger_pages.accounts(session, wanted).rows]

        assert codes(AccountFilter(merchant="acme")) == ["merchant:mer_acme:pending"]
        assert codes(AccountFilter(merchant="globex")) == []
        assert codes(AccountFilter(currency="USD")) == []
        assert len(codes(AccountFilter(currency="EUR"))) == 2
        assert codes(AccountFilter(owing=True)) == []


def test_a_merchant_whose_balance_is_a_debit_owes_us(world: World, posted: list[str]) -> None:
    with db.unit_of_work(world.staff()) as session:
        paid = payments.get(session, posted[0])
        assert paid is not None
        draft = postings.capture(10_000, "EUR", fee_percent_minor=0, fee_fixed_minor=0)
        cause = Cause(
            livemode=False,
            merchant_id=world.acme,
            merchant="mer_acme",
            connector_account="ca_1",
            type="test",
            id="more than there was",
            payment_id=paid.id,
            text="taken back",
        )
        ledger_service.post(session, NOW, mirrored(draft, JournalKind.CAPTURE_REVERSAL), cause)
    with db.reading(world.staff()) as session:
        (row,) = ledger_pages.accounts(session, AccountFilter(owing=True)).rows
    assert (row.code, row.balance_minor) == ("merchant:mer_acme:pending", 10_000 - sum(AMOUNTS))


def test_owners_of_accounts_have_names(world: World) -> None:
    with db.reading(world.staff()) as session:
        acme = operations.merchant_of(session, world.acme)
        account = operations.connector_account(session, world.connector_account)
        codes = [f"merchant:{acme.public_id}:pending", f"suspense:{account.public_id}", "tax:fee"]
        assert ledger_pages.owners(session, codes) == {
            acme.public_id: acme.name,
            account.public_id: account.name,
        }
