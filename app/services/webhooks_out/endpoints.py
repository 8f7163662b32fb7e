"""Endpoints of merchants: made, changed, disabled, deleted; a secret is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.adapters import outbound
from app.domain import webhooks_out as rules
from app.domain.identifiers import new_id
from app.domain.webhooks_out import MOST_ENDPOINTS, EndpointState, NewEndpoint
from app.errors import IllegalStateError, LimitExceededError, NotFoundError, said
from app.models import WebhookEndpoint
from app.models.tenancy import actor_of
from app.queries import webhooks_out as rows
from app.services import audit, reasons

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Checked:
    """What an endpoint shall be, whose address was found to lead where it may."""

    wanted: NewEndpoint


def checked(wanted: NewEndpoint) -> Checked:
    """Check what an endpoint shall be, and look up whither its address leads.

    The look-up may take seconds: no unit of work may be open. Raises BadInputError naming the
    place.
    """
    found = rules.check(wanted)
    outbound.check_url(found.url, "url")
    return Checked(found)


def create(
    session: Session, now: datetime, merchant_id: int, asked: Checked
) -> tuple[WebhookEndpoint, str]:
    """Make an endpoint of a merchant in the actor's book; answers it and its secret.

    Raises LimitExceededError where there are 20 of them already.
    """
    if rows.lock_present(session, merchant_id) >= MOST_ENDPOINTS:
        raise LimitExceededError(
            said(
                "{count} endpoints exist in this book already, and there can be no more."
                " Delete one that nothing uses.",
                count=MOST_ENDPOINTS,
            )
        )
    actor, secret = actor_of(session), rules.new_secret()
    row = WebhookEndpoint(
        public_id=new_id("we", now),
        merchant_id=merchant_id,
        livemode=bool(actor.livemode),
        url=asked.wanted.url,
        description=asked.wanted.description,
        events=rules.written(asked.wanted.events),
        secret=secret,
        state=EndpointState.ENABLED,
        created_by=actor.label[:255],
        created_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    audit.of_row(
        session,
        now,
        row,
        "webhooks.create",
        said("Made the webhook endpoint {url}", url=row.url),
        after=as_data(row),
    )
    return row, secret


def update(
    session: Session, now: datetime, public_id: str, asked: Checked, version: int
) -> WebhookEndpoint:
    """Change address, events and description of an endpoint that stands at `version`.

    Raises NotFoundError, and IllegalStateError where somebody has changed it meanwhile.
    """
    row = _lock(session, public_id)
    if row.version != version:
        raise IllegalStateError(
            said("Somebody has changed this endpoint meanwhile. Open it again and look.")
        )
    before = as_data(row)
    row.url, row.description = asked.wanted.url, asked.wanted.description
    row.events = rules.written(asked.wanted.events)
    sentence = said("Changed the webhook endpoint {url}", url=row.url)
    audit.of_change(session, now, row, "webhooks.update", sentence, before=before, told=as_data)
    return row


def rotate(
    session: Session, now: datetime, public_id: str, overlap: timedelta
) -> tuple[WebhookEndpoint, str]:
    """Give an endpoint another secret; the former one signs too for `overlap`.

    Answers the endpoint and the new secret. Raises BadInputError (place: overlap), NotFoundError.
    """
    rules.check_overlap(overlap)
    row = _lock(session, public_id)
    before, secret = as_data(row), rules.new_secret()
    row.former_secret = row.secret if overlap else None
    row.former_until = now + overlap if overlap else None
    row.secret = secret
    sentence = said(
        "Rotated the secret of the webhook endpoint {url}; the former one signs until {moment}",
        url=row.url,
        moment=(now + overlap).strftime("%Y-%m-%d %H:%M UTC"),
    )
    audit.of_change(session, now, row, "webhooks.rotate", sentence, before=before, told=as_data)
    return row, secret


def disable(session: Session, now: datetime, public_id: str, reason: str) -> WebhookEndpoint:
    """Send nothing more to an endpoint. Raises BadInputError, NotFoundError, IllegalStateError."""
    why = reasons.checked(reason, said("Say why; it is kept in the audit trail."))
    rules.refuse_secret(why, "reason")
    row = _lock(session, public_id)
    if row.state == EndpointState.DISABLED:
        raise IllegalStateError(said("This endpoint is disabled already."))
    row.failing_since = None
    switch_off(session, now, row, why)
    return row


def switch_off(session: Session, now: datetime, row: WebhookEndpoint, reason: str) -> None:
    """Disable an endpoint that is locked, for a reason that is kept and shown."""
    before = as_data(row)
    row.state, row.disabled_reason = EndpointState.DISABLED, reason[:255]
    sentence = said("Disabled the webhook endpoint {url}: {reason}", url=row.url, reason=reason)
    audit.of_change(session, now, row, "webhooks.disable", sentence, before=before, told=as_data)


def enable(session: Session, now: datetime, public_id: str) -> WebhookEndpoint:
    """Send to an endpoint again, from now on. Raises NotFoundError, IllegalStateError."""
    row = _lock(session, public_id)
    if row.state == EndpointState.ENABLED:
        raise IllegalStateError(said("This endpoint is enabled already."))
    before = as_data(row)
    row.state, row.disabled_reason, row.failing_since = EndpointState.ENABLED, None, None
    sentence = said("Enabled the webhook endpoint {url}", url=row.url)
    audit.of_change(session, now, row, "webhooks.enable", sentence, before=before, told=as_data)
    return row


def delete(session: Session, now: datetime, public_id: str) -> None:
    """Delete an endpoint with its secrets; its events and their log stay. Raises NotFoundError."""
    row = _lock(session, public_id)
    before = as_data(row)
    row.deleted_at, row.state = now, EndpointState.DISABLED
    row.former_secret = row.former_until = None
    row.secret = ""
    sentence = said("Deleted the webhook endpoint {url}", url=row.url)
    audit.of_change(session, now, row, "webhooks.delete", sentence, before=before, told=as_data)


def get(session: Session, public_id: str) -> WebhookEndpoint:
    """Return an endpoint that the actor may see; raises NotFoundError."""
    found = rows.get(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no webhook endpoint {id}.", id=public_id))
    return found


def as_data(row: WebhookEndpoint) -> dict[str, Any]:
    """Return what an endpoint is, for the audit trail: never a secret."""
    return {
        "id": row.public_id,
        "url": row.url,
        "description": row.description,
        "events": row.events.split(),
        "state": row.state,
        "disabled_reason": row.disabled_reason,
        "former_until": row.former_until,
        "deleted_at": row.deleted_at,
    }


def _lock(session: Session, public_id: str) -> WebhookEndpoint:
    found = rows.lock(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no webhook endpoint {id}.", id=public_id))
    return found
