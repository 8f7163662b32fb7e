"""Accounts with their sums, and an account's lines with the balance after each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, not_, or_, select

from app.models import (
    ConnectorAccount,
    LedgerAccount,
    LedgerBalance,
    LedgerJournal,
    LedgerLine,
    Merchant,
    Payment,
)
from app.queries import listing
from app.queries.ledger_as_of import stood

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

PAGE_ROWS = 100
CHUNK_ROWS = 500
OF_MERCHANTS = "merchant:"


@dataclass(frozen=True, slots=True)
class AccountSum:
    """An account with its shards summed; debit positive, minor units."""

    public_id: str
    merchant_id: int | None
    code: str
    currency: str
    type: str
    shards: int
    balance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFilter:
    """What the accounts are narrowed to; empty values do not narrow.

    `prefix` is the beginning of a code, `merchant` a short name, an id or the beginning of a name.
    With `owing`, merchants' accounts whose balance is a debit: these merchants owe us. Balances are
    those as of a moment, or of now.
    """

    prefix: str = ""
    merchant: str = ""
    currency: str = ""
    owing: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts in the order of code and currency, and whether more follow."""

    rows: Sequence[AccountSum]
    has_more: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line, the balance after it, and where it comes from; debit positive, minor units."""

    id: int
    amount_minor: int
    balance_minor: int
    kind: str
    created_at: datetime
    payment_id: str | None
    reference: str | None
    journal_id: str | None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Lines, newest first, with the ids at the edges where there is a page beyond."""

    rows: Sequence[LineRow]
    older: int | None
    newer: int | None


def accounts(
    session: Session,
    wanted: AccountFilter,
    *,
    after: tuple[str, str] | None = None,
    limit: int = PAGE_ROWS,
) -> AccountPage:
    """Return accounts in the order of code and currency, those after (code, currency)."""
    then = wanted.as_of
    balance = func.sum(LedgerBalance.balance_minor if then is None else stood(then))
    found = (
        select(
            func.min(LedgerAccount.public_id),
            func.min(LedgerAccount.merchant_id),
            LedgerAccount.code,
            LedgerAccount.currency,
            func.min(LedgerAccount.type),
            func.count(),
            balance,
        )
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.code, LedgerAccount.currency)
        .order_by(LedgerAccount.code, LedgerAccount.currency)
        .limit(limit + 1)
    )
    if wanted.prefix:
        found = found.where(LedgerAccount.code.startswith(wanted.prefix, autoescape=True))
    if wanted.currency:
        found = found.where(LedgerAccount.currency == wanted.currency)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        found = found.where(LedgerAccount.merchant_id.in_(ids))
    if wanted.owing:
        found = found.where(LedgerAccount.code.startswith(OF_MERCHANTS)).having(balance > 0)
    if after is not None:
        code, currency = after
        beyond = and_(LedgerAccount.code == code, LedgerAccount.currency > currency)
        found = found.where(or_(LedgerAccount.code > code, beyond))
    rows = [
        AccountSum(public_id, merchant_id, code, currency, kind, int(shards), int(total_minor))
        for public_id, merchant_id, code, currency, kind, shards, total_minor in session.execute(
            found
        )
    ]
    return AccountPage(rows[:limit], len(rows) > limit)


def account_chunks(session: Session, wanted: AccountFilter) -> Iterator[Sequence[AccountSum]]:
    """Yield all accounts, some hundred at a time."""
    edge: tuple[str, str] | None = None
    while True:
        page = accounts(session, wanted, after=edge, limit=CHUNK_ROWS)
        yield page.rows
        if not page.has_more:
            return
        edge = page.rows[-1].code, page.rows[-1].currency


