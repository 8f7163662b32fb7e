"""The lists of payments and refunds: filtered, newest first, paged by keyset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import false, select

from app.domain.operations import OperationKind
from app.models import BulkRow, BulkUpload, Operation, Payment
from app.queries import listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session

PREFIX_MARK = "*"
_PAYMENTS = Keys(Payment.created_at, Payment.id, Payment.public_id)
_REFUNDS = Keys(Operation.created_at, Operation.id, Operation.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """What the list is narrowed to; empty values do not narrow.

    `created_from` is included, `created_before` is not. `merchant` is a short name, an id or the
    beginning of a name; `reference` is exact, or the beginning when it ends with `*`; `upload` is
    the public id of an upload that made the payments.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    statuses: tuple[str, ...] = ()
    method: str = ""
    currency: str = ""
    merchant: str = ""
    reference: str = ""
    upload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFilter:
    """What the list of refunds is narrowed to; like PaymentFilter."""

    created_from: datetime | None = None
    created_before: datetime | None = None
    states: tuple[str, ...] = ()
    merchant: str = ""


def payments(session: Session, wanted: PaymentFilter, window: Window) -> Slice:
    """Return one page of the payments that the actor may see."""
    found = select(
        Payment.public_id,
        Payment.merchant_id,
        Payment.reference,
        Payment.created_at,
        Payment.amount_minor,
        Payment.currency,
        Payment.method,
        Payment.status,
        Payment.failure_code,
    ).where(*_between(Payment.created_at, wanted))
    if wanted.statuses:
        found = found.where(Payment.status.in_(wanted.statuses))
    if wanted.method:
        found = found.where(Payment.method == wanted.method)
    if wanted.currency:
        found = found.where(Payment.currency == wanted.currency)
    if wanted.merchant:
        found = found.where(Payment.merchant_id.in_(listing.merchant_ids(session, wanted.merchant)))
    if wanted.reference:
        found = found.where(_like_reference(wanted.reference))
    if wanted.upload:
        found = found.where(_of_upload(session, wanted.upload))
    return listing.page(session, found, _PAYMENTS, window)


def refunds(session: Session, wanted: RefundFilter, window: Window) -> Slice:
    """Return one page of the refunds that the actor may see, with their payment."""
    found = (
        select(
            Operation.public_id,
            Operation.merchant_id,
            Operation.created_at,
            Operation.amount_minor,
            Operation.currency,
            Operation.state,
            Operation.reason,
            Operation.requested_by,
            Payment.public_id.label("payment_public_id"),
            Payment.reference,
        )
        .join(Payment, Payment.id == Operation.payment_id)
        .where(Operation.kind == OperationKind.REFUND, *_between(Operation.created_at, wanted))
    )
    if wanted.states:
        found = found.where(Operation.state.in_(wanted.states))
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        found = found.where(Operation.merchant_id.in_(ids))
    return listing.page(session, found, _REFUNDS, window)


def _between(
    column: InstrumentedAttribute[datetime], wanted: PaymentFilter | RefundFilter
) -> list[ColumnElement[bool]]:
    limits = []
    if wanted.created_from is not None:
        limits.append(column >= wanted.created_from)
    if wanted.created_before is not None:
        limits.append(column < wanted.created_before)
    return limits


def _like_reference(text: str) -> ColumnElement[bool]:
    if text.endswith(PREFIX_MARK):
        return Payment.reference.startswith(text.removesuffix(PREFIX_MARK), autoescape=True)
    return Payment.reference == text


def _of_upload(session: Session, public_id: str) -> ColumnElement[bool]:
    upload_id = session.scalar(select(BulkUpload.id).where(BulkUpload.public_id == public_id))
    if upload_id is None:
        return false()
    made = select(BulkRow.payment_id).where(BulkRow.upload_id == upload_id)
    return Payment.id.in_(made.where(BulkRow.payment_id.is_not(None)))
