"""Reads and locks of payment links, and what their payments say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, case, func, not_, or_, select, union_all

from app.domain.payment_links import LinkState
from app.models import BulkRow, BulkUpload, Payment, PaymentLink
from app.queries import keyset, listing
from app.queries.listing import PAGE_ROWS, Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

MOST_READ: Final = 10_000
"""How many payments of a link are read to say what came of it: the newest ones."""
_KEYS: Final = Keys(PaymentLink.created_at, PaymentLink.id, PaymentLink.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFilter:
    """What the list is narrowed to; empty values do nothing.

    `merchant` is a short name, an id or the beginning of a name, `title` the beginning of a title,
    `upload` the public id of a file whose rows made them;
    `states` are values of LinkState as they are at `now`.
    """

    now: datetime
    created_from: datetime | None = None
    created_before: datetime | None = None
    merchant: str = ""
    title: str = ""
    kind: str = ""
    upload: str = ""
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a link: payments opened, payments paid, their sum, and when the newest began.

    The sum is what was captured, in minor units of the link's currency. `more` where there are more
    payments than were read.
    """

    opened: int = 0
    paid: int = 0
    paid_minor: int = 0
    newest_paid_at: datetime | None = None
    more: bool = False


NOTHING: Final = Came()


def page(session: Session, wanted: LinkFilter, window: Window) -> Slice:
    """Return one page of the links that the actor may see, newest first."""
    found = select(
        PaymentLink.id,
        PaymentLink.public_id,
        PaymentLink.merchant_id,
        PaymentLink.title,
        PaymentLink.kind,
        PaymentLink.reference,
        PaymentLink.amount_minor,
        PaymentLink.least_minor,
        PaymentLink.most_minor,
        PaymentLink.currency,
        PaymentLink.most_payments,
        PaymentLink.expires_at,
        PaymentLink.switched_off_at,
        PaymentLink.created_at,
        PaymentLink.created_by,
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _KEYS, window)


def count(session: Session, wanted: LinkFilter) -> CappedCount:
    """Count the links of the list, as far as they are counted."""
    return keyset.counted(session, select(PaymentLink.id).where(*_conditions(session, wanted)))


def get(session: Session, public_id: str) -> PaymentLink | None:
    """Return a link that the actor may see, fresh from the database."""
    found = select(PaymentLink).where(PaymentLink.public_id == public_id)
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def by_id(session: Session, link_id: int) -> PaymentLink | None:
    """Return a link by its key, where the actor may see it."""
    return session.scalars(select(PaymentLink).where(PaymentLink.id == link_id)).one_or_none()


def several(session: Session, public_ids: Sequence[str]) -> list[PaymentLink]:
    """Return links in the order of their ids."""
    found = select(PaymentLink).where(PaymentLink.public_id.in_(public_ids))
    known = {row.public_id: row for row in session.scalars(found)}
    return [known[each] for each in public_ids if each in known]


