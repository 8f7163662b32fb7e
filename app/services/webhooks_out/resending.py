"""Sending again: one event, a span of them, or a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import config
from app.adapters import clock, db
from app.domain import webhooks_out as rules
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.domain.webhooks_out import MOST_RESENT, DeliveryState, EndpointState, EventType
from app.errors import (
    BadInputError,
    IllegalStateError,
    LeaseLostError,
    LimitExceededError,
    NotFoundError,
    said,
)
from app.models import WebhookResend
from app.models.tenancy import actor_of
from app.queries import events as event_rows
from app.queries import outbox as tasks
from app.queries import webhooks_out as rows
from app.services import audit, events, outbox
from app.services.events import News
from app.services.told import objects

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Event, Outbox, WebhookDelivery, WebhookEndpoint
    from app.queries.outbox import Lease

    Which = Literal["failed", "all"]

CHUNK_EVENTS: Final = 200


def send_test(session: Session, now: datetime, endpoint_id: str) -> Event:
    """Send a test event to an endpoint, whatever it chooses.

    Raises NotFoundError, IllegalStateError where it is disabled.
    """
    endpoint = _enabled(session, endpoint_id)
    news = News(
        kind=EventType.TEST,
        merchant_id=endpoint.merchant_id,
        livemode=endpoint.livemode,
        object_type="webhook_endpoint",
        object_id=endpoint.public_id,
        object_version=event_rows.next_version(session, endpoint.public_id),
        told=objects.endpoint(endpoint),
    )
    (event,) = events.tell(session, now, [news], to=[endpoint.id])
    sentence = said("Sent a test event to {url}", url=endpoint.url)
    audit.of_row(
        session, now, endpoint, "webhooks.test", sentence, after={"event": event.public_id}
    )
    return event


def resend(session: Session, now: datetime, event_id: str, endpoint_id: str) -> str:
    """Send an event to an endpoint once more, now; answers the delivery's id.

    Raises NotFoundError, IllegalStateError where the endpoint is disabled.
    """
    event = event_rows.get(session, event_id)
    if event is None:
        raise NotFoundError(said("There is no event {id}.", id=event_id))
    endpoint = _enabled(session, endpoint_id)
    if event.merchant_id != endpoint.merchant_id:
        raise NotFoundError(said("There is no webhook endpoint {id}.", id=endpoint_id))
    _again(session, now, endpoint, [event])
    delivery = rows.lock_deliveries(session, endpoint.id, [event.id])[event.id].public_id
    sentence = said("Sent the event {event} again to {url}", event=event_id, url=endpoint.url)
    audit.of_row(
        session,
        now,
        endpoint,
        "webhooks.resend",
        sentence,
        after={"event": event_id, "delivery": delivery},
    )
    return delivery


def ask_range(
    session: Session,
    now: datetime,
    endpoint_id: str,
    first: datetime,
    end: datetime,
    which: Which,
) -> WebhookResend:
    """Have a worker send again what happened from `first` on and before `end`.

    `which`: failed, or all that the endpoint takes now. Raises NotFoundError, BadInputError,
    IllegalStateError where it is disabled, and LimitExceededError above 10,000 events.
    """
    if which not in {"failed", "all"}:
        raise BadInputError("which", said("is neither failed nor all."), said("Choose one."))
    if first >= end:
        raise BadInputError("to", said("is not after the beginning."), said("Choose a later one."))
    endpoint = _enabled(session, endpoint_id)
    number = rows.count_range(session, endpoint, first, end, failed=which == "failed")
    if number > MOST_RESENT:
        raise LimitExceededError(
            said(
                "{count} events are too many at a time: at most {most}. Choose a shorter time.",
                count=number,
                most=MOST_RESENT,
            )
        )
    row = WebhookResend(
        public_id=new_id("wr", now),
        merchant_id=endpoint.merchant_id,
        livemode=endpoint.livemode,
        endpoint_id=endpoint.id,
        from_at=first,
        to_at=end,
        which=which,
        state="running",
        created_by=actor_of(session).label[:255],
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    outbox.enqueue(
        session,
        now,
        queue="webhooks",
        kind="webhook.resend",
        ref=row.public_id,
        job_key=f"webhook-resend:{row.public_id}",
        merchant_id=endpoint.merchant_id,
        livemode=endpoint.livemode,
    )
    sentence = said(
        "Asked to send up to {count} events again to {url}", count=number, url=endpoint.url
    )
    facts = {"resend": row.public_id, "from": first, "to": end, "which": which}
    audit.of_row(session, now, endpoint, "webhooks.resend_range", sentence, after=facts)
    return row


def run(lease: Lease) -> None:
    """Do a leased task: put a span's events on their way again, a chunk at a time."""
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, "webhooks")
    while db.retry_when_busy(_step)(lease, actor):
        pass


