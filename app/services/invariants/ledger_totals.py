"""Trial balance: what each book holds in each currency, as of a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from app.models import LedgerLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Total:
    """Debits and credits of one book in one currency, both positive, in minor units."""

    livemode: bool
    currency: str
    debits_minor: int
    credits_minor: int

    @property
    def balances(self) -> bool:
        """Whether debits equal credits."""
        return self.debits_minor == self.credits_minor


def totals(session: Session, moment: datetime) -> Sequence[Total]:
    """Return the totals of all lines up to and with `moment`, on an unscoped session."""
    amount = LedgerLine.amount_minor
    debits = func.sum(case((amount > 0, amount), else_=0))
    credits_ = func.sum(case((amount < 0, -amount), else_=0))
    rows = session.execute(
        select(LedgerLine.livemode, LedgerLine.currency, debits, credits_)
        .where(LedgerLine.created_at <= moment)
        .group_by(LedgerLine.livemode, LedgerLine.currency)
        .order_by(LedgerLine.livemode, LedgerLine.currency)
    )
    return [
        Total(bool(livemode), currency, int(debit), int(credit))
        for livemode, currency, debit, credit in rows
    ]
