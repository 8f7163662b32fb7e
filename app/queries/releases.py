"""The list of what will become available to merchants: held lots, the nearest date first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.domain.ledger import lots
from app.domain.ledger.accounts import qualify
from app.domain.ledger.lots import LotKind, LotState
from app.models import Lot, Merchant, Payment
from app.queries import keyset, listing, settlement
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_LOTS = Keys(Lot.release_at, Lot.id, Lot.public_id, oldest_first=True)
MOST_DATES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFilter:
    """What the list is narrowed to; empty values do not narrow.

    `release_from` is included, `release_before` is not; `kind` is pending or reserve.
    """

    release_from: datetime | None = None
    release_before: datetime | None = None
    kind: str = ""
    currency: str = ""
    merchant: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coming:
    """A held lot: what was put aside and what is left of it to be released, in minor units.

    `is_disputed`: an open dispute of its payment keeps it from its release.
    """

    public_id: str
    merchant_id: int
    release_at: datetime
    kind: str
    currency: str
    amount_minor: int
    left_minor: int
    is_disputed: bool
    payment_public_id: str
    reference: str


def page(session: Session, wanted: ReleaseFilter, window: Window) -> Slice:
    """Return one page of the held lots that the actor may see, the nearest date first."""
    found = (
        select(
            Lot.id,
            Lot.public_id,
            Lot.merchant_id,
            Lot.payment_id,
            Lot.release_at,
            Lot.kind,
            Lot.currency,
            Lot.amount_minor,
            settlement.is_held().label("is_disputed"),
            Payment.public_id.label("payment_public_id"),
            Payment.reference,
        )
        .join(Payment, Payment.id == Lot.payment_id)
        .where(*_conditions(session, wanted))
    )
    part = listing.page(session, found, _LOTS, window)
    left = _left_minor(session, part.rows)
    rows = [
        Coming(
            public_id=row.public_id,
            merchant_id=row.merchant_id,
            release_at=row.release_at,
            kind=row.kind,
            currency=row.currency,
            amount_minor=row.amount_minor,
            left_minor=left.get(row.id, 0),
            is_disputed=bool(row.is_disputed),
            payment_public_id=row.payment_public_id,
            reference=row.reference,
        )
        for row in part.rows
    ]
    return Slice(rows, older=part.older, newer=part.newer)


def count(session: Session, wanted: ReleaseFilter) -> CappedCount:
    """Count the lots of the list, as far as they are counted."""
    return keyset.counted(session, select(Lot.id).where(*_conditions(session, wanted)))


def dates(
    session: Session, wanted: ReleaseFilter
) -> Sequence[Row[datetime, int, str, str, int, int]]:
    """Return what was put aside for the nearest dates, by merchant, currency and kind.

    Each row has release_at, merchant_id, currency, kind, amount_minor and number (of lots).
    """
    found = (
        select(
            Lot.release_at,
            Lot.merchant_id,
            Lot.currency,
            Lot.kind,
            func.sum(Lot.amount_minor).label("amount_minor"),
            func.count().label("number"),
        )
        .where(*_conditions(session, wanted))
        .group_by(Lot.release_at, Lot.merchant_id, Lot.currency, Lot.kind)
        .order_by(Lot.release_at, Lot.merchant_id, Lot.currency, Lot.kind)
    )
    return session.execute(found.limit(MOST_DATES)).all()


def _left_minor(session: Session, rows: Sequence[Any]) -> dict[int, int]:
    """Return lot → what is left of it, as its release would find it now."""
    payment_ids = {row.payment_id for row in rows}
    if not payment_ids:
        return {}
    merchants = {row.merchant_id for row in rows}
    named = select(Merchant.id, Merchant.public_id).where(Merchant.id.in_(merchants))
    codes = {
        (merchant_id, kind): qualify(lots.account(kind), merchant=public_id)
        for merchant_id, public_id in session.execute(named)
        for kind in LotKind
    }
    minor = settlement.held_minor(session, payment_ids, tuple(codes.values()))
    groups: dict[tuple[int, str, str], list[Lot]] = {}
    for lot in settlement.held_lots(session, payment_ids):
        key = (lot.payment_id, codes[lot.merchant_id, LotKind(lot.kind)], lot.currency)
        groups.setdefault(key, []).append(lot)
    found: dict[int, int] = {}
    for key, group in groups.items():
        parts = lots.left([lot.amount_minor for lot in group], minor.get(key, 0))
        found.update(zip((lot.id for lot in group), parts, strict=True))
    return found


def _conditions(session: Session, wanted: ReleaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Lot.state == LotState.HELD]
    exact = ((Lot.kind, wanted.kind), (Lot.currency, wanted.currency))
    conditions += [column == value for column, value in exact if value]
    if wanted.release_from is not None:
        conditions.append(Lot.release_at >= wanted.release_from)
    if wanted.release_before is not None:
        conditions.append(Lot.release_at < wanted.release_before)
    if wanted.merchant:
        conditions.append(Lot.merchant_id.in_(listing.merchant_ids(session, wanted.merchant)))
    if wanted.ids:
        conditions.append(Lot.public_id.in_(wanted.ids))
    return conditions
