"""Schedules of settlement, and the lots that wait for their release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, update

from app.domain.ledger.lots import LotState
from app.domain.payments import DisputeStatus
from app.models import Dispute, LedgerAccount, LedgerLine, Lot, Payment, SettlementSchedule
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

OVER = (DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.ACCEPTED, DisputeStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class DueLot:
    """A lot whose date has come, before its payment is locked."""

    id: int
    payment_id: int
    currency: str


def schedule(session: Session, merchant_id: int, method: str) -> SettlementSchedule | None:
    """Return a merchant's schedule for a method: its own, else the one for all methods."""
    return session.scalars(
        select(SettlementSchedule)
        .where(
            SettlementSchedule.merchant_id == merchant_id,
            SettlementSchedule.method.in_((method, "")),
        )
        .order_by(SettlementSchedule.method.desc())
        .limit(1)
    ).one_or_none()


def is_held() -> ColumnElement[bool]:
    """Return the condition of a lot that an open dispute of its payment keeps from its release."""
    return exists().where(Dispute.payment_id == Lot.payment_id, Dispute.status.not_in(OVER))


def due(session: Session, now: datetime, limit: int) -> Sequence[DueLot]:
    """Return the actor's lots whose date has come, of one currency, the oldest date first."""
    rows = session.execute(
        select(Lot.id, Lot.payment_id, Lot.currency)
        .where(Lot.state == LotState.HELD, Lot.release_at <= now, ~is_held())
        .order_by(Lot.release_at, Lot.id)
        .limit(limit)
    )
    found = [DueLot(lot_id, payment_id, currency) for lot_id, payment_id, currency in rows]
    return [lot for lot in found if lot.currency == found[0].currency]


def lock(session: Session, payment_ids: Collection[int]) -> None:
    """Lock payments in ascending order, before anything else of them is locked."""
    found = select(Payment.id).where(Payment.id.in_(payment_ids)).order_by(Payment.id)
    session.execute(found.with_for_update()).all()


def held_lots(session: Session, payment_ids: Collection[int]) -> Sequence[Lot]:
    """Return the lots of locked payments that were not released, oldest first."""
    found = select(Lot).where(Lot.payment_id.in_(payment_ids), Lot.state == LotState.HELD)
    found = found.order_by(Lot.id).execution_options(populate_existing=True)
    return session.scalars(found).all()


def disputed(session: Session, payment_ids: Collection[int]) -> set[int]:
    """Return which of these payments have an open dispute."""
    found = select(Dispute.payment_id).where(
        Dispute.payment_id.in_(payment_ids), Dispute.status.not_in(OVER)
    )
    return set(session.scalars(found))


def held_minor(
    session: Session, payment_ids: Collection[int], codes: Collection[str]
) -> dict[tuple[int, str, str], int]:
    """Return (payment, code, currency) → what lines of payments hold: credits less debits."""
    rows = session.execute(
        select(
            LedgerLine.payment_id,
            LedgerAccount.code,
            LedgerLine.currency,
            func.sum(LedgerLine.amount_minor),
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.payment_id.in_(payment_ids), LedgerAccount.code.in_(codes))
        .group_by(LedgerLine.payment_id, LedgerAccount.code, LedgerLine.currency)
    )
    return {
        (payment_id or 0, code, currency): -int(amount)
        for payment_id, code, currency, amount in rows
    }


def last_lot(session: Session, operation_id: int, kind: str) -> Lot | None:
    """Return the newest lot of an operation and kind."""
    found = select(Lot).where(Lot.operation_id == operation_id, Lot.kind == kind)
    return session.scalars(found.order_by(Lot.number.desc()).limit(1)).one_or_none()


def take(session: Session, lot_id: int, now: datetime) -> bool:
    """Mark a lot as released; False where that was done already."""
    return (
        changed(
            session,
            update(Lot)
            .where(Lot.id == lot_id, Lot.state == LotState.HELD)
            .values(state=LotState.RELEASED, released_at=now),
        )
        == 1
    )
