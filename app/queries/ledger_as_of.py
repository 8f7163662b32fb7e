"""The ledger as it stood at a moment: from its lines up to and with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from app.models import LedgerAccount, LedgerBalance, LedgerJournal, LedgerLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Part:
    """A shard of an account and its balance; debit positive, minor units."""

    public_id: str
    shard: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A shard of an account at a moment; debit positive, minor units of its currency.

    `until_minor` are its lines up to and with the moment, `after_minor` those after it,
    `balance_minor` is the running balance, None where there is none.
    """

    livemode: bool
    code: str
    type: str
    currency: str
    public_id: str
    until_minor: int
    after_minor: int
    balance_minor: int | None

    @property
    def agrees(self) -> bool:
        """Whether the running balance less the lines after the moment is what stood then."""
        if self.balance_minor is None:
            return False
        return self.balance_minor - self.after_minor == self.until_minor


def stood(moment: datetime | None) -> ColumnElement[int]:
    """Return an account's balance at a moment, or now, as a column beside LedgerAccount."""
    if moment is None:
        found = select(LedgerBalance.balance_minor).where(
            LedgerBalance.account_id == LedgerAccount.id
        )
    else:
        found = select(func.sum(LedgerLine.amount_minor)).where(
            LedgerLine.account_id == LedgerAccount.id, LedgerLine.created_at <= moment
        )
    return func.coalesce(found.correlate(LedgerAccount).scalar_subquery(), 0)


def parts(
    session: Session, account_ids: Sequence[int], moment: datetime | None = None
) -> Sequence[Part]:
    """Return the balance of each of these shards at a moment, or now, by their number."""
    rows = session.execute(
        select(LedgerAccount.public_id, LedgerAccount.shard, stood(moment))
        .where(LedgerAccount.id.in_(account_ids))
        .order_by(LedgerAccount.shard)
    )
    return [Part(public_id, shard, int(balance)) for public_id, shard, balance in rows]


def standings(session: Session, moment: datetime) -> Sequence[Standing]:
    """Return every account that the actor may see at a moment, read in one statement."""
    amount = LedgerLine.amount_minor
    until = func.sum(case((LedgerLine.created_at <= moment, amount), else_=0))
    after = func.sum(case((LedgerLine.created_at > moment, amount), else_=0))
    account = (
        LedgerAccount.livemode,
        LedgerAccount.code,
        LedgerAccount.currency,
        LedgerAccount.shard,
        LedgerAccount.type,
        LedgerAccount.public_id,
    )
    rows = session.execute(
        select(*account, until, after, LedgerBalance.balance_minor)
        .outerjoin(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
        .outerjoin(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .group_by(*account, LedgerBalance.balance_minor)
        .order_by(*account)
    )
    return [
        Standing(
            livemode=bool(livemode),
            code=code,
            type=kind,
            currency=currency,
            public_id=public_id,
            until_minor=int(before or 0),
            after_minor=int(since or 0),
            balance_minor=balance,
        )
        for livemode, code, currency, _shard, kind, public_id, before, since, balance in rows
    ]


def unbalanced(session: Session, moment: datetime) -> Sequence[tuple[str, str, int]]:
    """Return (journal, currency, sum in minor units) where lines up to a moment are not zero."""
    total = func.sum(LedgerLine.amount_minor)
    rows = session.execute(
        select(LedgerJournal.public_id, LedgerLine.currency, total)
        .join(LedgerJournal, LedgerJournal.id == LedgerLine.journal_id)
        .where(LedgerLine.created_at <= moment)
        .group_by(LedgerJournal.public_id, LedgerLine.currency)
        .having(total != 0)
        .order_by(LedgerJournal.public_id, LedgerLine.currency)
    )
    return [(journal, currency, int(amount)) for journal, currency, amount in rows]
