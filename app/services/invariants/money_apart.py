"""What operations say is held apart is what the suspense accounts hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from app.models import LedgerAccount, LedgerLine, Operation
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class MoneyApart:
    """Suspense is explained by operations."""

    name: ClassVar[str] = "money_apart"
    sentence: ClassVar[str] = (
        "for each payment the lines on suspense accounts sum to what its operations hold apart"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return payments whose suspense lines differ from their operations."""
        lines = session.execute(
            select(LedgerLine.payment_id, -func.sum(LedgerLine.amount_minor))
            .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
            .where(LedgerAccount.code.like("suspense:%"), LedgerLine.payment_id.is_not(None))
            .group_by(LedgerLine.payment_id)
        )
        held = session.execute(
            select(Operation.payment_id, func.sum(Operation.suspense_minor))
            .where(Operation.suspense_minor != 0)
            .group_by(Operation.payment_id)
        )
        posted = Counter({int(payment or 0): int(amount) for payment, amount in lines})
        apart = Counter({payment: int(amount) for payment, amount in held})
        return [
            Violation(f"payment {key}", f"holds {apart[key]} apart, its lines say {posted[key]}")
            for key in sorted({*posted, *apart})
            if posted[key] != apart[key]
        ]
