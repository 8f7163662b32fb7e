"""Reads and conditional updates of price lists, and what fees are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import aliased

from app.domain.actors import ActorKind
from app.domain.operations import OperationKind, OperationState
from app.models import (
    LedgerAccount,
    LedgerJournal,
    LedgerLine,
    Merchant,
    Operation,
    OperationEvent,
    PriceList,
    PriceRule,
    SettlementSchedule,
)
from app.models.tenancy import actor_of
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

DRAFT, PUBLISHED = "draft", "published"
_LISTS = Keys(PriceList.created_at, PriceList.id, PriceList.public_id)
_LATER = aliased(PriceList)
NEXT_FROM = (
    select(func.min(_LATER.effective_from))
    .where(
        _LATER.merchant_id == PriceList.merchant_id,
        _LATER.livemode == PriceList.livemode,
        _LATER.currency == PriceList.currency,
        _LATER.state == PUBLISHED,
        _LATER.effective_from > PriceList.effective_from,
    )
    .correlate(PriceList)
    .scalar_subquery()
)
"""When the published list after a list begins."""


class Stage(StrEnum):
    """Where a list stands in time: a draft, still to come, in force, or followed by another."""

    DRAFT = "draft"
    COMING = "coming"
    IN_FORCE = "in_force"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilter:
    """What the list is narrowed to at `now`; empty values do nothing.

    `merchant` is a short name or the beginning of a name.
    """

    now: datetime
    merchant: str = ""
    currency: str = ""
    stages: tuple[str, ...] = ()


def stage_of(
    state: str, effective_from: datetime | None, next_from: datetime | None, now: datetime
) -> Stage:
    """Return where a list stands at `now`; `next_from` is when the one after it begins."""
    if state == DRAFT or effective_from is None:
        return Stage.DRAFT
    if effective_from > now:
        return Stage.COMING
    return Stage.PAST if next_from is not None and next_from <= now else Stage.IN_FORCE


def page(session: Session, wanted: ListFilter, window: Window) -> Slice:
    """Return one page of the price lists that the actor may see, newest first."""
    found = select(
        PriceList.public_id,
        PriceList.merchant_id,
        PriceList.currency,
        PriceList.effective_from,
        PriceList.state,
        PriceList.note,
        PriceList.created_by,
        PriceList.created_at,
        NEXT_FROM.label("next_from"),
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _LISTS, window)


def count(session: Session, wanted: ListFilter) -> CappedCount:
    """Count the price lists, as far as they are counted."""
    return keyset.counted(session, select(PriceList.id).where(*_conditions(session, wanted)))


def _conditions(session: Session, wanted: ListFilter) -> list[ColumnElement[bool]]:
    conditions = agreed(session)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(PriceList.merchant_id.in_(ids))
    if wanted.currency:
        conditions.append(PriceList.currency == wanted.currency)
    if wanted.stages:
        conditions.append(or_(*(_is_at(stage, wanted.now) for stage in wanted.stages)))
    return conditions


def agreed(session: Session) -> list[ColumnElement[bool]]:
    """Keep drafts from merchants: what is not published was not agreed yet."""
    is_merchant = actor_of(session).kind is ActorKind.MERCHANT
    return [PriceList.state == PUBLISHED] if is_merchant else []


def _is_at(stage: str, now: datetime) -> ColumnElement[bool]:
    if stage == Stage.DRAFT:
        return PriceList.state == DRAFT
    published = PriceList.state == PUBLISHED
    if stage == Stage.COMING:
        return and_(published, PriceList.effective_from > now)
    followed = now >= NEXT_FROM
    if stage == Stage.PAST:
        return and_(published, followed)
    begun = and_(published, PriceList.effective_from <= now)
    return and_(begun, or_(NEXT_FROM.is_(None), now < NEXT_FROM))


def get(session: Session, public_id: str) -> PriceList | None:
    """Return a price list that the actor may see, fresh from the database."""
    return session.scalars(
        select(PriceList)
        .where(PriceList.public_id == public_id, *agreed(session))
        .execution_options(populate_existing=True)
    ).one_or_none()


def rules(session: Session, list_id: int) -> Sequence[PriceRule]:
    """Return the rules of a list in the order in which they were written."""
    found = select(PriceRule).where(PriceRule.price_list_id == list_id).order_by(PriceRule.id)
    return session.scalars(found).all()


def in_force(session: Session, merchant_id: int, currency: str, at: datetime) -> PriceList | None:
    """Return the published list that counts for a merchant and currency at a moment."""
    return session.scalars(
        select(PriceList)
        .where(
            PriceList.merchant_id == merchant_id,
            PriceList.currency == currency,
            PriceList.state == PUBLISHED,
            PriceList.effective_from <= at,
        )
        .order_by(PriceList.effective_from.desc())
        .limit(1)
    ).one_or_none()


def versions(session: Session, merchant_id: int, currency: str) -> Sequence[PriceList]:
    """Return the published lists of a merchant and currency, newest first."""
    found = select(PriceList).where(
        PriceList.merchant_id == merchant_id,
        PriceList.currency == currency,
        PriceList.state == PUBLISHED,
    )
    return session.scalars(found.order_by(PriceList.effective_from.desc())).all()


def locked(session: Session, merchant_id: int, currency: str) -> Sequence[PriceList]:
    """Return all lists of a merchant and currency and lock them: one is published at a time."""
    return session.scalars(
        select(PriceList)
        .where(PriceList.merchant_id == merchant_id, PriceList.currency == currency)
        .order_by(PriceList.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def publish(session: Session, list_id: int, effective_from: datetime, now: datetime) -> bool:
    """Turn a draft into a published list; False when it is none (any more)."""
    published = (
        update(PriceList)
        .where(PriceList.id == list_id, PriceList.state == DRAFT)
        .values(state=PUBLISHED, effective_from=effective_from, published_at=now)
    )
    return changed(session, published) == 1


def reserve_bps(session: Session, merchant_id: int, method: str) -> int:
    """Return what is kept in reserve of a method's captures: its schedule, else that of all."""
    rows = session.execute(
        select(SettlementSchedule.method, SettlementSchedule.reserve_bps).where(
            SettlementSchedule.merchant_id == merchant_id,
            SettlementSchedule.method.in_((method, "")),
        )
    )
    found = {row.method: row.reserve_bps for row in rows}
    return int(found.get(method, found.get("", 0)))


