"""The desk: opening a case where no rule may decide alone, and closing it when that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app.domain.identifiers import new_id
from app.models import DeskCase
from app.models.tenancy import actor_of
from app.queries import desk

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
    """Tell how much money waits now; a case that had ended is open again when it changed."""
    if case.amount_minor == amount_minor and case.state == OPEN:
        return
    if case.state != OPEN and case.amount_minor != amount_minor:
        case.state, case.resolution, case.resolved_by, case.resolved_at = OPEN, None, None, None
    case.amount_minor = amount_minor


def end_by_itself(
    session: Session, now: datetime, operation_id: int, kinds: Collection[str]
) -> None:
    """End the open cases of an operation: what they were about is over without a decision."""
    for case in desk.open_of_operation(session, operation_id, kinds):
        case.state = RESOLVED
        case.resolution = "by_itself"
        case.resolved_by = actor_of(session).label
        case.resolved_at = now
