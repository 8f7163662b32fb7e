"""The lines of a merchant's own accounts, newest first, paged by their number.

No index knows a line's kind or moment. So where a page is narrowed by these, so many lines are read
and no more, and a page may end before it is full: its cursor goes on from where the reading ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, union_all

from app.models import LedgerAccount, LedgerLine, Lot, Payment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    Found = Row[int, str, int, str, datetime, str, int | None, str | None]

MOST_READ: Final = 10_000
"""How many lines are looked through for a page that is narrowed by what no index knows."""

_INDEX: Final = "FORCE INDEX (ix_ledger_line_account)"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilter:
    """What the lines are narrowed to; empty values do not narrow.

    `created_from` is included, `created_before` is not; `payment_id` is the key of a payment,
    `merchant_id` that of a merchant, for whoever sees several; `place` is the last part of the
    accounts' codes.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    currency: str = ""
    kind: str = ""
    payment_id: int | None = None
    place: str = ""
    merchant_id: int | None = None

    @property
    def is_searched(self) -> bool:
        """Whether lines have to be read to know whether they are meant."""
        narrowed = self.kind or self.created_from or self.created_before
        return bool(narrowed) and self.payment_id is None


@dataclass(frozen=True, slots=True)
class LinePage:
    """Lines, newest first, and the number after which the next page begins, if there is one."""

    rows: Sequence[Found]
    cursor: int | None


def page(
    session: Session,
    wanted: LineFilter,
    *,
    limit: int,
    older: int | None = None,
    newer: int | None = None,
) -> LinePage:
    """Return the lines older than a line, or just newer than one; else the newest."""
    lines = _Lines(_accounts(session, wanted), wanted, older, newer)
    if not lines.accounts:
        return LinePage([], None)
    end = session.scalar(lines.end()) if wanted.is_searched else None
    ids = session.scalars(lines.ids(end, limit + 1)).all()
    cursor = ids[limit - 1] if len(ids) > limit else end
    rows = session.execute(_rows().where(LedgerLine.id.in_(ids[:limit]))).all()
    return LinePage(sorted(rows, key=lambda row: -row[0]), cursor)


def one(session: Session, number: int) -> Found | None:
    """Return a line of the actor's own accounts by its number."""
    own = LedgerAccount.merchant_id.is_not(None)
    return session.execute(_rows().where(LedgerLine.id == number, own)).one_or_none()


def of_same_occasion(session: Session, number: int) -> Sequence[Found]:
    """Return the lines of the merchant's accounts in the journal of a line, oldest first."""
    journal = select(LedgerLine.journal_id).where(LedgerLine.id == number).scalar_subquery()
    own = LedgerAccount.merchant_id.is_not(None)
    found = _rows().where(LedgerLine.journal_id == journal, own)
    return session.execute(found.order_by(LedgerLine.id)).all()


def merchant_of(session: Session, number: int) -> int | None:
    """Return the merchant of a line; None for the house's and those that the actor cannot see."""
    return session.scalar(select(LedgerLine.merchant_id).where(LedgerLine.id == number))


def releases(
    session: Session, payment_ids: Collection[int]
) -> dict[tuple[int, str, datetime], datetime]:
    """Return (payment, kind of lot, moment of its making) → when the lots of payments are due."""
    rows = session.execute(
        select(Lot.payment_id, Lot.kind, Lot.created_at, Lot.release_at).where(
            Lot.payment_id.in_(payment_ids)
        )
    )
    return {(payment, kind, made): due for payment, kind, made, due in rows}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of some accounts beyond an edge, in the order in which they are read."""

    accounts: Sequence[int]
    wanted: LineFilter
    older: int | None
    newer: int | None

    def end(self) -> Select[int]:
        """Select the last line that is looked through, where there are more than may be."""
        return self._of(()).limit(1).offset(MOST_READ - 1)

    def ids(self, end: int | None, limit: int) -> Select[int]:
        """Select so many of the lines that are meant, up to the end of what is looked through."""
        conditions = _conditions(self.wanted)
        if end is not None:
            upward = self.newer is not None
            conditions.append(LedgerLine.id <= end if upward else LedgerLine.id >= end)
        return self._of(conditions, limit).limit(limit)

    def _of(self, conditions: Sequence[ColumnElement[bool]], limit: int = MOST_READ) -> Select[int]:
        if self.wanted.payment_id is not None:
            mine = LedgerLine.account_id.in_(self.accounts)
            return self._beyond(conditions).where(mine)
        # Each account is read by its index, and only so far; then they are put in order.
        several = [
            self._beyond(conditions)
            .where(LedgerLine.account_id == each)
            .with_hint(LedgerLine, _INDEX, "mysql")
            .limit(limit)
            .subquery()
            for each in self.accounts
        ]
        every = union_all(*(select(each.c.id) for each in several)).subquery()
        order = every.c.id.asc() if self.newer is not None else every.c.id.desc()
        return select(every.c.id).order_by(order)

    def _beyond(self, conditions: Sequence[ColumnElement[bool]]) -> Select[int]:
        found = select(LedgerLine.id).where(*conditions)
        if self.newer is not None:
            return found.where(LedgerLine.id > self.newer).order_by(LedgerLine.id.asc())
        if self.older is not None:
            found = found.where(LedgerLine.id < self.older)
        return found.order_by(LedgerLine.id.desc())


def _accounts(session: Session, wanted: LineFilter) -> Sequence[int]:
    found = select(LedgerAccount.id).where(LedgerAccount.merchant_id.is_not(None))
    if wanted.currency:
        found = found.where(LedgerAccount.currency == wanted.currency)
    if wanted.place:
        found = found.where(LedgerAccount.code.endswith(f":{wanted.place}", autoescape=True))
    if wanted.merchant_id is not None:
        found = found.where(LedgerAccount.merchant_id == wanted.merchant_id)
    return session.scalars(found.order_by(LedgerAccount.id)).all()


def _rows() -> Select[int, str, int, str, datetime, str, int | None, str | None]:
    return (
        select(
            LedgerLine.id,
            LedgerLine.kind,
            LedgerLine.amount_minor,
            LedgerLine.currency,
            LedgerLine.created_at,
            LedgerAccount.code,
            LedgerLine.payment_id,
            Payment.public_id,
        )
        .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
        .outerjoin(Payment, Payment.id == LedgerLine.payment_id)
    )


def _conditions(wanted: LineFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.created_from is not None:
        conditions.append(LedgerLine.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(LedgerLine.created_at < wanted.created_before)
    if wanted.kind:
        conditions.append(LedgerLine.kind == wanted.kind)
    if wanted.payment_id is not None:
        conditions.append(LedgerLine.payment_id == wanted.payment_id)
    return conditions
