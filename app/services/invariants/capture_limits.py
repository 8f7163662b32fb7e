"""What was asked to be captured is what is reserved, and never more than was authorized."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, case, func, or_, select

from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus
from app.models import Operation, Payment
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class CaptureLimits:
    """Asked captures stay within what was authorized."""

    name: ClassVar[str] = "capture_limits"
    sentence: ClassVar[str] = (
        "captures that are asked for or done sum to the reserved amount and stay within what was "
        "authorized; an excess that a provider reported is in conflict"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return payments whose captures pass what was authorized or differ from what is kept."""
        counts = and_(
            Operation.kind == OperationKind.CAPTURE, Operation.state != OperationState.FAILED
        )
        held = and_(
            Operation.kind == OperationKind.AUTHORIZE, Operation.state == OperationState.SUCCESS
        )
        asked = func.coalesce(func.sum(case((counts, Operation.amount_minor), else_=0)), 0)
        most = func.coalesce(func.sum(case((held, Operation.amount_minor), else_=0)), 0)
        rows = session.execute(
            select(Payment.public_id, Payment.capture_asked_minor, asked, most)
            .join(Operation, Operation.payment_id == Payment.id)
            .where(Payment.status != PaymentStatus.CONFLICTED, Payment.capture_mode == "manual")
            .group_by(Payment.public_id, Payment.capture_asked_minor)
            .having(or_(asked > most, asked != Payment.capture_asked_minor))
        )
        return [
            Violation(payment, f"authorized {top}, reserved {kept}, captures asked {total}")
            for payment, kept, total, top in rows
        ]
