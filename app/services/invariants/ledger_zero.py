"""Double entry: each journal has two lines or more and sums to zero in each currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from app.models import LedgerJournal, LedgerLine
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


FEWEST_LINES = 2


class LedgerZero:
    """Each journal sums to zero per currency."""

    name: ClassVar[str] = "ledger_zero"
    sentence: ClassVar[str] = "each journal has two lines or more and sums to zero per currency"

    def check(self, session: Session) -> list[Violation]:
        """Return journals that do not balance or have too few lines."""
        return [*_unbalanced(session), *_too_short(session)]


def _unbalanced(session: Session) -> list[Violation]:
    total = func.sum(LedgerLine.amount_minor)
    rows = session.execute(
        select(LedgerJournal.public_id, LedgerLine.currency, total)
        .join(LedgerJournal, LedgerJournal.id == LedgerLine.journal_id)
        .group_by(LedgerJournal.public_id, LedgerLine.currency)
        .having(total != 0)
    )
    return [
        Violation(journal, f"sums to {amount} minor units of {currency}")
        for journal, currency, amount in rows
    ]


def _too_short(session: Session) -> list[Violation]:
    number = func.count(LedgerLine.id)
    rows = session.execute(
        select(LedgerJournal.public_id, number)
        .outerjoin(LedgerLine, LedgerLine.journal_id == LedgerJournal.id)
        .group_by(LedgerJournal.public_id)
        .having(number < FEWEST_LINES)
    )
    return [Violation(journal, f"has {count} lines") for journal, count in rows]
