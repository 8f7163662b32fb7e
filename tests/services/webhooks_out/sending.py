"""What tests of webhooks do again and again: endpoints, sending what is due, reading the log."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.webhooks_out import NewEndpoint
from app.jobs.handlers import HANDLERS
from app.models import Event, Outbox, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.queries import events as event_rows
from app.services import leases
from app.services.invariants import registry
from app.services.unscoped import unscoped
from app.services.webhooks_out import endpoints, resending

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUSE = Actor.house(None, "test")


def listen(actor: Actor, url: str, *events: str, merchant_id: int | None = None) -> tuple[str, str]:
    """Make an endpoint that takes these events, or all; answers its id and its secret."""
    asked = endpoints.checked(NewEndpoint(url=url, events=events or ("*",)))
    with db.unit_of_work(actor) as session:
        owner = merchant_id or actor.merchant_id
        assert owner is not None
        row, secret = endpoints.create(session, clock.now(), owner, asked)
        return row.public_id, secret


def ask_test(actor: Actor, endpoint: str) -> str:
    """Ask for a test event; answers its id."""
    with db.unit_of_work(actor) as session:
        return resending.send_test(session, clock.now(), endpoint).public_id


def drain() -> int:
    """Send what is due, as a worker does."""
    return leases.drain("webhooks", HANDLERS)


def hurry() -> None:
    """Make due what waits for its next attempt."""
    with db.unit_of_work(HOUSE) as session:
        past = clock.now() - timedelta(seconds=1)
        session.execute(
            update(Outbox)
            .where(Outbox.queue == "webhooks", Outbox.state == "waiting")
            .values(run_at=past)
        )


def waits() -> list[float]:
    """Return in how many seconds what waits is due."""
    with db.reading(HOUSE) as session:
        rows = session.scalars(
            select(Outbox).where(Outbox.queue == "webhooks", Outbox.state == "waiting")
        )
        return [(row.run_at - row.changed_at).total_seconds() for row in rows]


def deliveries(actor: Actor) -> Sequence[WebhookDelivery]:
    """Return the deliveries that the actor sees, oldest first."""
    with db.reading(actor) as session:
        return session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()


def attempts(actor: Actor) -> Sequence[WebhookAttempt]:
    """Return the attempts that the actor sees, oldest first."""
    with db.reading(actor) as session:
        return session.scalars(select(WebhookAttempt).order_by(WebhookAttempt.id)).all()


def endpoint(actor: Actor, public_id: str) -> WebhookEndpoint:
    """Return an endpoint as it is stored now."""
    with db.reading(actor) as session:
        return endpoints.get(session, public_id)


def told(actor: Actor) -> list[dict[str, Any]]:
    """Return the bodies of the events that the actor sees, oldest first."""
    with db.reading(actor) as session:
        rows = session.scalars(select(Event).order_by(Event.id)).all()
    return [json.loads(row.body) for row in rows]


def kinds(actor: Actor) -> list[str]:
    """Return what the events that the actor sees are, oldest first."""
    return [each["type"] for each in told(actor)]


def event(actor: Actor, public_id: str) -> Event:
    """Return an event."""
    with db.reading(actor) as session:
        found = event_rows.get(session, public_id)
        assert found is not None
        return found


def broken() -> dict[str, list[str]]:
    """Return what invariants find, by name; nothing where all hold."""
    with unscoped(HOUSE, clock.now(), "test") as session:
        results = registry.check_all(session)
    return {each.name: [v.text for v in each.violations] for each in results if each.violations}
