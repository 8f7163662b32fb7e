"""A request with the same key is done once; the key is committed with what it made."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.errors import IdempotencyInFlightError, IdempotencyMismatchError
from app.models import IdempotencyKey
from app.models.tenancy import actor_of
from app.queries import payments
from app.services.audit import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

LEASE = timedelta(seconds=15)


def digest(method: str, path: str, body: Mapping[str, object]) -> bytes:
    """Return what identifies a request: method, path and canonical body."""
    return hashlib.sha256(f"{method}\n{path}\n{canonical(body)}".encode()).digest()


def begin(
    session: Session, now: datetime, key: str, request_digest: bytes, object_id: str
) -> str | None:
    """Take `key` for `object_id`; answers the object of the first request when there was one.

    Raises IdempotencyMismatchError for another body and IdempotencyInFlightError while the first
    request is still at work.
    """
    actor = actor_of(session)
    merchant_id = actor.merchant_id or 0
    known = payments.idempotency_key(session, merchant_id, key)
    if known is None:
        try:
            with session.begin_nested():
                session.add(
                    IdempotencyKey(
                        merchant_id=merchant_id,
                        livemode=bool(actor.livemode),
                        key=key,
                        request_digest=request_digest,
                        object_id=object_id,
                        lease_until=now + LEASE,
                        created_at=now,
                    )
                )
                session.flush()
        except IntegrityError:
            known = payments.idempotency_key(session, merchant_id, key)
            if known is None:
                raise
        else:
            return None
    if known.request_digest != request_digest:
        raise IdempotencyMismatchError(
            "This key was already used for another request. Use a new key for a new request."
        )
    return known.object_id


def end(session: Session, now: datetime, key: str) -> None:
    """Say that the first request with this key has been answered."""
    known = payments.idempotency_key(session, actor_of(session).merchant_id or 0, key)
    if known is not None:
        known.lease_until = now


def refuse_in_flight(session: Session, now: datetime, key: str) -> None:
    """Raise IdempotencyInFlightError while the first request with this key is at work."""
    known = payments.idempotency_key(session, actor_of(session).merchant_id or 0, key)
    if known is not None and known.lease_until > now:
        raise IdempotencyInFlightError(
            "The first request with this key is still being worked on. Try again in a few seconds."
        )
