"""Who paid: payments put together by the e-mail address that they name, in each merchant.

A payer stands in the list where its newest payment stands. No index tells the newest payment of a
payer from its others, so a page looks through so many payments and no more: it may end before it
is full, and the next one goes on from where the looking ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import aliased

from app.adapters.crypto import blind_index
from app.errors import NotFoundError, said
from app.models import Payment
from app.queries import payment_paths
from app.queries.listing import Slice, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, ScalarSelect, Select
    from sqlalchemy.orm import Session


MOST_READ: Final = 5_000
"""How many payments are looked through for the payers of one page."""

_PLACED: Final = (Payment.id, Payment.created_at, Payment.public_id)
_EMAIL: Final = "payment.customer_email"
_OF_PAYER: Final = "ix_payment_merchant_email"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFilter:
    """What the list is narrowed to; empty values do not narrow.

    Days are those of a payer's newest payment; `paid_from` is included, `paid_before` is not.
    """

    merchant_id: int | None = None
    email: str = ""
    paid_from: datetime | None = None
    paid_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """What tells a payer: the merchant, and the blind index of the e-mail address."""

    merchant_id: int
    email_index: bytes


@dataclass(frozen=True, slots=True)
class Paid:
    """What payments in one currency have captured, in minor units."""

    currency: str
    captured_minor: int


@dataclass(frozen=True, slots=True)
class NamedPayer:
    """A payer by its newest payment, which tells name and e-mail address."""

    public_id: str
    merchant_id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer with its newest payment, which tells name and e-mail address, and its sums."""

    public_id: str
    merchant_id: int
    created_at: datetime
    name: str
    email: str
    number: int
    paid: tuple[Paid, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """The payments of a payer in one currency with one status; amounts in minor units."""

    currency: str
    status: str
    number: int
    amount_minor: int
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int


def page(session: Session, wanted: PayerFilter, window: Window) -> Slice:
    """Return one page of the payers that the actor may see, the one who paid last first.

    Raises NotFoundError when the edge is no payment that the actor may see.
    """
    if window.newer:
        part = _part(session, wanted, window.newer, window.limit, upward=True)
        if part.beyond:
            rows = _told(session, part.rows[::-1])
            return Slice(rows, older=rows[-1].public_id, newer=rows[0].public_id)
        # What is left is the first page: it is shown whole, as without an edge.
    older = "" if window.newer else window.older
    part = _part(session, wanted, older, window.limit)
    rows = _told(session, part.rows)
    first = rows[0].public_id if rows else older
    return Slice(rows, older=part.beyond or part.end, newer=first if older else None)


def by_email(session: Session, email: str, limit: int) -> list[NamedPayer]:
    """Return who paid with an e-mail address, one in each merchant, who paid last first."""
    part = _part(session, PayerFilter(email=email), "", limit)
    return [
        NamedPayer(
            row.public_id, row.merchant_id, row.customer_name or "", row.customer_email or ""
        )
        for row in part.rows
    ]


def get(session: Session, public_id: str) -> Payer | None:
    """Return the payer of a payment that the actor may see; None where it names no e-mail."""
    found = select(Payment.merchant_id, Payment.customer_email_index)
    row = session.execute(found.where(Payment.public_id == public_id)).one_or_none()
    if row is None or row.customer_email_index is None:
        return None
    return Payer(row.merchant_id, row.customer_email_index)


def email_of(session: Session, public_id: str) -> str:
    """Return the e-mail address that a payment names; empty where the actor may see none."""
    found = select(Payment.customer_email).where(Payment.public_id == public_id)
    return session.scalar(found) or ""


def told(session: Session, payer: Payer) -> PayerRow:
    """Return a payer as the list tells it."""
    newest = select(*_SHOWN).where(_of(payer))
    newest = newest.order_by(Payment.created_at.desc(), Payment.id.desc()).limit(1)
    (found,) = _told(session, session.execute(newest).all())
    return found


def sums(session: Session, payer: Payer) -> list[Sum]:
    """Return the sums of a payer's payments by currency and status."""
    found = select(
        Payment.currency,
        Payment.status,
        func.count(),
        func.sum(Payment.amount_minor),
        func.sum(Payment.captured_minor),
        func.sum(Payment.refunded_minor),
        func.sum(Payment.charged_back_minor),
    )
    found = found.where(_of(payer)).group_by(Payment.currency, Payment.status)
    rows = session.execute(found.order_by(Payment.currency, Payment.status))
    return [
        Sum(currency, status, number, int(asked), int(captured), int(refunded), int(lost))
        for currency, status, number, asked, captured, refunded, lost in rows
    ]


def of_payer(session: Session, public_id: str) -> ColumnElement[bool]:
    """Return the condition for the payments of the payer of a payment; none where there is none."""
    payer = get(session, public_id)
    return false() if payer is None else _of(payer)


_SHOWN: Final = (
    Payment.id,
    Payment.public_id,
    Payment.merchant_id,
    Payment.created_at,
    Payment.customer_name,
    Payment.customer_email,
    Payment.customer_email_index,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a payment stands in the order of the list."""

    id: int
    created_at: datetime
    public_id: str

    def beyond(self, *, upward: bool) -> ColumnElement[bool]:
        """Return the condition for what is older, or newer, in the form that uses an index."""
        at, tie = self.created_at, Payment.created_at == self.created_at
        if upward:
            return or_(Payment.created_at > at, and_(tie, Payment.id > self.id))
        return or_(Payment.created_at < at, and_(tie, Payment.id < self.id))

    def before(self, *, upward: bool) -> ColumnElement[bool]:
        """Return the condition for what is read until it, itself included, in that form too."""
        at, tie = self.created_at, Payment.created_at == self.created_at
        if upward:
            return or_(Payment.created_at < at, and_(tie, Payment.id <= self.id))
        return or_(Payment.created_at > at, and_(tie, Payment.id >= self.id))


@dataclass(frozen=True, slots=True)
class _Part:
    """Newest payments of payers in the order in which they were read.

    `beyond` is the id of the last one where there are more of them; `end` that of the payment at
    which the looking ended, where there are more payments.
    """

    rows: Sequence[Row[*tuple[Any, ...]]]
    beyond: str | None
    end: str | None


def _part(
    session: Session, wanted: PayerFilter, edge: str, limit: int, *, upward: bool = False
) -> _Part:
    looked = _Looked(session, wanted, _edge(session, edge) if edge else None, upward)
    last = session.execute(looked.end()).one_or_none()
    end = None if last is None else _Place(*last)
    rows = session.execute(looked.newest_of_payers(end, limit + 1)).all()
    return _Part(
        rows[:limit],
        rows[limit - 1].public_id if len(rows) > limit else None,
        end.public_id if end else None,
    )


@dataclass(frozen=True, slots=True)
class _Looked:
    """The payments among which payers are looked for, beyond an edge."""

    session: Session
    wanted: PayerFilter
    edge: _Place | None
    upward: bool

    def end(self) -> Select[int, datetime, str]:
        """Select the last one, where there are more than may be looked through."""
        # Payments without an e-mail address are looked through too: only so far goes the index.
        last = self._ids().order_by(*self._order).offset(MOST_READ - 1).limit(1).subquery()
        return select(*_PLACED).join(last, last.c.id == Payment.id)

    def newest_of_payers(self, end: _Place | None, limit: int) -> Select[*tuple[Any, ...]]:
        """Select so many that are the newest ones of their payers, up to the end."""
        found = self._ids().where(Payment.customer_email_index.is_not(None))
        if end is not None:
            found = found.where(end.before(upward=self.upward))
        newest = found.where(Payment.id == _newest_of_payer()).order_by(*self._order)
        ids = newest.limit(limit).subquery()
        return select(*_SHOWN).join(ids, ids.c.id == Payment.id).order_by(*self._order)

    def _ids(self) -> Select[*tuple[Any, ...]]:
        wanted = self.wanted
        found = select(Payment.id, Payment.created_at).where(*_conditions(wanted))
        if wanted.paid_from is not None:
            found = found.where(Payment.created_at >= wanted.paid_from)
        if wanted.paid_before is not None:
            found = found.where(Payment.created_at < wanted.paid_before)
        if self.edge is not None:
            found = found.where(self.edge.beyond(upward=self.upward))
        scope = payment_paths.scope_of(self.session, _merchants(wanted))
        index = f"ix_payment_{scope}_{'email' if wanted.email else 'newest'}"
        return payment_paths.pinned(found, Payment, index)

    @property
    def _order(self) -> list[ColumnElement[Any]]:
        columns = (Payment.created_at, Payment.id)
        return [column.asc() if self.upward else column.desc() for column in columns]


def _conditions(wanted: PayerFilter) -> list[ColumnElement[bool]]:
    conditions = [Payment.merchant_id == each for each in _merchants(wanted)]
    if wanted.email:
        conditions.append(Payment.customer_email_index == blind_index(wanted.email, _EMAIL))
    return conditions


def _merchants(wanted: PayerFilter) -> list[int]:
    return [] if wanted.merchant_id is None else [wanted.merchant_id]


def _newest_of_payer() -> ScalarSelect[int]:
    """Return the id of the newest payment of the same payer, which one step in an index finds."""
    newest = aliased(Payment)
    found = select(newest.id).where(
        newest.merchant_id == Payment.merchant_id,
        newest.livemode == Payment.livemode,
        newest.customer_email_index == Payment.customer_email_index,
    )
    found = found.order_by(newest.created_at.desc(), newest.id.desc()).limit(1)
    found = found.with_hint(newest, f"FORCE INDEX ({_OF_PAYER})", "mysql")
    return found.correlate(Payment).scalar_subquery()


def _told(session: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[PayerRow]:
    known = _numbers(session, [Payer(row.merchant_id, row.customer_email_index) for row in rows])
    found = []
    for each in rows:
        parts = known.get(Payer(each.merchant_id, each.customer_email_index), ())
        found.append(
            PayerRow(
                public_id=each.public_id,
                merchant_id=each.merchant_id,
                created_at=each.created_at,
                name=each.customer_name or "",
                email=each.customer_email or "",
                number=sum(number for number, _ in parts),
                paid=tuple(paid for _, paid in parts if paid.captured_minor),
            )
        )
    return found


def _numbers(
    session: Session, payers: Collection[Payer]
) -> Mapping[Payer, Sequence[tuple[int, Paid]]]:
    """Return payer → (payments, what they captured) in each currency."""
    if not payers:
        return {}
    found = (
        select(
            Payment.merchant_id,
            Payment.customer_email_index,
            Payment.currency,
            func.count(),
            func.sum(Payment.captured_minor),
        )
        .where(or_(*_of_all(payers)))
        .with_hint(Payment, f"FORCE INDEX ({_OF_PAYER})", "mysql")
        .group_by(Payment.merchant_id, Payment.customer_email_index, Payment.currency)
        .order_by(Payment.currency)
    )
    numbers: dict[Payer, list[tuple[int, Paid]]] = {}
    for merchant_id, index, currency, number, captured in session.execute(found):
        paid = Paid(currency, int(captured))
        numbers.setdefault(Payer(merchant_id, index or b""), []).append((number, paid))
    return numbers


def _of_all(payers: Collection[Payer]) -> Iterator[ColumnElement[bool]]:
    indexes: dict[int, list[bytes]] = {}
    for each in payers:
        indexes.setdefault(each.merchant_id, []).append(each.email_index)
    for merchant_id, some in indexes.items():
        yield and_(Payment.merchant_id == merchant_id, Payment.customer_email_index.in_(some))


def _of(payer: Payer) -> ColumnElement[bool]:
    # The merchant leads into the index, also for staff.
    return and_(
        Payment.merchant_id == payer.merchant_id, Payment.customer_email_index == payer.email_index
    )


def _edge(session: Session, public_id: str) -> _Place:
    found = session.execute(select(*_PLACED).where(Payment.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFoundError(said("This page of the list does not exist. Open the list again."))
    return _Place(*found)
