"""The desk: opening a case where no rule may decide alone, and closing it when that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app.domain.desk import BY_ITSELF
from app.domain.identifiers import new_id
from app.errors import ForbiddenError, IllegalStateError, NotFoundError, said
from app.models import DeskCase
from app.models.tenancy import actor_of
from app.queries import desk
from app.services import audit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.money import Money

OPEN: Final = "open"
RESOLVED: Final = "resolved"


def open_case(
    session: Session,
    now: datetime,
    *,
    case_key: str,
    kind: str,
    text: str,
    livemode: bool,
    merchant_id: int | None,
    payment_id: int | None = None,
    operation_id: int | None = None,
    amount: Money | None = None,
) -> DeskCase:
    """Open the case of `case_key`, or return the one that is there, ended or not.

    `amount` is the money that waits for the decision.
    """
    known = desk.by_key(session, case_key)
    if known is not None:
        return known
    case = DeskCase(
        public_id=new_id("case", now),
        livemode=livemode,
        merchant_id=merchant_id,
        case_key=case_key,
        kind=kind,
        state=OPEN,
        payment_id=payment_id,
        operation_id=operation_id,
        amount_minor=None if amount is None else amount.amount_minor,
        currency=None if amount is None else amount.currency,
        text=text[:255],
        opened_at=now,
    )
    try:
        with session.begin_nested():
            session.add(case)
            session.flush()
    except IntegrityError:
        known = desk.by_key(session, case_key)
        if known is None:
            raise
        return known
    return case


def find(session: Session, case_key: str) -> DeskCase | None:
    """Return the case of a key, ended or not."""
    return desk.by_key(session, case_key)


def set_amount(case: DeskCase, amount_minor: int) -> None:
    """Tell how much money waits now; a case that had ended is open again."""
    if case.state != OPEN:
        case.state, case.resolution, case.resolved_by, case.resolved_at = OPEN, None, None, None
    case.amount_minor = amount_minor


def end_by_itself(
    session: Session, now: datetime, operation_id: int, kinds: Collection[str]
) -> None:
    """End the open cases of an operation: what they were about is over without a decision."""
    for case in desk.open_of_operation(session, operation_id, kinds):
        end(session, now, case)


def end(session: Session, now: datetime, case: DeskCase, note: str = "") -> None:
    """End an open case by itself; `note` tells what has made it pointless."""
    case.state = RESOLVED
    case.resolution = BY_ITSELF
    case.note = note[:255] or None
    case.resolved_by = actor_of(session).label
    case.resolved_at = now


def claim(session: Session, now: datetime, public_id: str) -> DeskCase:
    """Take a case, so that nobody else works on it; of several at once the first one has it.

    Raises NotFoundError, ForbiddenError where nobody in person asks, and IllegalStateError where
    it has ended or is somebody's.
    """
    actor = actor_of(session)
    if actor.user_id is None:
        raise ForbiddenError(said("Only a person can claim a case."))
    case = _found(session, public_id)
    if not desk.claim(session, case.id, actor.user_id, actor.label):
        session.refresh(case)
        raise IllegalStateError(_why_not_claimed(case))
    session.refresh(case)
    _trace(session, now, case, "desk.claim", said("Claimed by {name}", name=actor.label))
    return case


def release(session: Session, now: datetime, public_id: str) -> DeskCase:
    """Give a case back to the queue, also one that a colleague has claimed.

    Raises NotFoundError, and IllegalStateError where nobody has it.
    """
    case = _found(session, public_id)
    holder, label = case.claimed_by, case.claimed_label
    if holder is None or not desk.release(session, case.id, holder):
        raise IllegalStateError(said("Nobody has claimed case {case}.", case=public_id))
    session.refresh(case)
    sentence = said("Given back to the queue; {name} had claimed it", name=label or "")
    _trace(session, now, case, "desk.release", sentence)
    return case


def _found(session: Session, public_id: str) -> DeskCase:
    case = desk.get(session, public_id)
    if case is None:
        raise NotFoundError(said("There is no case {case}.", case=public_id))
    return case


def _why_not_claimed(case: DeskCase) -> str:
    if case.state != OPEN:
        return said("Case {case} has ended already.", case=case.public_id)
    return said(
        "{name} has claimed case {case}. Work on another one, or have it given back first.",
        name=case.claimed_label or "",
        case=case.public_id,
    )


def _trace(session: Session, now: datetime, case: DeskCase, action: str, sentence: str) -> None:
    audit.record(
        session,
        now,
        action=action,
        object_type="desk_case",
        object_id=case.public_id,
        sentence=sentence,
        after={"claimed_by": case.claimed_label or ""},
        merchant_id=case.merchant_id,
        livemode=case.livemode,
    )
