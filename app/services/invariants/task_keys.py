"""One effect per job key: a key names one task, an operation has one task."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, literal, select

from app.models import Operation, Outbox
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class TaskKeys:
    """No job key has two effects."""

    name: ClassVar[str] = "task_keys"
    sentence: ClassVar[str] = "each job key names one task, and each operation has exactly one task"

    def check(self, session: Session) -> list[Violation]:
        """Return job keys of several tasks and operations without exactly one task."""
        return [*_shared(session), *_not_one(session)]


def _shared(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(Outbox.job_key, number).group_by(Outbox.job_key).having(number > 1)
    )
    return [Violation(key, f"is the key of {count} tasks") for key, count in rows]


def _not_one(session: Session) -> list[Violation]:
    number = func.count(Outbox.id)
    rows = session.execute(
        select(Operation.public_id, number)
        .outerjoin(
            Outbox,
            (Outbox.ref == Operation.public_id) & (Outbox.kind == literal("operation")),
        )
        .group_by(Operation.public_id)
        .having(number != 1)
    )
    return [Violation(operation, f"has {count} tasks") for operation, count in rows]
