"""What a provider told us enters once, and what changed a state names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, or_, select

from app.models import Evidence, OperationEvent
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class EvidenceOnce:
    """One piece of evidence per account and event."""

    name: ClassVar[str] = "evidence_once"
    sentence: ClassVar[str] = (
        "each provider's event is kept once, and the evidence of each change of state is there "
        "and speaks of that operation"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return events kept twice and changes of state whose evidence is missing or foreign."""
        return [*_twice(session), *_foreign(session)]


def _twice(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(Evidence.event_id, number)
        .group_by(Evidence.connector_account_id, Evidence.event_id)
        .having(number > 1)
    )
    return [Violation(event, f"is kept {count} times") for event, count in rows]


def _foreign(session: Session) -> list[Violation]:
    rows = session.execute(
        select(OperationEvent.public_id, Evidence.public_id)
        .outerjoin(Evidence, Evidence.id == OperationEvent.evidence_id)
        .where(
            OperationEvent.evidence_id.is_not(None),
            or_(
                Evidence.id.is_(None),
                Evidence.operation_id.is_(None),
                Evidence.operation_id != OperationEvent.operation_id,
            ),
        )
    )
    return [
        Violation(event, f"names {found}, of another operation" if found else "names no evidence")
        for event, found in rows
    ]
