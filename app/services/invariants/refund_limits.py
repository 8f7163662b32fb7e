"""What was asked back never passes what was taken; the reserved amount is what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, case, func, or_, select

from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus
from app.models import Operation, Payment
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class RefundLimits:
    """Asked refunds stay within the captured amount."""

    name: ClassVar[str] = "refund_limits"
    sentence: ClassVar[str] = (
        "refunds that are asked for or done sum to the reserved amount and stay within the "
        "captured amount; an excess that a provider reported is in conflict"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return payments whose refunds pass the captured or differ from the reserved amount."""
        counts = and_(
            Operation.kind == OperationKind.REFUND,
            Operation.state != OperationState.FAILED,
            Operation.suspense.is_(False),
        )
        asked = func.coalesce(func.sum(case((counts, Operation.amount_minor), else_=0)), 0)
        rows = session.execute(
            select(Payment.public_id, Payment.captured_minor, Payment.refund_asked_minor, asked)
            .outerjoin(Operation, Operation.payment_id == Payment.id)
            .where(Payment.status != PaymentStatus.CONFLICTED)
            .group_by(Payment.public_id, Payment.captured_minor, Payment.refund_asked_minor)
            .having(or_(asked > Payment.captured_minor, asked != Payment.refund_asked_minor))
        )
        return [
            Violation(
                payment,
                f"captured {captured}, reserved {reserved}, refunds asked {total} minor units",
            )
            for payment, captured, reserved, total in rows
        ]
