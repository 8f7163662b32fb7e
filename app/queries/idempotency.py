"""Reads and writes of idempotency keys, in the actor's book."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import delete, select, update

from app.models import IdempotencyKey
from app.queries.changes import changed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session


def get(session: Session, merchant_id: int, key: str) -> IdempotencyKey | None:
    """Return what was kept under a key, fresh from the database."""
    return session.scalars(
        select(IdempotencyKey)
        .where(IdempotencyKey.merchant_id == merchant_id, IdempotencyKey.key == key)
        .execution_options(populate_existing=True)
    ).one_or_none()


def name(session: Session, merchant_id: int, key: str, object_id: str) -> bool:
    """Keep what the request with this key has made."""
    named = (
        update(IdempotencyKey)
        .where(IdempotencyKey.merchant_id == merchant_id, IdempotencyKey.key == key)
        .values(object_id=object_id)
    )
    return changed(session, named) == 1


def end_lease(session: Session, merchant_id: int, key: str, now: datetime) -> bool:
    """Let a lease end now; False where it has ended already."""
    ended = (
        update(IdempotencyKey)
        .where(
            IdempotencyKey.merchant_id == merchant_id,
            IdempotencyKey.key == key,
            IdempotencyKey.lease_until > now,
        )
        .values(lease_until=now)
    )
    return changed(session, ended) == 1


def forget(session: Session, before: datetime, most: int) -> int:
    """Delete up to `most` keys that were made before a moment, oldest first; answers how many."""
    ids = session.scalars(
        select(IdempotencyKey.id)
        .where(IdempotencyKey.created_at < before)
        .order_by(IdempotencyKey.created_at)
        .limit(most)
    ).all()
    if not ids:
        return 0
    statement = delete(IdempotencyKey).where(IdempotencyKey.id.in_(ids))
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[tuple[()]]", result).rowcount
