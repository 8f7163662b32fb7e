"""Making, rolling and revoking API keys by form: each once, what is refused leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain import api_keys as rules
from app.errors import ForbiddenError, said
from app.queries import api_keys as rows
from app.services import api_keys, refusals
from app.views.base import read_session
from app.views.once import Command, once

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.api_keys import NewKey
    from app.models import ApiKey

    Made = tuple[ApiKey, str]


@dataclass(frozen=True, slots=True)
class Told:
    """The key that was made, and its secret; empty where the form had been sent before."""

    public_id: str
    secret: str


def create(actor: Actor, key: str, wanted: NewKey) -> Told:
    """Make a key once for this form. Raises what the service raises."""
    merchant_id = actor.merchant_id
    if merchant_id is None:
        raise ForbiddenError(said("Only a merchant's own people make its keys on screen."))
    body = {
        "name": wanted.name,
        "scopes": rules.written(wanted.scopes),
        "networks": list(wanted.networks),
        "expires_at": str(wanted.expires_at or ""),
    }
    command = Command(
        actor=actor, key=key, merchant_id=merchant_id, path="/api-keys/new", body=body
    )
    merchant = rows.merchant_id_of(read_session(), merchant_id)
    with refusals.audited(
        actor,
        action="keys.create",
        object_type="merchant",
        object_id=merchant,
        merchant_id=merchant_id,
    ):
        return _told(
            command, lambda session, now: api_keys.create(session, now, merchant_id, wanted)
        )


def roll(actor: Actor, key: str, row: ApiKey, overlap: timedelta) -> Told:
    """Make the key that follows another, once for this form. Raises what the service raises."""
    public_id, merchant_id = row.public_id, row.merchant_id
    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path=f"/api-keys/{public_id}/roll",
        body={"overlap_seconds": int(overlap.total_seconds())},
    )
    with refusals.audited(
        actor,
        action="keys.roll",
        object_type="api_key",
        object_id=public_id,
        merchant_id=merchant_id,
    ):
        return _told(command, lambda session, now: api_keys.roll(session, now, public_id, overlap))


def revoke(actor: Actor, row: ApiKey, reason: str) -> None:
    """Let a key end at once. Raises what the service raises."""
    public_id, merchant_id = row.public_id, row.merchant_id
    release_reads()
    with refusals.audited(
        actor,
        action="keys.revoke",
        object_type="api_key",
        object_id=public_id,
        merchant_id=merchant_id,
    ):
        retry_when_busy(_revoke)(actor, public_id, reason)


def _told(command: Command, make: Callable[[Session, datetime], Made]) -> Told:
    def write(session: Session, now: datetime) -> tuple[str, Told]:
        row, secret = make(session, now)
        return row.public_id, Told(row.public_id, secret)

    done = once(command, write)
    return done.made or Told(done.object_id, "")


def _revoke(actor: Actor, public_id: str, reason: str) -> None:
    with unit_of_work(actor) as session:
        api_keys.revoke(session, clock.now(), public_id, reason)
