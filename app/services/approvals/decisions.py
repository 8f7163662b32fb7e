"""Deciding on requests: the second person, and the maker who takes one back.

What was asked for is carried out in the transaction of the decision; conditional updates decide
who was first.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.identifiers import new_id
from app.domain.policies import POLICIES
from app.errors import ForbiddenError, IllegalStateError, NotFoundError, said
from app.models import ApprovalDecision
from app.models.tenancy import actor_of
from app.queries import approvals
from app.services.approvals.base import checked_reason
from app.services.approvals.commands import COMMANDS
from app.services.approvals.requests import CHANGED, lapse, trace

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import ApprovalRequest

_OVER = {
    approvals.APPROVED: said("has been approved already"),
    approvals.REJECTED: said("has been rejected already"),
    approvals.WITHDRAWN: said("has been withdrawn"),
    approvals.LAPSED: said("has lapsed"),
}


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of an approval: approved with its result, or lapsed since the object changed."""

    request: ApprovalRequest
    result_id: str

    @property
    def is_done(self) -> bool:
        """Whether what was asked for was done."""
        return self.request.state == approvals.APPROVED


def approve(session: Session, now: datetime, public_id: str, reason: str) -> Executed:
    """Approve a request and carry it out, both or neither.

    Where its object is not what the maker saw, the request lapses instead. Raises NotFoundError,
    BadInputError, ForbiddenError for the maker and for those without the permission,
    IllegalStateError where it does not wait any more, and whatever carrying it out raises.
    """
    row, actor, reason = _judged(session, now, public_id, reason)
    command = COMMANDS.get(row.command)
    if command is None:
        raise IllegalStateError(said("Nothing here can carry this out. Reject it."))
    # The object before the request: whoever changes it locks in this order too.
    command.lock(session, row.object_id)
    if command.digest(session, row.object_id) != row.object_digest:
        if not lapse(session, now, row, CHANGED):
            raise _over(session, public_id, now)
        return Executed(row, "")
    _end(session, now, row, approvals.APPROVED, actor)
    _decide(session, now, row, actor, approvals.APPROVED, reason)
    row.result_id = command.execute(session, now, json.loads(row.payload), row)
    sentence = said("Approved: {what}", what=row.sentence)
    trace(session, now, row, "approve", sentence, reason, before=approvals.WAITING)
    session.flush()
    return Executed(row, row.result_id)


def reject(session: Session, now: datetime, public_id: str, reason: str) -> ApprovalRequest:
    """Refuse a request; nothing of it is done. Raises like `approve`."""
    row, actor, reason = _judged(session, now, public_id, reason)
    _end(session, now, row, approvals.REJECTED, actor)
    _decide(session, now, row, actor, approvals.REJECTED, reason)
    sentence = said("Rejected: {what}", what=row.sentence)
    trace(session, now, row, "reject", sentence, reason, before=approvals.WAITING)
    return row


def withdraw(session: Session, now: datetime, public_id: str, reason: str = "") -> ApprovalRequest:
    """Take one's own request back.

    Raises NotFoundError, ForbiddenError for anybody but the maker, IllegalStateError where it does
    not wait any more.
    """
    row, actor = _waiting(session, now, public_id), actor_of(session)
    if actor.user_id != row.maker_user_id:
        raise ForbiddenError(said("Only {name} can withdraw this.", name=row.maker_label))
    if not approvals.end(session, row.id, approvals.WITHDRAWN, now):
        raise _over(session, public_id, now)
    session.refresh(row)
    sentence = said("Withdrawn: {what}", what=row.sentence)
    kept = checked_reason(reason) if reason.strip() else ""
    trace(session, now, row, "withdraw", sentence, kept, before=approvals.WAITING)
    return row


def why_not(actor: Actor, row: ApprovalRequest) -> str:
    """Return why somebody may not decide on a request, as a sentence; empty where they may."""
    if actor.user_id is None or not actor.may(POLICIES[row.command].checker):
        return said("Your role may not decide on this.")
    if actor.user_id == row.maker_user_id:
        return said("You asked for this yourself: somebody else has to decide.")
    return ""


def _judged(
    session: Session, now: datetime, public_id: str, reason: str
) -> tuple[ApprovalRequest, Actor, str]:
    row, actor = _waiting(session, now, public_id), actor_of(session)
    fault = why_not(actor, row)
    if fault:
        raise ForbiddenError(fault)
    return row, actor, checked_reason(reason)


def _waiting(session: Session, now: datetime, public_id: str) -> ApprovalRequest:
    row = approvals.get(session, public_id)
    if row is None:
        raise NotFoundError(said("There is no request {id}.", id=public_id))
    if row.state != approvals.WAITING or row.lapses_at <= now:
        raise _is_over(row)
    return row


def _end(session: Session, now: datetime, row: ApprovalRequest, state: str, actor: Actor) -> None:
    checker = (actor.user_id or 0, actor.label)
    if not approvals.end(session, row.id, state, now, checker=checker):
        raise _over(session, row.public_id, now)
    session.refresh(row)


def _decide(
    session: Session,
    now: datetime,
    row: ApprovalRequest,
    actor: Actor,
    verdict: str,
    reason: str,
) -> None:
    session.add(
        ApprovalDecision(
            public_id=new_id("apd", now),
            livemode=row.livemode,
            merchant_id=row.merchant_id,
            request_id=row.id,
            user_id=actor.user_id,
            label=actor.label,
            verdict=verdict,
            reason=reason,
            created_at=now,
        )
    )
    session.flush()


def _over(session: Session, public_id: str, now: datetime) -> IllegalStateError:
    """Say what somebody else made of it in this very moment."""
    row = approvals.get(session, public_id)
    if row is None or (row.state == approvals.WAITING and row.lapses_at > now):
        return IllegalStateError(said("This request is being decided on. Look again."))
    return _is_over(row)


def _is_over(row: ApprovalRequest) -> IllegalStateError:
    return IllegalStateError(
        said(
            "{request} {ended}: nothing more can be decided about it.",
            request=row.public_id,
            ended=_OVER.get(row.state, _OVER[approvals.LAPSED]),
        ),
        state=row.state,
    )
