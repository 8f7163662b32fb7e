"""The task `webhook.deliver`: send one event to one endpoint, and keep what came back.

No transaction is open while it talks. A worker that is killed between the answer and the commit
leaves the delivery as it was, and it is sent again: at least once, under the same id.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from standardwebhooks import Webhook

import config
from app.adapters import clock, db, failpoints, http, outbound
from app.domain import webhooks_out as rules
from app.domain.actors import Actor
from app.domain.card_numbers import scrub_text
from app.domain.webhooks_out import FAILING_LASTS, DeliveryState, EndpointState, Verdict
from app.errors import said
from app.models import WebhookAttempt
from app.queries import outbox
from app.queries import webhooks_out as rows
from app.services.notify import news
from app.services.webhooks_out import endpoints

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.adapters.http import Posted
    from app.models import WebhookDelivery
    from app.queries.outbox import Lease

SECONDS: Final = 10.0
MOST_BYTES: Final = 64 * 1024
KEPT_BYTES: Final = 2048
_SIGNATURE: Final = "webhook-signature"
_HIDDEN: Final = "v1,…"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is sent whither; the secrets sign it and are in no text."""

    delivery_id: int
    url: str
    message_id: str
    body: str
    secrets: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Sent:
    """An attempt that was made."""

    at: datetime
    headers: Mapping[str, str]
    posted: Posted
    duration_ms: int


def run(lease: Lease) -> None:
    """Do a leased task: one attempt, then the next by the waits until one goes well."""
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, "webhooks")
    plan = db.retry_when_busy(_prepare)(lease, actor)
    if plan is None:
        return
    sent = _send(plan, clock.now())
    failpoints.hit("webhook.sent")
    db.retry_when_busy(_conclude)(lease, actor, plan, sent)


def sign(secrets: Sequence[str], message_id: str, at: datetime, body: str) -> dict[str, str]:
    """Return the headers of Standard Webhooks 1.0: a signature for each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        _SIGNATURE: " ".join(Webhook(each).sign(message_id, at, body) for each in secrets),
    }


def _prepare(lease: Lease, actor: Actor) -> _Plan | None:
    with db.unit_of_work(actor) as session:
        now = clock.now()
        found = rows.parcel(session, lease.ref)
        if found is None or found.delivery.state != DeliveryState.WAITING:
            outbox.finish(session, lease)
            return None
        delivery, endpoint = found.delivery, found.endpoint
        if delivery.task_id != lease.outbox_id:
            outbox.finish(session, lease)
            return None
        if endpoint.state != EndpointState.ENABLED or endpoint.deleted_at is not None:
            if outbox.finish(session, lease):
                _end(delivery, now, DeliveryState.FAILED)
            return None
        secrets = rules.secrets_at(
            endpoint.secret, endpoint.former_secret, endpoint.former_until, now
        )
        return _Plan(
            delivery.id, endpoint.url, found.event.public_id, found.event.body, tuple(secrets)
        )


def _send(plan: _Plan, at: datetime) -> _Sent:
    headers = {
        "content-type": "application/json",
        "user-agent": "PayAgency",
        "accept-encoding": "identity",
        **sign(plan.secrets, plan.message_id, at, plan.body),
    }
    begun = time.monotonic()
    posted = http.post(
        plan.url,
        headers=headers,
        content=plan.body.encode(),
        check=outbound.check_for(plan.url),
        seconds=SECONDS,
        most_bytes=MOST_BYTES,
    )
    duration_ms = round((time.monotonic() - begun) * 1000)
    shown = {**headers, _SIGNATURE: " ".join(_HIDDEN for _ in plan.secrets)}
    return _Sent(at, shown, posted, duration_ms)


def _conclude(lease: Lease, actor: Actor, plan: _Plan, sent: _Sent) -> None:
    with db.unit_of_work(actor) as session:
        now = clock.now()
        held = outbox.renew(session, lease, config.get().payagency_lease_seconds)
        delivery = rows.lock_delivery(session, plan.delivery_id)
        session.add(_attempt(delivery, plan, sent))
        if not held:
            return  # another worker makes this attempt; what came back is in the log
        if delivery.task_id != lease.outbox_id or delivery.state != DeliveryState.WAITING:
            outbox.finish(session, lease)
            return
        delivery.attempts += 1
        delivery.last_status = sent.posted.status
        _settle(session, now, lease, delivery, sent.posted)


def _settle(
    session: Session, now: datetime, lease: Lease, delivery: WebhookDelivery, posted: Posted
) -> None:
    verdict = rules.judge(posted.status)
    if verdict is Verdict.DELIVERED:
        _works_again(session, delivery.endpoint_id)
        _end(delivery, now, DeliveryState.DELIVERED)
        outbox.finish(session, lease)
        return
    asked = rules.retry_after(posted.headers.get("retry-after", ""), now)
    wait = rules.next_wait(delivery.attempts, posted.status, asked)
    is_off = _failed(session, now, delivery.endpoint_id, gone=verdict is Verdict.GONE)
    if wait is None or is_off:
        _end(delivery, now, DeliveryState.FAILED)
        outbox.finish(session, lease)
        return
    delivery.next_at = now + timedelta(seconds=wait)
    delivery.changed_at = now
    outbox.postpone(session, lease, seconds=wait, error=scrub_text(posted.error) or None)


def _end(delivery: WebhookDelivery, now: datetime, state: DeliveryState) -> None:
    delivery.state, delivery.next_at, delivery.changed_at = state, None, now


def _works_again(session: Session, endpoint_id: int) -> None:
    """Forget that an endpoint was failing; one that works is not even locked."""
    if rows.by_id(session, endpoint_id).failing_since is not None:
        rows.lock_by_id(session, endpoint_id).failing_since = None


def _failed(session: Session, now: datetime, endpoint_id: int, *, gone: bool) -> bool:
    """Note that an attempt failed; tells whether the endpoint is disabled now.

    It is, where it says that it is gone, or where nothing has gone well for five days.
    """
    known = rows.by_id(session, endpoint_id)
    since = known.failing_since
    too_long = since is not None and now - since >= FAILING_LASTS
    if since is not None and not gone and not too_long:
        return known.state != EndpointState.ENABLED
    endpoint = rows.lock_by_id(session, endpoint_id)
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.state == EndpointState.ENABLED and (gone or too_long):
        reason = said("It answered 410: it is gone.")
        if not gone:
            reason = said("No delivery has gone well for {count} days.", count=FAILING_LASTS.days)
        endpoints.switch_off(session, now, endpoint, reason)
        news.webhook_disabled(session, now, endpoint, gone=gone)
    return endpoint.state != EndpointState.ENABLED


def _attempt(delivery: WebhookDelivery, plan: _Plan, sent: _Sent) -> WebhookAttempt:
    posted = sent.posted
    answer = posted.content[:KEPT_BYTES].decode(errors="replace").replace("\0", "")
    return WebhookAttempt(
        merchant_id=delivery.merchant_id,
        livemode=delivery.livemode,
        delivery_id=delivery.id,
        url=plan.url,
        headers=json.dumps(dict(sent.headers)),
        address=posted.address[:45],
        status=posted.status,
        answer=scrub_text(answer),
        duration_ms=sent.duration_ms,
        error=scrub_text(posted.error)[:255] or None,
        created_at=sent.at,
    )
