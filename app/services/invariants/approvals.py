"""Two different people stand behind what needs two, and what they approved was done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import and_, case, func, or_, select

from app.domain import policies
from app.domain.operations import OperationKind
from app.models import ApprovalDecision, ApprovalRequest, AuditEntry, Operation
from app.queries.approvals import APPROVED, REJECTED, WAITING
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_DECIDED = (APPROVED, REJECTED)


class MakerIsNotChecker:
    """Nobody decides on what they asked for."""

    name: ClassVar[str] = "maker_is_not_checker"
    sentence: ClassVar[str] = (
        "each request that was approved or rejected has one decision, by somebody else than its "
        "maker, and no other request has one"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return requests that their maker decided on, or whose decision is missing or too much."""
        return [*_own(session), *_undecided(session)]


class ApprovedOnce:
    """What was approved was carried out exactly once."""

    name: ClassVar[str] = "approved_once"
    sentence: ClassVar[str] = (
        "each approved request has its result and one entry in the audit trail, one that was not "
        "approved has neither, and each approved refund is one refund of its amount"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return requests whose result or entry is missing or too much, and refunds that differ."""
        return [*_results(session), *_refunds(session)]


def _own(session: Session) -> list[Violation]:
    rows = session.execute(
        select(ApprovalRequest.public_id, ApprovalRequest.maker_label)
        .outerjoin(ApprovalDecision, ApprovalDecision.request_id == ApprovalRequest.id)
        .where(
            or_(
                ApprovalRequest.checker_user_id == ApprovalRequest.maker_user_id,
                ApprovalDecision.user_id == ApprovalRequest.maker_user_id,
            )
        )
        .distinct()
    )
    return [Violation(request, f"was decided on by its maker {maker}") for request, maker in rows]


def _undecided(session: Session) -> list[Violation]:
    number = func.count(ApprovalDecision.id)
    fitting = and_(
        ApprovalDecision.verdict == ApprovalRequest.state,
        ApprovalDecision.user_id == ApprovalRequest.checker_user_id,
    )
    agreeing = func.coalesce(func.sum(case((fitting, 1), else_=0)), 0)
    wanted = case((ApprovalRequest.state.in_(_DECIDED), 1), else_=0)
    rows = session.execute(
        select(ApprovalRequest.public_id, ApprovalRequest.state, number, agreeing)
        .outerjoin(ApprovalDecision, ApprovalDecision.request_id == ApprovalRequest.id)
        .group_by(ApprovalRequest.id, ApprovalRequest.public_id, ApprovalRequest.state)
        .having(or_(number != wanted, agreeing != wanted))
    )
    return [
        Violation(request, f"is {state} with {count} decisions, {agree} of them say so")
        for request, state, count, agree in rows
    ]


def _results(session: Session) -> list[Violation]:
    number = func.count(AuditEntry.id)
    approved = case((ApprovalRequest.state == APPROVED, 1), else_=0)
    has_result = case((ApprovalRequest.result_id.is_not(None), 1), else_=0)
    is_open = case((ApprovalRequest.open_key.is_not(None), 1), else_=0)
    waits = case((ApprovalRequest.state == WAITING, 1), else_=0)
    entry = and_(
        AuditEntry.object_id == ApprovalRequest.public_id,
        AuditEntry.action == "approvals.approve",
    )
    rows = session.execute(
        select(ApprovalRequest.public_id, ApprovalRequest.state, has_result, number)
        .outerjoin(AuditEntry, entry)
        .group_by(
            ApprovalRequest.id,
            ApprovalRequest.public_id,
            ApprovalRequest.state,
            ApprovalRequest.result_id,
            ApprovalRequest.open_key,
        )
        .having(or_(number != approved, has_result != approved, is_open != waits))
    )
    return [
        Violation(request, f"is {state} with {results} results and {entries} entries")
        for request, state, results, entries in rows
    ]


def _refunds(session: Session) -> list[Violation]:
    refund = and_(
        Operation.public_id == ApprovalRequest.result_id,
        Operation.kind == OperationKind.REFUND,
        Operation.amount_minor == ApprovalRequest.amount_minor,
        Operation.currency == ApprovalRequest.currency,
    )
    approved = (ApprovalRequest.command == policies.REFUND, ApprovalRequest.state == APPROVED)
    rows = session.execute(
        select(ApprovalRequest.public_id, ApprovalRequest.result_id)
        .outerjoin(Operation, refund)
        .where(*approved, Operation.id.is_(None))
    ).all()
    shared: Any = session.scalars(
        select(ApprovalRequest.result_id)
        .where(*approved)
        .group_by(ApprovalRequest.result_id)
        .having(func.count() > 1)
    )
    return [
        *(Violation(request, f"{result} is no refund of its amount") for request, result in rows),
        *(Violation(result, "is the result of several requests") for result in shared),
    ]
