"""Each row of a confirmed file became exactly one payment or payment link, or says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, func, or_, select

from app.models import BulkRow, BulkUpload, Payment, PaymentLink
from app.services.bulk.chunks import RowState
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ORIGIN = "bulk"
MADE = (RowState.CREATED, RowState.RETRIED)


class BulkRows:
    """Every row of a file exactly once."""

    name: ClassVar[str] = "bulk_rows"
    sentence: ClassVar[str] = (
        "each row of a file that was run made exactly one payment, or payment link, of its amount "
        "and reference, or carries its refusal; no payment comes from two rows"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return rows without and payments with several counterparts, and miscounted uploads."""
        return [
            *_rows_that_differ(session),
            *_payments_of_several(session),
            *_payments_of_none(session),
            *_miscounted(session),
        ]


def _rows_that_differ(session: Session) -> list[Violation]:
    rows = session.execute(
        select(BulkUpload.public_id, BulkRow.line)
        .join(BulkRow, BulkRow.upload_id == BulkUpload.id)
        .outerjoin(Payment, Payment.id == BulkRow.payment_id)
        .outerjoin(PaymentLink, PaymentLink.id == BulkRow.payment_link_id)
        .where(
            or_(
                and_(BulkRow.state == RowState.LINKED, BulkRow.payment_link_id.is_(None)),
                and_(BulkRow.state != RowState.LINKED, BulkRow.payment_link_id.is_not(None)),
                PaymentLink.reference != BulkRow.reference,
                PaymentLink.amount_minor != BulkRow.amount_minor,
                PaymentLink.currency != BulkRow.currency,
                and_(BulkRow.state.in_(MADE), BulkRow.payment_id.is_(None)),
                and_(BulkRow.state.not_in(MADE), BulkRow.payment_id.is_not(None)),
                and_(BulkRow.state == RowState.REFUSED, BulkRow.code.is_(None)),
                Payment.reference != BulkRow.reference,
                Payment.amount_minor != BulkRow.amount_minor,
                Payment.currency != BulkRow.currency,
            )
        )
    )
    return [
        Violation(f"{upload} line {line}", "has no payment or link, or another one")
        for upload, line in rows
    ]


def _payments_of_several(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(Payment.public_id, number)
        .join(BulkRow, BulkRow.payment_id == Payment.id)
        .group_by(Payment.public_id)
        .having(number > 1)
    )
    return [Violation(payment, f"comes from {count} rows") for payment, count in rows]


def _payments_of_none(session: Session) -> list[Violation]:
    # By all that the key of the rows begins with, so that each payment is one look-up in it.
    made = and_(
        BulkRow.merchant_id == Payment.merchant_id,
        BulkRow.livemode == Payment.livemode,
        BulkRow.payment_id == Payment.id,
    )
    rows = session.scalars(
        select(Payment.public_id)
        .outerjoin(BulkRow, made)
        .where(Payment.origin == ORIGIN, BulkRow.id.is_(None))
    )
    return [Violation(payment, "comes from a file and from no row") for payment in rows]


def _miscounted(session: Session) -> list[Violation]:
    number = func.count(BulkRow.id)
    rows = session.execute(
        select(BulkUpload.public_id, BulkUpload.rows_loaded, number)
        .outerjoin(BulkRow, BulkRow.upload_id == BulkUpload.id)
        .group_by(BulkUpload.public_id, BulkUpload.rows_loaded)
        .having(number != BulkUpload.rows_loaded)
    )
    return [
        Violation(upload, f"counts {loaded} rows and has {count}") for upload, loaded, count in rows
    ]
