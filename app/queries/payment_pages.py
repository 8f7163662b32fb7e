"""What the page of one payment leads to besides its own rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Attempt, BulkRow, BulkUpload, ConnectorAccount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row
    from sqlalchemy.orm import Session


def upload_of(session: Session, payment_id: int) -> Row[str, str, int, str | None] | None:
    """Return (public id, filename, line, confirmed by) of the file whose row made a payment."""
    return session.execute(
        select(BulkUpload.public_id, BulkUpload.filename, BulkRow.line, BulkUpload.confirmed_by)
        .join(BulkUpload, BulkUpload.id == BulkRow.upload_id)
        .where(BulkRow.payment_id == payment_id)
    ).one_or_none()


def connectors(session: Session, attempts: Sequence[Attempt]) -> dict[int, str]:
    """Return key → name of the connector accounts that these attempts went through."""
    ids = {attempt.connector_account_id for attempt in attempts}
    rows = session.execute(
        select(ConnectorAccount.id, ConnectorAccount.name).where(ConnectorAccount.id.in_(ids))
    )
    return {row.id: row.name for row in rows}
