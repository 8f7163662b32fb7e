"""The lists of payments and refunds: filtered, newest first, paged by keyset."""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq, ge, le, lt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, false, select

from app.adapters.crypto import blind_index
from app.domain.operations import OperationKind
from app.models import Attempt, BulkRow, BulkUpload, Merchant, Operation, Payment, PaymentLink
from app.models.tenancy import actor_of
from app.queries import keyset, listing, payers, payment_paths
from app.queries.listing import Keys, Slice, Window
from app.queries.payment_paths import Path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from app.queries.keyset import CappedCount

PREFIX_MARK = "*"
SELDOM_SHOWN: Final = ("captured_minor", "refunded_minor", "description", "created_by")
"""Columns of payments that are read only for whoever wants them."""

_PAYMENTS = Keys(Payment.created_at, Payment.id, Payment.public_id)
_REFUNDS = Keys(Operation.created_at, Operation.id, Operation.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What both lists are narrowed to; empty values do not narrow.

    `created_from` is included, `created_before` is not; amounts are of one currency, in minor
    units, both ends included. `merchant` is a short name, an id or the beginning of a name;
    `reference` is exact, or the beginning when it ends with `*`; `payer` is the public id of a
    payment of the payer that is meant; `ids` are public ids.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    currency: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    merchant: str = ""
    reference: str = ""
    payer: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter(Range):
    """What the list of payments is narrowed to.

    `upload` is the public id of an upload that made them, `link` of a payment link that they came
    by, `operation` the state of one of their
    operations.
    """

    statuses: tuple[str, ...] = ()
    method: str = ""
    email: str = ""
    last4: str = ""
    failure: str = ""
    upload: str = ""
    link: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter(Range):
    """What the list of refunds is narrowed to; the reference is that of the payment."""

    states: tuple[str, ...] = ()


def payments(
    session: Session,
    wanted: PaymentFilter,
    window: Window,
    *,
    besides: Collection[str] = SELDOM_SHOWN,
) -> Slice:
    """Return one page of the payments that the actor may see.

    Of the columns that are seldom shown only those in `besides` are read. The house is told the
    merchants' names, as `merchant_name`.
    """
    found: Select[*tuple[Any, ...]] = select(
        Payment.id,
        Payment.public_id,
        Payment.merchant_id,
        Payment.reference,
        Payment.created_at,
        Payment.amount_minor,
        Payment.currency,
        Payment.method,
        Payment.status,
        Payment.failure_code,
        *(getattr(Payment, name) for name in SELDOM_SHOWN if name in besides),
    )
    if actor_of(session).merchant_id is None:
        # An outer join leaves the order of reading to the payments.
        found = found.add_columns(Merchant.name.label("merchant_name"))
        found = found.outerjoin(Merchant, Merchant.id == Payment.merchant_id)
    narrow = _Narrow(session, wanted)
    ids = narrow.ids()
    found = found if ids else found.where(*narrow.conditions)
    return listing.page(session, found, _PAYMENTS, window, ids)


def count_payments(session: Session, wanted: PaymentFilter) -> CappedCount:
    """Count the payments of a list, as far as they are counted."""
    narrow = _Narrow(session, wanted, counting=True)
    ids = narrow.ids()
    number = payment_paths.number_of(session, wanted)
    if number is not None:
        return keyset.CappedCount.of(number)
    return keyset.counted(session, *(ids or [narrow.plain()]))


def refunds(session: Session, wanted: RefundFilter, window: Window) -> Slice:
    """Return one page of the refunds that the actor may see, with their payment."""
    found = select(
        Operation.id,
        Operation.public_id,
        Operation.merchant_id,
        Operation.created_at,
        Operation.amount_minor,
        Operation.currency,
        Operation.state,
        Operation.failure_code,
        Operation.reason,
        Operation.requested_by,
        Operation.suspense,
        Payment.public_id.label("payment_public_id"),
        Payment.reference,
    )
    conditions, ids = _refunds(session, wanted)
    found = found.join(Payment, Payment.id == Operation.payment_id)
    found = found if ids else found.where(*conditions)
    return listing.page(session, found, _REFUNDS, window, ids)


def count_refunds(session: Session, wanted: RefundFilter) -> CappedCount:
    """Count the refunds of a list, as far as they are counted."""
    conditions, ids = _refunds(session, wanted)
    plain = select(Operation.id).join(Payment, Payment.id == Operation.payment_id)
    return keyset.counted(session, *(ids or [plain.where(*conditions)]))


class _Narrow:
    """The conditions of a list of payments, and the way to them that costs least."""

    def __init__(self, session: Session, wanted: PaymentFilter, *, counting: bool = False) -> None:
        self.session = session
        self.counting = counting
        self.wanted = wanted
        self.merchant_ids = (
            listing.merchant_ids(session, wanted.merchant) if wanted.merchant else None
        )
        self.is_narrow = bool(
            wanted.ids or wanted.email or wanted.payer or wanted.upload or wanted.link
        )
        self.conditions = self._of_row()
        self.conditions += self._of_others()

    def plain(self) -> Select[*tuple[Any, ...]]:
        """Return the ids by the conditions alone."""
        return select(Payment.id).where(*self.conditions)

    def ids(self) -> list[Select[*tuple[Any, ...]]]:
        """Return statements that find the ids, together; none where the server knows the way."""
        if self.is_narrow or self._is_exact():
            return []
        wanted = self.wanted
        scope = payment_paths.scope_of(self.session, self.merchant_ids)
        path = Path(self.session, self.conditions, scope)
        if wanted.reference:
            return path.narrowed_by("reference", wanted)
        if (wanted.least_minor, wanted.most_minor) != (None, None):
            is_one = wanted.currency and wanted.least_minor == wanted.most_minor
            return path.equal_to("amount") if is_one else path.narrowed_by("amount", wanted)
        if wanted.statuses and wanted == _only_statuses(wanted):
            return path.by_status(wanted.statuses, counting=self.counting)
        return path.newest()

    def _is_exact(self) -> bool:
        reference = self.wanted.reference
        several = self.merchant_ids is not None and len(self.merchant_ids) != 1
        return several or bool(reference and not reference.endswith(PREFIX_MARK))

    def _of_row(self) -> list[ColumnElement[bool]]:
        wanted = self.wanted
        exact: list[tuple[InstrumentedAttribute[Any], str]] = [
            (Payment.method, wanted.method),
            (Payment.failure_code, wanted.failure),
        ]
        conditions = [column == value for column, value in exact if value]
        conditions += _within(Payment, wanted)
        conditions += _one_of((Payment.status, wanted.statuses), (Payment.public_id, wanted.ids))
        if self.merchant_ids is not None:
            conditions.append(Payment.merchant_id.in_(self.merchant_ids))
        conditions += _like_reference(wanted.reference)
        if wanted.email:
            index = blind_index(wanted.email, "payment.customer_email")
            conditions.append(Payment.customer_email_index == index)
        return conditions

    def _of_others(self) -> list[ColumnElement[bool]]:
        """Return what is asked of the rows around a payment."""
        wanted, conditions = self.wanted, []
        asked: list[tuple[type[Attempt | Operation], InstrumentedAttribute[Any], str]] = [
            (Attempt, Attempt.card_last4, wanted.last4),
            (Operation, Operation.state, wanted.operation),
        ]
        for model, column, value in asked:
            if value:
                found, leads = payment_paths.among(
                    self.session, model, column == value, counting=self.counting
                )
                self.is_narrow |= leads
                conditions.append(found)
        if wanted.payer:
            conditions.append(payers.of_payer(self.session, wanted.payer))
        if wanted.upload:
            conditions.append(_of_upload(self.session, wanted.upload))
        if wanted.link:
            conditions.append(_of_link(self.session, wanted.link))
        return conditions


def _only_statuses(wanted: PaymentFilter) -> PaymentFilter:
    """Return what would be left of the filters that the indexes of statuses know."""
    return PaymentFilter(
        statuses=wanted.statuses,
        merchant=wanted.merchant,
        created_from=wanted.created_from,
        created_before=wanted.created_before,
    )


def _refunds(
    session: Session, wanted: RefundFilter
) -> tuple[list[ColumnElement[bool]], list[Select[*tuple[Any, ...]]]]:
    """Return the conditions, and statements that find the ids unless the server knows the way."""
    merchant_ids = listing.merchant_ids(session, wanted.merchant) if wanted.merchant else None
    conditions = [
        Operation.kind == OperationKind.REFUND,
        *_within(Operation, wanted),
        *_one_of((Operation.state, wanted.states), (Operation.public_id, wanted.ids)),
    ]
    if merchant_ids is not None:
        conditions.append(Operation.merchant_id.in_(merchant_ids))
    several = merchant_ids is not None and len(merchant_ids) != 1
    if wanted.payer:
        conditions.append(payers.of_payer(session, wanted.payer))
    if wanted.reference or wanted.payer or wanted.ids or several:
        return [*conditions, *_like_reference(wanted.reference)], []
    return conditions, payment_paths.refunds(session, conditions, merchant_ids)


def _within(model: type[Payment | Operation], wanted: Range) -> list[ColumnElement[bool]]:
    limits: list[tuple[Callable[[Any, Any], ColumnElement[bool]], Any, object]] = [
        (ge, model.created_at, wanted.created_from),
        (lt, model.created_at, wanted.created_before),
        (eq, model.currency, wanted.currency or None),
        (ge, model.amount_minor, wanted.least_minor),
        (le, model.amount_minor, wanted.most_minor),
    ]
    return [compare(column, limit) for compare, column, limit in limits if limit is not None]


def _one_of(
    *sets: tuple[InstrumentedAttribute[str], tuple[str, ...]],
) -> list[ColumnElement[bool]]:
    return [column.in_(values) for column, values in sets if values]


def _like_reference(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    if text.endswith(PREFIX_MARK):
        start = text.removesuffix(PREFIX_MARK)
        return [Payment.reference.startswith(start, autoescape=True)]
    return [Payment.reference == text]


def _of_upload(session: Session, public_id: str) -> ColumnElement[bool]:
    upload_id = session.scalar(select(BulkUpload.id).where(BulkUpload.public_id == public_id))
    if upload_id is None:
        return false()
    made = select(BulkRow.payment_id).where(BulkRow.upload_id == upload_id)
    return Payment.id.in_(made.where(BulkRow.payment_id.is_not(None)))


def _of_link(session: Session, public_id: str) -> ColumnElement[bool]:
    found = select(PaymentLink.id, PaymentLink.merchant_id).where(
        PaymentLink.public_id == public_id
    )
    row = session.execute(found).one_or_none()
    if row is None:
        return false()
    # The merchant leads into the index, also for staff.
    return and_(Payment.merchant_id == row.merchant_id, Payment.payment_link_id == row.id)
