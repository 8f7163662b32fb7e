"""What the page of one payment leads to besides its own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Attempt, BulkRow, BulkUpload, ConnectorAccount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.orm import Session

    from app.models import Payment, PaymentLink


def upload_of(session: Session, payment: Payment) -> Row[str, str, int, str | None] | None:
    """Return (public id, filename, line, confirmed by) of the file that a payment comes from.

    Its row made the payment, or the link by which the payment was begun.
    """
    is_made = (
        BulkRow.payment_id == payment.id
        if payment.payment_link_id is None
        else BulkRow.payment_link_id == payment.payment_link_id
    )
    return _upload(session, payment, is_made)


def upload_of_link(session: Session, link: PaymentLink) -> Row[str, str, int, str | None] | None:
    """Return (public id, filename, line, confirmed by) of the file whose row made a link."""
    is_made = BulkRow.payment_link_id == link.id
    return _upload(session, link, is_made)


def _upload(
    session: Session, of: Payment | PaymentLink, is_made: ColumnElement[bool]
) -> Row[str, str, int, str | None] | None:
    """Find the row by the key in which merchant and book stand first."""
    return session.execute(
        select(BulkUpload.public_id, BulkUpload.filename, BulkRow.line, BulkUpload.confirmed_by)
        .join(BulkUpload, BulkUpload.id == BulkRow.upload_id)
        .where(BulkRow.merchant_id == of.merchant_id, BulkRow.livemode == of.livemode, is_made)
    ).one_or_none()


def connectors(session: Session, attempts: Sequence[Attempt]) -> dict[int, str]:
    """Return key → name of the connector accounts that these attempts went through."""
    ids = {attempt.connector_account_id for attempt in attempts}
    rows = session.execute(
        select(ConnectorAccount.id, ConnectorAccount.name).where(ConnectorAccount.id.in_(ids))
    )
    return {row.id: row.name for row in rows}
