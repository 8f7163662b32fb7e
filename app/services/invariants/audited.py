"""Every payment and refund that was asked for left exactly one audit entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, func, select

from app.domain.operations import OperationKind
from app.models import AuditEntry, Operation, Payment
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Audited:
    """One audit entry per payment and refund."""

    name: ClassVar[str] = "audited"
    sentence: ClassVar[str] = "each payment and each refund has exactly one audit entry"

    def check(self, session: Session) -> list[Violation]:
        """Return payments and refunds without exactly one audit entry."""
        return [*_payments(session), *_refunds(session)]


def _payments(session: Session) -> list[Violation]:
    number = func.count(AuditEntry.id)
    rows = session.execute(
        select(Payment.public_id, number)
        .outerjoin(
            AuditEntry,
            and_(
                AuditEntry.object_type == "payment",
                AuditEntry.object_id == Payment.public_id,
                AuditEntry.action == "payments.create",
            ),
        )
        .group_by(Payment.public_id)
        .having(number != 1)
    )
    return [Violation(payment, f"has {count} entries of its creation") for payment, count in rows]


def _refunds(session: Session) -> list[Violation]:
    refunds = (
        select(Operation.payment_id, func.count().label("number"))
        .where(Operation.kind == OperationKind.REFUND)
        .group_by(Operation.payment_id)
        .subquery()
    )
    asked, number = func.coalesce(refunds.c.number, 0), func.count(AuditEntry.id)
    rows = session.execute(
        select(Payment.public_id, asked, number)
        .outerjoin(refunds, refunds.c.payment_id == Payment.id)
        .outerjoin(
            AuditEntry,
            and_(
                AuditEntry.object_type == "payment",
                AuditEntry.object_id == Payment.public_id,
                AuditEntry.action == "payments.refund",
            ),
        )
        .group_by(Payment.public_id, refunds.c.number)
        .having(number != asked)
    )
    return [
        Violation(payment, f"has {refunded} refunds and {count} entries of them")
        for payment, refunded, count in rows
    ]
