"""Reads of the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import AuditEntry
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_ENTRIES = Keys(AuditEntry.created_at, AuditEntry.id, AuditEntry.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """What the trail is narrowed to; `action` is exact, or an area such as `payments`."""

    created_from: datetime | None = None
    created_before: datetime | None = None
    actor: str = ""
    action: str = ""
    object_id: str = ""
    merchant: str = ""


def page(session: Session, wanted: AuditFilter, window: Window) -> Slice:
    """Return one page of the entries that the actor may see, newest first."""
    found = select(
        AuditEntry.public_id,
        AuditEntry.created_at,
        AuditEntry.actor_kind,
        AuditEntry.actor_label,
        AuditEntry.action,
        AuditEntry.object_type,
        AuditEntry.object_id,
        AuditEntry.sentence,
        AuditEntry.changes,
        AuditEntry.address,
        AuditEntry.request_id,
        AuditEntry.merchant_id,
    )
    return listing.page(session, _narrowed(session, found, wanted), _ENTRIES, window)


def count(session: Session, wanted: AuditFilter) -> CappedCount:
    """Count the entries of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(session, select(AuditEntry.id), wanted))


def _narrowed(
    session: Session, found: Select[*tuple[Any, ...]], wanted: AuditFilter
) -> Select[*tuple[Any, ...]]:
    if wanted.created_from is not None:
        found = found.where(AuditEntry.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found = found.where(AuditEntry.created_at < wanted.created_before)
    if wanted.actor:
        found = found.where(AuditEntry.actor_label == wanted.actor)
    if "." in wanted.action:
        found = found.where(AuditEntry.action == wanted.action)
    elif wanted.action:
        found = found.where(AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True))
    if wanted.object_id:
        found = found.where(AuditEntry.object_id == wanted.object_id)
    if wanted.merchant:
        found = found.where(
            AuditEntry.merchant_id.in_(listing.merchant_ids(session, wanted.merchant))
        )
    return found
