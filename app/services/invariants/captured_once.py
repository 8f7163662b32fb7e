"""Money that a provider took is in the ledger exactly once."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, case, func, select

from app.domain.ledger.journals import JournalKind
from app.domain.operations import OperationKind, OperationState
from app.models import LedgerJournal, Operation, OperationEvent
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TAKING = (OperationKind.PURCHASE, OperationKind.CAPTURE)


class CapturedOnce:
    """One journal in force for each success, none for anything else."""

    name: ClassVar[str] = "captured_once"
    sentence: ClassVar[str] = (
        "each successful purchase or capture of its payment has exactly one capture journal in "
        "force, no other operation has one"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return operations with too many or too few capture journals in force."""
        in_force = func.sum(
            case(
                (LedgerJournal.kind == JournalKind.CAPTURE, 1),
                (LedgerJournal.kind == JournalKind.CAPTURE_REVERSAL, -1),
                else_=0,
            )
        )
        took = and_(
            Operation.kind.in_(TAKING),
            Operation.state == OperationState.SUCCESS,
            Operation.suspense.is_(False),
        )
        wanted = case((took, 1), else_=0)
        rows = session.execute(
            select(Operation.public_id, Operation.kind, Operation.state, in_force)
            .outerjoin(OperationEvent, OperationEvent.operation_id == Operation.id)
            .outerjoin(
                LedgerJournal,
                and_(
                    LedgerJournal.cause_type == "operation_event",
                    LedgerJournal.cause_id == OperationEvent.public_id,
                    LedgerJournal.livemode == Operation.livemode,
                ),
            )
            .group_by(Operation.public_id, Operation.kind, Operation.state, Operation.suspense)
            .having(in_force != wanted)
        )
        return [
            Violation(operation, f"{kind} is {state} with {count} capture journals in force")
            for operation, kind, state, count in rows
        ]