def _step(lease: Lease, actor: Actor) -> bool:
    """Do one chunk; tells whether there is more."""
    with db.unit_of_work(actor) as session:
        if not tasks.renew(session, lease, config.get().payagency_lease_seconds):
            raise LeaseLostError(said("Another worker took this task over."))
        row, now = rows.resend(session, lease.ref), clock.now()
        if row is None or row.state != "running":
            tasks.finish(session, lease)
            return False
        found = event_rows.between(
            session, row.merchant_id, row.from_at, row.to_at, row.done_up_to, CHUNK_EVENTS
        )
        endpoint = rows.lock_by_id(session, row.endpoint_id)
        row.changed_at = now
        if not found or endpoint.state != EndpointState.ENABLED:
            row.state = "done"
            tasks.finish(session, lease)
            return False
        row.done_up_to = found[-1].id
        happened = [each for each in found if each.type != EventType.TEST]
        row.count += _again(session, now, endpoint, _wanted(session, row, endpoint, happened))
        return True


def _wanted(
    session: Session, row: WebhookResend, endpoint: WebhookEndpoint, found: Sequence[Event]
) -> list[Event]:
    if row.which == "all":
        patterns = endpoint.events.split()
        return [each for each in found if rules.takes(patterns, each.type)]
    known = rows.lock_deliveries(session, endpoint.id, [each.id for each in found])
    failed = {key for key, each in known.items() if each.state == DeliveryState.FAILED}
    return [each for each in found if each.id in failed]


def _again(
    session: Session, now: datetime, endpoint: WebhookEndpoint, wanted: Sequence[Event]
) -> int:
    """Put events on their way to an endpoint that is locked; answers how many."""
    known = rows.lock_deliveries(session, endpoint.id, [each.id for each in wanted])
    new = [(each, endpoint.id) for each in wanted if each.id not in known]
    old = [(each, known[each.id]) for each in wanted if each.id in known]
    events.deliver(session, now, new)
    started = [(delivery, _restart(session, now, each, delivery)) for each, delivery in old]
    session.flush()
    for delivery, task in started:
        delivery.task_id = task.id
    session.flush()
    return len(wanted)


def _restart(session: Session, now: datetime, event: Event, delivery: WebhookDelivery) -> Outbox:
    delivery.state, delivery.attempts = DeliveryState.WAITING, 0
    delivery.next_at = delivery.changed_at = now
    name = f"{delivery.public_id}:{new_id('tsk', now)}"
    return events.enqueue(session, now, event, delivery.public_id, name)


def _enabled(session: Session, endpoint_id: str) -> WebhookEndpoint:
    endpoint = rows.lock(session, endpoint_id)
    if endpoint is None:
        raise NotFoundError(said("There is no webhook endpoint {id}.", id=endpoint_id))
    if endpoint.state != EndpointState.ENABLED:
        raise IllegalStateError(said("This endpoint is disabled. Enable it first."))
    return endpoint
