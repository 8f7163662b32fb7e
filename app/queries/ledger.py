"""Reads and conditional updates of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, false, func, or_, select, update

from app.models import LedgerAccount, LedgerBalance, LedgerJournal, LedgerLine
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class RunningLine:
    """A line of an account with the balance after it."""

    line: LedgerLine
    journal: LedgerJournal | None
    balance_minor: int


def account(
    session: Session, code: str, currency: str, shard: int, *, livemode: bool
) -> LedgerAccount | None:
    """Return an account by what names it."""
    return session.scalars(
        select(LedgerAccount).where(
            LedgerAccount.livemode == livemode,
            LedgerAccount.code == code,
            LedgerAccount.currency == currency,
            LedgerAccount.shard == shard,
        )
    ).one_or_none()


def accounts_named(
    session: Session, names: Collection[tuple[str, str, int]], *, livemode: bool
) -> dict[tuple[str, str, int], LedgerAccount]:
    """Return (code, currency, shard) → account of one book, for those that are open."""
    named = [
        and_(
            LedgerAccount.code == code,
            LedgerAccount.currency == currency,
            LedgerAccount.shard == shard,
        )
        for code, currency, shard in names
    ]
    found = select(LedgerAccount).where(LedgerAccount.livemode == livemode, or_(false(), *named))
    return {(each.code, each.currency, each.shard): each for each in session.scalars(found)}


def of_code(session: Session, code: str) -> Sequence[tuple[LedgerAccount, int]]:
    """Return the accounts with this code that the actor may see, with balances, by currency."""
    rows = session.execute(
        select(LedgerAccount, LedgerBalance.balance_minor)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.code == code)
        .order_by(LedgerAccount.currency, LedgerAccount.shard)
    )
    return [(found, balance) for found, balance in rows]


def was_covered(session: Session, account_id: int, since: datetime, owed_minor: int) -> bool:
    """Tell whether an account that has a debit balance of so much had none, once since a moment.

    What its newest lines have added up to is what they have added to the balance since then.
    """
    added = func.sum(LedgerLine.amount_minor).over(order_by=LedgerLine.id.desc())
    sums = (
        select(added.label("added_minor"))
        .where(LedgerLine.account_id == account_id, LedgerLine.created_at >= since)
        .subquery()
    )
    covered = select(sums.c.added_minor).where(sums.c.added_minor >= owed_minor).limit(1)
    return session.scalar(covered) is not None


def account_by_id(session: Session, public_id: str) -> LedgerAccount | None:
    """Return an account by its public id."""
    return session.scalars(
        select(LedgerAccount).where(LedgerAccount.public_id == public_id)
    ).one_or_none()


def add_to_balance(session: Session, account_id: int, amount_minor: int) -> bool:
    """Change a balance by a signed amount; False where the account has none yet."""
    return (
        changed(
            session,
            update(LedgerBalance)
            .where(LedgerBalance.account_id == account_id)
            .values(balance_minor=LedgerBalance.balance_minor + amount_minor),
        )
        == 1
    )


def journal(
    session: Session, cause_type: str, cause_id: str, kind: str, *, livemode: bool
) -> LedgerJournal | None:
    """Return the journal of a cause and kind, of which there is at most one."""
    return session.scalars(
        select(LedgerJournal).where(
            LedgerJournal.livemode == livemode,
            LedgerJournal.cause_type == cause_type,
            LedgerJournal.cause_id == cause_id,
            LedgerJournal.kind == kind,
        )
    ).one_or_none()


def last_journal(session: Session, cause_id: str, kinds: Sequence[str]) -> LedgerJournal | None:
    """Return the newest journal of these kinds that a cause has made."""
    return session.scalars(
        select(LedgerJournal)
        .where(LedgerJournal.cause_id == cause_id, LedgerJournal.kind.in_(kinds))
        .order_by(LedgerJournal.id.desc())
        .limit(1)
    ).one_or_none()


def lines(session: Session, journal_id: int) -> Sequence[LedgerLine]:
    """Return the lines of a journal."""
    found = select(LedgerLine).where(LedgerLine.journal_id == journal_id)
    return session.scalars(found.order_by(LedgerLine.id)).all()


def lot(session: Session, payment_id: int, code: str) -> int:
    """Return what is left of a payment on a liability account: credits less debits, minor units."""
    found = (
        select(func.coalesce(func.sum(LedgerLine.amount_minor), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.payment_id == payment_id, LedgerAccount.code == code)
    )
    return -int(session.scalar(found) or 0)


def journals_of_payment(session: Session, payment_id: int) -> Sequence[LedgerJournal]:
    """Return a payment's journals, oldest first."""
    found = select(LedgerJournal).where(LedgerJournal.payment_id == payment_id)
    return session.scalars(found.order_by(LedgerJournal.id)).all()


def lines_of_payment(
    session: Session, payment_id: int
) -> Sequence[tuple[LedgerLine, LedgerAccount]]:
    """Return a payment's lines with their accounts, as far as the actor may see them."""
    rows = session.execute(
        select(LedgerLine, LedgerAccount)
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.payment_id == payment_id)
        .order_by(LedgerLine.id)
    )
    return [(line, owner) for line, owner in rows]


def accounts(session: Session) -> Sequence[tuple[LedgerAccount, int]]:
    """Return all accounts that the actor may see, with their balances."""
    rows = session.execute(
        select(LedgerAccount, LedgerBalance.balance_minor)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .order_by(LedgerAccount.code, LedgerAccount.currency, LedgerAccount.shard)
    )
    return [(found, balance) for found, balance in rows]


def balance(session: Session, account_id: int) -> int:
    """Return an account's balance in minor units, debit positive."""
    found = select(LedgerBalance.balance_minor).where(LedgerBalance.account_id == account_id)
    return int(session.scalar(found) or 0)