def owners(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return public id → name of the merchants and connector accounts that codes of accounts name.

    To be asked for the house: merchants do not see connector accounts.
    """
    ids = {part for code in codes for part in code.split(":")[1:2]}
    merchants = select(Merchant.public_id, Merchant.name).where(Merchant.public_id.in_(ids))
    connectors = select(ConnectorAccount.public_id, ConnectorAccount.name).where(
        ConnectorAccount.public_id.in_(ids)
    )
    return {row[0]: row[1] for found in (merchants, connectors) for row in session.execute(found)}


def shards(session: Session, account: LedgerAccount) -> Sequence[int]:
    """Return the keys of all shards of an account, itself included."""
    found = select(LedgerAccount.id).where(
        LedgerAccount.livemode == account.livemode,
        LedgerAccount.code == account.code,
        LedgerAccount.currency == account.currency,
    )
    return session.scalars(found.order_by(LedgerAccount.id)).all()


def total(session: Session, account_ids: Sequence[int], moment: datetime | None = None) -> int:
    """Return the balance of these accounts together at a moment, or now, debit positive."""
    return int(session.scalar(_total(account_ids, moment)) or 0)


def lines(
    session: Session,
    account_ids: Sequence[int],
    *,
    older: int | None = None,
    newer: int | None = None,
    limit: int = PAGE_ROWS,
    moment: datetime | None = None,
) -> LinePage:
    """Return the lines of these accounts older or newer than a line, else the newest.

    With a moment, only those up to it, with the balances of then. Balance, newer lines and the page
    are read by one statement, so that they belong together whatever is posted meanwhile.
    """
    if newer is not None:
        found = _with_sources(account_ids, LedgerLine.id > newer, moment)
        found = found.where(LedgerLine.id > newer).order_by(LedgerLine.id.asc())
        read = session.execute(found.limit(limit + 1)).all()
        if len(read) > limit:
            rows = _running(read[:limit][::-1], read[0].below + sum(row[1] for row in read[:limit]))
            return LinePage(rows, older=rows[-1].id, newer=rows[0].id)
        # What is left is the first page: it is shown whole, as without an edge.
        older = None
    edge = false() if older is None else LedgerLine.id >= older
    found = _with_sources(account_ids, edge, moment).where(not_(edge))
    read = session.execute(found.order_by(LedgerLine.id.desc()).limit(limit + 1)).all()
    rows = _running(read[:limit], read[0].below if read else 0)
    return LinePage(
        rows,
        older=rows[-1].id if len(read) > limit else None,
        newer=rows[0].id if rows and older is not None else None,
    )


def journal(session: Session, public_id: str) -> LedgerJournal | None:
    """Return a journal by its public id."""
    return session.scalars(
        select(LedgerJournal).where(LedgerJournal.public_id == public_id)
    ).one_or_none()


def lines_of_journal(
    session: Session, journal_id: int
) -> Sequence[tuple[LedgerLine, LedgerAccount]]:
    """Return a journal's lines with their accounts."""
    rows = session.execute(
        select(LedgerLine, LedgerAccount)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.journal_id == journal_id)
        .order_by(LedgerLine.id)
    )
    return [(line, owner) for line, owner in rows]


def _total(account_ids: Sequence[int], moment: datetime | None) -> Select[int]:
    if moment is not None:
        return _sum(account_ids, LedgerLine.created_at <= moment)
    return select(func.coalesce(func.sum(LedgerBalance.balance_minor), 0)).where(
        LedgerBalance.account_id.in_(account_ids)
    )


def _sum(account_ids: Sequence[int], *conditions: ColumnElement[bool]) -> Select[int]:
    return select(func.coalesce(func.sum(LedgerLine.amount_minor), 0)).where(
        LedgerLine.account_id.in_(account_ids), *conditions
    )


def _running(read: Sequence[Row[*tuple[Any, ...]]], top_minor: int) -> list[LineRow]:
    """Pair lines, newest first, with the balance after each; `top_minor`: after the first."""
    rows = []
    balance = int(top_minor)
    for line_id, amount, *source, _ in read:
        rows.append(LineRow(line_id, amount, balance, *source))
        balance -= amount
    return rows


def _with_sources(
    account_ids: Sequence[int], above: ColumnElement[bool], moment: datetime | None
) -> Select[int, int, str, datetime, str, str, str, int]:
    """Select lines with their payment and journal, and the balance below the lines `above`."""
    until = [] if moment is None else [LedgerLine.created_at <= moment]
    passed = _sum(account_ids, above, *until).scalar_subquery()
    below = _total(account_ids, moment).scalar_subquery() - passed
    return (
        select(
            LedgerLine.id,
            LedgerLine.amount_minor,
            LedgerLine.kind,
            LedgerLine.created_at,
            Payment.public_id,
            Payment.reference,
            LedgerJournal.public_id,
            below.label("below"),
        )
        .outerjoin(Payment, Payment.id == LedgerLine.payment_id)
        .outerjoin(LedgerJournal, LedgerJournal.id == LedgerLine.journal_id)
        .where(LedgerLine.account_id.in_(account_ids), *until)
    )