def captured_between(
    session: Session,
    merchant_id: int,
    currency: str,
    begins: datetime,
    ends: datetime,
    *,
    but: int | None = None,
) -> int:
    """Return what a merchant captured in a span of time, by when it was asked for; minor units.

    `but` is the key of an operation that does not count.
    """
    effect = func.coalesce(Operation.moved_minor, Operation.amount_minor)
    conditions = [
        Operation.merchant_id == merchant_id,
        Operation.kind.in_((OperationKind.PURCHASE, OperationKind.CAPTURE)),
        Operation.created_at >= begins,
        Operation.created_at < ends,
        Operation.state == OperationState.SUCCESS,
        Operation.currency == currency,
        Operation.suspense.is_(False),
    ]
    if but is not None:
        conditions.append(Operation.id != but)
    found = select(func.coalesce(func.sum(effect), 0)).where(*conditions)
    return int(session.scalar(found) or 0)


def posted(
    session: Session, operation: Operation, cause_id: str, kinds: Collection[str]
) -> LedgerJournal | None:
    """Return the newest journal of these kinds made by a cause or an operation's events."""
    events = select(OperationEvent.public_id).where(OperationEvent.operation_id == operation.id)
    return session.scalars(
        select(LedgerJournal)
        .where(
            LedgerJournal.payment_id == operation.payment_id,
            LedgerJournal.cause_id.in_([*session.scalars(events), cause_id]),
            LedgerJournal.kind.in_(kinds),
        )
        .order_by(LedgerJournal.id.desc())
        .limit(1)
    ).one_or_none()


def sums_by_account(session: Session, payment_id: int, kinds: Collection[str]) -> Mapping[str, int]:
    """Return account code → sum (debits positive) of a payment's lines of these kinds."""
    rows = session.execute(
        select(LedgerAccount.code, func.sum(LedgerLine.amount_minor))
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .where(LedgerLine.payment_id == payment_id, LedgerLine.kind.in_(kinds))
        .group_by(LedgerAccount.code)
    )
    return {code: int(amount) for code, amount in rows}


def merchant(session: Session, text: str) -> Merchant | None:
    """Return a merchant that the actor may see by its short name or public id."""
    found = select(Merchant).where((Merchant.key == text) | (Merchant.public_id == text))
    return session.scalars(found).one_or_none()


def has_any(session: Session, merchant_id: int, currency: str) -> bool:
    """Tell whether a merchant has a published list in a currency."""
    found = select(PriceList.id).where(
        PriceList.merchant_id == merchant_id,
        PriceList.currency == currency,
        PriceList.state == PUBLISHED,
    )
    return session.scalars(found.limit(1)).one_or_none() is not None
