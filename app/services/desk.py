"""The desk: opening a case where no rule may decide alone, and closing it when that is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.domain.identifiers import new_id
from app.models import DeskCase
from app.queries import desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.money import Money


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
        state="open",
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
