"""Reads and locks of mails to people, and of the one-time links in some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from app.models import Notification
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_KEYS: Final = Keys(Notification.created_at, Notification.id, Notification.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFilter:
    """What the list is narrowed to; `recipient_index` finds an address, empty values do nothing."""

    created_from: datetime | None = None
    created_before: datetime | None = None
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    object_id: str = ""
    recipient_index: bytes = b""
    merchant: str = ""


def get(session: Session, public_id: str) -> Notification | None:
    """Return a mail that the actor may see, fresh from the database."""
    found = select(Notification).where(Notification.public_id == public_id)
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def lock(session: Session, public_id: str) -> Notification | None:
    """Return a mail as it is now and lock its row until the end of the unit of work."""
    found = select(Notification).where(Notification.public_id == public_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def lock_by_id(session: Session, notification_id: int) -> Notification:
    """Return a mail by its key and lock its row."""
    found = select(Notification).where(Notification.id == notification_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one()


def is_known(session: Session, dedupe_key: str) -> bool:
    """Answer whether the actor sees a mail of this key."""
    found = select(Notification.id).where(Notification.dedupe_key == dedupe_key)
    return session.scalar(found) is not None


def page(session: Session, wanted: NotificationFilter, window: Window) -> Slice:
    """Return one page of the mails that the actor may see, newest first."""
    found = select(
        Notification.public_id,
        Notification.merchant_id,
        Notification.livemode,
        Notification.kind,
        Notification.recipient,
        Notification.object_type,
        Notification.object_id,
        Notification.subject,
        Notification.state,
        Notification.attempts,
        Notification.error,
        Notification.next_at,
        Notification.sent_at,
        Notification.created_at,
    )
    return listing.page(session, _narrowed(session, found, wanted), _KEYS, window)


def count(session: Session, wanted: NotificationFilter) -> CappedCount:
    """Count the mails of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(session, select(Notification.id), wanted))


def _narrowed(
    session: Session, found: Select[*tuple[Any, ...]], wanted: NotificationFilter
) -> Select[*tuple[Any, ...]]:
    if wanted.created_from is not None:
        found = found.where(Notification.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found = found.where(Notification.created_at < wanted.created_before)
    if wanted.kinds:
        found = found.where(Notification.kind.in_(wanted.kinds))
    if wanted.states:
        found = found.where(Notification.state.in_(wanted.states))
    if wanted.object_id:
        found = found.where(Notification.object_id == wanted.object_id)
    if wanted.recipient_index:
        found = found.where(Notification.recipient_index == wanted.recipient_index)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        found = found.where(Notification.merchant_id.in_(ids))
    return found
