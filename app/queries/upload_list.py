"""The list of uploads: filtered, newest first, paged by keyset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import BulkUpload
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_UPLOADS = Keys(BulkUpload.created_at, BulkUpload.id, BulkUpload.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadFilter:
    """What the list is narrowed to; empty values do not narrow.

    `created_from` is included, `created_before` is not; `merchant` is a short name, an id or the
    beginning of a name.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    statuses: tuple[str, ...] = ()
    merchant: str = ""


def uploads(session: Session, wanted: UploadFilter, window: Window) -> Slice:
    """Return one page of the uploads that the actor may see."""
    found = select(
        BulkUpload.public_id,
        BulkUpload.merchant_id,
        BulkUpload.created_at,
        BulkUpload.filename,
        BulkUpload.status,
        BulkUpload.rows_total,
        BulkUpload.rows_invalid,
        BulkUpload.rows_loaded,
        BulkUpload.created_by,
        BulkUpload.confirmed_by,
    )
    return listing.page(session, _narrowed(session, found, wanted), _UPLOADS, window)


def count(session: Session, wanted: UploadFilter) -> CappedCount:
    """Count the uploads of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(session, select(BulkUpload.id), wanted))


def _narrowed(
    session: Session, found: Select[*tuple[Any, ...]], wanted: UploadFilter
) -> Select[*tuple[Any, ...]]:
    if wanted.created_from is not None:
        found = found.where(BulkUpload.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found = found.where(BulkUpload.created_at < wanted.created_before)
    if wanted.statuses:
        found = found.where(BulkUpload.status.in_(wanted.statuses))
    if wanted.merchant:
        found = found.where(
            BulkUpload.merchant_id.in_(listing.merchant_ids(session, wanted.merchant))
        )
    return found
