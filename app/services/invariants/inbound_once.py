"""What a provider sent is kept once, worked on until it has ended, and applied as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, func, or_, select

from app.models import Evidence, InboundEvent, Outbox
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STATES = frozenset({"received", "applied", "unmatched", "ignored", "failed"})


class InboundOnce:
    """One row, one task and one piece of evidence per event of a provider."""

    name: ClassVar[str] = "inbound_once"
    sentence: ClassVar[str] = (
        "each event of a provider is kept once; while it is not applied a task works on it, and "
        "once it is, its evidence speaks of the operation that it names"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return events kept twice, forgotten ones, and applied ones without their evidence."""
        return [*_twice(session), *_forgotten(session), *_without_evidence(session)]


def _twice(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(InboundEvent.event_id, number)
        .group_by(InboundEvent.connector_account_id, InboundEvent.event_id)
        .having(number > 1)
    )
    return [Violation(event, f"is kept {count} times") for event, count in rows]


def _forgotten(session: Session) -> list[Violation]:
    task = and_(Outbox.ref == InboundEvent.public_id, Outbox.state.in_(("waiting", "leased")))
    rows = session.execute(
        select(InboundEvent.public_id, InboundEvent.state)
        .outerjoin(Outbox, task)
        .where(
            or_(
                InboundEvent.state.not_in(STATES),
                and_(InboundEvent.state == "received", Outbox.id.is_(None)),
            )
        )
    )
    return [Violation(event, f"is {state} and no task works on it") for event, state in rows]


def _without_evidence(session: Session) -> list[Violation]:
    kept = and_(
        Evidence.connector_account_id == InboundEvent.connector_account_id,
        Evidence.event_id == InboundEvent.event_id,
    )
    rows = session.execute(
        select(InboundEvent.public_id)
        .outerjoin(Evidence, kept)
        .where(
            InboundEvent.state == "applied",
            or_(
                Evidence.id.is_(None),
                InboundEvent.operation_id.is_(None),
                Evidence.operation_id != InboundEvent.operation_id,
            ),
        )
    )
    return [Violation(event, "is applied without evidence of its operation") for (event,) in rows]
