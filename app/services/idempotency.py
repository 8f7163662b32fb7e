"""A request with the same key is done once; the key is committed with what it made."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app.adapters import clock, db
from app.domain.actors import Actor
from app.errors import BadInputError, IdempotencyInFlightError, IdempotencyMismatchError, said
from app.models import IdempotencyKey
from app.models.tenancy import actor_of
from app.queries import actors, idempotency, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.queries.outbox import Lease

LEASE: Final = timedelta(seconds=15)
"""How long a first request may still be at work; beyond that its outcome is answered."""
KEPT: Final = timedelta(days=31)
MOST_AT_ONCE: Final = 1000
_LONGEST: Final = 255


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
    lease: timedelta = LEASE,
) -> str | None:
    """Take `key` for `object_id`; answers the object of the first request when there was one.

    `lease` is how long the caller may still be at work after the commit.

    To be called in the unit of work that writes the intent: both are committed or neither. A second
    request with the key waits for the first one's commit and then finds its object. Raises
    BadInputError for a key that cannot be kept, IdempotencyMismatchError for another body.
    """
    _check(key)
    actor = actor_of(session)
    known = idempotency.get(session, merchant_id, key)
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
                        lease_until=now + lease,
                        created_at=now,
                    )
                )
                session.flush()
        except IntegrityError:
            known = idempotency.get(session, merchant_id, key)
            if known is None:
                raise
        else:
            return None
    if known.request_digest != request_digest:
        raise IdempotencyMismatchError(
            said("This key was already used for another request. Use a new key for a new request.")
        )
    return known.object_id


def name(session: Session, key: str, object_id: str, *, merchant_id: int) -> None:
    """Say what a first request has made, where that was not known when it took its key."""
    idempotency.name(session, merchant_id, key, object_id)


def refuse_while_running(session: Session, now: datetime, key: str, *, merchant_id: int) -> None:
    """Raise IdempotencyInFlightError while the first request with the key is still at work.

    Its lease ends when it is answered (`finish`), or by itself where it died.
    """
    known = idempotency.get(session, merchant_id, key)
    if known is not None and known.lease_until > now:
        raise IdempotencyInFlightError(
            said("The first request with this key is still being worked on. Ask again shortly."),
            object_id=known.object_id,
            retry_after_seconds=int(LEASE.total_seconds()),
        )


def finish(session: Session, now: datetime, key: str, *, merchant_id: int) -> None:
    """End the lease of a first request: it is answered, and later ones get what it made."""
    idempotency.end_lease(session, merchant_id, key, now)


def run_expiry(lease: Lease) -> None:
    """Do the recurring task: forget keys that are older than they are kept, a batch at a time."""
    with db.reading(Actor.house(None, "idempotency")) as session:
        before = clock.now() - KEPT
        owners = actors.owners_of_old_keys(session, before)
    left = False
    for merchant_id, livemode in owners:
        with db.unit_of_work(Actor.system(merchant_id, livemode, "idempotency")) as session:
            left |= idempotency.forget(session, before, MOST_AT_ONCE) == MOST_AT_ONCE
    with db.unit_of_work(Actor.house(None, "idempotency")) as session:
        if left:
            outbox.postpone(session, lease, seconds=1)
        else:
            outbox.finish(session, lease)


def _check(key: str) -> None:
    if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable():
        raise BadInputError(
            "Idempotency-Key",
            said("is not 1 to 255 visible ASCII characters."),
            said("Send a random text, a new one for each new request."),
        )
