"""No outcome stays unknown past its deadline without a case at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from sqlalchemy import and_, select

from app.domain.operations import OperationState
from app.models import DeskCase, Operation
from app.queries.sqltime import utc_now
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NOTICED_WITHIN: Final = timedelta(minutes=10)


class UnknownOnDesk:
    """Whoever waits for an outcome waits with somebody's knowledge."""

    name: ClassVar[str] = "unknown_on_desk"
    sentence: ClassVar[str] = (
        "each operation whose outcome is unknown has a deadline, and ten minutes after it a case "
        "at the desk"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return unknown outcomes without a deadline, or past it without a case."""
        noticed = and_(
            DeskCase.payment_id == Operation.payment_id,  # which has a key
            DeskCase.operation_id == Operation.id,
            DeskCase.kind == "unknown",
        )
        late = Operation.deadline_at < utc_now(-NOTICED_WITHIN.total_seconds())
        rows = session.execute(
            select(Operation.public_id, Operation.deadline_at)
            .outerjoin(DeskCase, noticed)
            .where(
                Operation.state == OperationState.UNKNOWN,
                Operation.deadline_at.is_(None) | (late & DeskCase.id.is_(None)),
            )
        )
        return [Violation(operation, f"is unknown, deadline {until}") for operation, until in rows]
