"""A request with the same key is done once; the key is committed with what it made."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.errors import IdempotencyMismatchError, said
from app.models import IdempotencyKey
from app.models.tenancy import actor_of
from app.queries import payments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

LEASE = timedelta(seconds=15)


def digest(method: str, path: str, body: Mapping[str, object]) -> bytes:
    """Return what identifies a request: method, path and canonical body."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{method}\n{path}\n{text}".encode()).digest()


def begin(
    session: Session,
    now: datetime,
    key: str,
    request_digest: bytes,
    object_id: str,
    *,
    merchant_id: int,
) -> str | None:
    """Take `key` for `object_id`; answers the object of the first request when there was one.

    A second request with the key waits for the first one's commit and then finds its object.
    Raises IdempotencyMismatchError for another body.
    """
    actor = actor_of(session)
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
            said("This key was already used for another request. Use a new key for a new request.")
        )
    return known.object_id
