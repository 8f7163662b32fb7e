"""One key per operation, one provider's object per operation: what makes it happen once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import func, select

from app.models import Attempt, Operation
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class ProviderKeys:
    """No two operations share a key or a provider's object."""

    name: ClassVar[str] = "provider_keys"
    sentence: ClassVar[str] = (
        "each operation has a key of its own, and no two operations claim one provider's object"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return keys and provider's references that stand at two operations."""
        return [*_shared_keys(session), *_shared_objects(session)]


def _shared_keys(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(Operation.provider_key, number)
        .group_by(Operation.provider_key)
        .having((number > 1) | (Operation.provider_key == ""))
    )
    return [Violation(key, f"is the key of {count} operations") for key, count in rows]


def _shared_objects(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(Operation.provider_reference, Operation.kind, number)
        .join(Attempt, Attempt.id == Operation.attempt_id)
        .where(Operation.provider_reference.is_not(None))
        .group_by(Attempt.connector_account_id, Operation.kind, Operation.provider_reference)
        .having(number > 1)
    )
    return [
        Violation(str(reference), f"is claimed by {count} operations of kind {kind}")
        for reference, kind, count in rows
    ]
