"""A stored balance is the sum of its account's lines, in the account's own currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from app.models import LedgerAccount, LedgerBalance, LedgerLine
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Balances:
    """Each balance equals the sum of its lines."""

    name: ClassVar[str] = "balances"
    sentence: ClassVar[str] = "each account has one balance, which is the sum of its lines"

    def check(self, session: Session) -> list[Violation]:
        """Return accounts whose balance differs from their lines, or is missing."""
        lines = func.coalesce(func.sum(LedgerLine.amount_minor), 0)
        rows = session.execute(
            select(LedgerAccount.public_id, LedgerBalance.balance_minor, lines)
            .outerjoin(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
            .outerjoin(LedgerLine, LedgerLine.account_id == LedgerAccount.id)
            .group_by(LedgerAccount.public_id, LedgerBalance.balance_minor)
            .having(
                (LedgerBalance.balance_minor.is_(None)) | (LedgerBalance.balance_minor != lines)
            )
        )
        return [
            Violation(account, f"balance {balance}, lines {total} minor units")
            for account, balance, total in rows
        ]