def lock(session: Session, public_id: str) -> PaymentLink | None:
    """Return a link as it is now and lock its row until the end of the unit of work."""
    found = select(PaymentLink).where(PaymentLink.public_id == public_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def paid_number(session: Session, row: PaymentLink) -> int:
    """Count how often a link was paid: exact as far as it may be paid, if that is limited."""
    paid = select(Payment.id).where(*_of(row.merchant_id, row.id), Payment.captured_minor > 0)
    if row.most_payments is not None:
        paid = paid.limit(row.most_payments)
    return session.scalar(select(func.count()).select_from(paid.subquery())) or 0


def held_number(session: Session, row: PaymentLink, limit: int) -> int:
    """Count the payments of a link that have paid or may still pay, at most `limit`."""
    held = select(Payment.id).where(*_of(row.merchant_id, row.id), _holds()).limit(limit)
    return session.scalar(select(func.count()).select_from(held.subquery())) or 0


def holding(session: Session, row: PaymentLink) -> Payment | None:
    """Return the payment of a link that has paid or may still pay, the oldest, fresh."""
    found = (
        select(Payment)
        .where(*_of(row.merchant_id, row.id), _holds())
        .order_by(Payment.created_at, Payment.id)
        .limit(1)
    )
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def came(session: Session, links: Sequence[tuple[int, int]]) -> dict[int, Came]:
    """Return link's key → what came of it, for (key, merchant's key) of a page's links.

    One statement a page, in which no link reads more than MOST_READ payments, from the index alone.
    It is not kept in the link: every payment that pays would then wait for the lock of its link.
    """
    found: dict[int, Came] = {}
    for first in range(0, len(links), PAGE_ROWS):
        found |= _came(session, links[first : first + PAGE_ROWS])
    return found


def _came(session: Session, links: Sequence[tuple[int, int]]) -> dict[int, Came]:
    parts = [
        select(Payment.payment_link_id, Payment.captured_minor, Payment.created_at)
        .where(*_of(merchant_id, link_id))
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(MOST_READ + 1)
        .subquery()
        for link_id, merchant_id in links
    ]
    every = union_all(*(select(part) for part in parts)).subquery()
    is_paid = every.c.captured_minor > 0
    rows = session.execute(
        select(
            every.c.payment_link_id,
            func.count(),
            func.sum(case((is_paid, 1), else_=0)),
            func.sum(every.c.captured_minor),
            func.max(case((is_paid, every.c.created_at))),
        ).group_by(every.c.payment_link_id)
    )
    return {
        link_id: Came(min(opened, MOST_READ), int(paid), int(total), newest, opened > MOST_READ)
        for link_id, opened, paid, total, newest in rows
    }


def _of(merchant_id: int, link_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return what finds a link's payments; the merchant leads into the index, also for staff."""
    return (Payment.merchant_id == merchant_id, Payment.payment_link_id == link_id)


def _holds() -> ColumnElement[bool]:
    open_ = and_(Payment.closed.is_(None), Payment.void_asked.is_(False))
    return or_(open_, Payment.captured_minor > 0, Payment.authorized_minor > 0)


def _conditions(session: Session, wanted: LinkFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.created_from is not None:
        conditions.append(PaymentLink.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(PaymentLink.created_at < wanted.created_before)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(PaymentLink.merchant_id.in_(ids))
    if wanted.title:
        conditions.append(PaymentLink.title.startswith(wanted.title, autoescape=True))
    if wanted.kind:
        conditions.append(PaymentLink.kind == wanted.kind)
    if wanted.upload:
        made = select(BulkRow.payment_link_id).join(BulkUpload, BulkUpload.id == BulkRow.upload_id)
        of_file = BulkUpload.public_id == wanted.upload, BulkRow.payment_link_id.is_not(None)
        conditions.append(PaymentLink.id.in_(made.where(*of_file)))
    if wanted.states:
        conditions.append(or_(*(_stands(wanted.now, state) for state in wanted.states)))
    return conditions


def _stands(now: datetime, state: str) -> ColumnElement[bool]:
    """Say in SQL what `domain.payment_links.state` says of a row."""
    paid = PaymentLink.most_payments.is_not(None) & (_paid() >= PaymentLink.most_payments)
    is_off = PaymentLink.switched_off_at.is_not(None)
    is_over = PaymentLink.expires_at.is_not(None) & (PaymentLink.expires_at <= now)
    match LinkState(state):
        case LinkState.PAID:
            return paid
        case LinkState.OFF:
            return and_(is_off, not_(paid))
        case LinkState.EXPIRED:
            return and_(not_(is_off), is_over, not_(paid))
        case _:
            return and_(not_(is_off), not_(is_over), not_(paid))


def _paid() -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            Payment.merchant_id == PaymentLink.merchant_id,
            Payment.livemode == PaymentLink.livemode,
            Payment.payment_link_id == PaymentLink.id,
            Payment.captured_minor > 0,
        )
        .correlate(PaymentLink)
        .scalar_subquery()
    )
