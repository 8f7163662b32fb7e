"""Every task ends: none is stuck, none is of a kind nobody knows, no open operation has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, or_, select

from app.domain.operations import FINAL_STATES
from app.models import Operation, Outbox
from app.queries.sqltime import utc_now
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_SECONDS_LATE = 600
KINDS = frozenset(
    {
        "applications.lapse",
        "approvals.lapse",
        "operation",
        "bulk.check",
        "bulk.run",
        "desk.debts",
        "desk.notice",
        "idempotency.expire",
        "inbound.apply",
        "notification.send",
        "payment.expire",
        "settlement.look",
        "settlement.release",
        "webhook.deliver",
        "webhook.resend",
    }
)
STATES = frozenset({"waiting", "leased", "done", "failed"})


class TasksEnd:
    """No task is stuck, and none is missing."""

    name: ClassVar[str] = "tasks_end"
    sentence: ClassVar[str] = (
        "no task is past its lease by ten minutes or of an unknown kind or state, and each "
        "operation without an outcome has a task that waits, is worked on or stands on the desk"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return stuck and unknown tasks, and open operations that nobody works on."""
        return [*_stuck(session), *_unknown(session), *_forgotten(session)]


def _stuck(session: Session) -> list[Violation]:
    late = Outbox.lease_until < utc_now(-MOST_SECONDS_LATE)
    unheld = or_(Outbox.lease_until.is_(None), Outbox.lease_owner.is_(None))
    rows = session.execute(
        select(Outbox.public_id, Outbox.lease_until).where(
            Outbox.state == "leased", or_(late, unheld)
        )
    )
    return [Violation(task, f"is leased since before {until}") for task, until in rows]


def _unknown(session: Session) -> list[Violation]:
    rows = session.execute(
        select(Outbox.public_id, Outbox.kind, Outbox.state).where(
            or_(Outbox.kind.not_in(KINDS), Outbox.state.not_in(STATES))
        )
    )
    return [Violation(task, f"is of kind {kind}, state {state}") for task, kind, state in rows]


def _forgotten(session: Session) -> list[Violation]:
    task = and_(Outbox.ref == Operation.public_id, Outbox.state != "done")
    rows = session.execute(
        select(Operation.public_id, Operation.state)
        .outerjoin(Outbox, task)
        .where(
            Operation.state.not_in(FINAL_STATES),
            Operation.conflicted.is_(False),
            Outbox.id.is_(None),
        )
    )
    return [Violation(operation, f"is {state} and has no task") for operation, state in rows]
