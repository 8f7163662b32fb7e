"""Making and changing webhook endpoints by form: what is refused leaves a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.errors import ForbiddenError, said
from app.queries import api_keys
from app.services import refusals
from app.services.webhooks_out import endpoints
from app.views.base import read_session
from app.views.once import Command, once

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.webhooks_out import NewEndpoint
    from app.models import WebhookEndpoint

    Made = tuple[WebhookEndpoint, str]

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Told:
    """The endpoint that was made or got a new secret, and the secret; empty the second time."""

    public_id: str
    secret: str


def create(actor: Actor, key: str, wanted: NewEndpoint) -> Told:
    """Make an endpoint once for this key. Raises what the service raises."""
    merchant_id = actor.merchant_id
    if merchant_id is None:
        raise ForbiddenError(said("Only a merchant's own people make its endpoints."))
    merchant = api_keys.merchant_id_of(read_session(), merchant_id)
    release_reads()
    asked = endpoints.checked(wanted)
    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path="/webhook-endpoints",
        body={
            "url": asked.wanted.url,
            "events": list(asked.wanted.events),
            "description": asked.wanted.description,
        },
    )
    with refusals.audited(
        actor,
        action="webhooks.create",
        object_type="merchant",
        object_id=merchant,
        merchant_id=merchant_id,
    ):
        return _told(
            command, lambda session, now: endpoints.create(session, now, merchant_id, asked)
        )


def update(actor: Actor, public_id: str, wanted: NewEndpoint, version: int) -> None:
    """Change an endpoint that stands at `version`. Raises what the service raises."""
    release_reads()
    asked = endpoints.checked(wanted)
    act(
        actor,
        public_id,
        "update",
        lambda session, now: endpoints.update(session, now, public_id, asked, version),
    )


def rotate(actor: Actor, key: str, row: WebhookEndpoint, overlap: timedelta) -> Told:
    """Give an endpoint another secret, once for this form. Raises what the service raises."""
    public_id = row.public_id
    command = Command(
        actor=actor,
        key=key,
        merchant_id=row.merchant_id,
        path=f"/webhook-endpoints/{public_id}/rotate",
        body={"overlap_seconds": int(overlap.total_seconds())},
    )
    with _audited(actor, "rotate", public_id):
        return _told(
            command, lambda session, now: endpoints.rotate(session, now, public_id, overlap)
        )


def act(
    actor: Actor, public_id: str, verb: str, write: Callable[[Session, datetime], _Result]
) -> _Result:
    """Do something to an endpoint in a unit of work; answers what it made.

    What is refused leaves a trace. Raises what `write` raises.
    """

    def done() -> _Result:
        with unit_of_work(actor) as session:
            return write(session, clock.now())

    release_reads()
    with _audited(actor, verb, public_id):
        return retry_when_busy(done)()


def _audited(actor: Actor, verb: str, public_id: str) -> AbstractContextManager[None]:
    return refusals.audited(
        actor, action=f"webhooks.{verb}", object_type="webhook_endpoint", object_id=public_id
    )


def _told(command: Command, make: Callable[[Session, datetime], Made]) -> Told:
    def write(session: Session, now: datetime) -> tuple[str, Told]:
        row, secret = make(session, now)
        return row.public_id, Told(row.public_id, secret)

    done = once(command, write)
    return done.made or Told(done.object_id, "")
