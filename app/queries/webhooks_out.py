"""Reads and locks of merchants' endpoints, of deliveries to them, and of every attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, func, or_, select

from app.domain.webhooks_out import DeliveryState, EndpointState, EventType
from app.models import Event, WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookResend
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

FAILING: Final = "failing"
"""What an endpoint is called that is enabled and has answered nothing well of late."""
STATES: Final = (EndpointState.ENABLED.value, FAILING, EndpointState.DISABLED.value)
_KEYS: Final = Keys(WebhookEndpoint.created_at, WebhookEndpoint.id, WebhookEndpoint.public_id)
_DELIVERIES: Final = Keys(WebhookDelivery.created_at, WebhookDelivery.id, WebhookDelivery.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFilter:
    """What the list is narrowed to; empty values do nothing.

    `merchant` is a short name, an id or the beginning of a name; `states` are of STATES.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    merchant: str = ""
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """What the list is narrowed to; empty values do nothing.

    `merchant` is a short name, an id or the beginning of a name; `endpoint` a public id.
    """

    merchant: str = ""
    endpoint: str = ""
    created_from: datetime | None = None
    created_before: datetime | None = None
    states: tuple[str, ...] = ()
    type: str = ""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery with what is sent and where to."""

    delivery: WebhookDelivery
    event: Event
    endpoint: WebhookEndpoint


def page(session: Session, wanted: EndpointFilter, window: Window) -> Slice:
    """Return one page of the endpoints that the actor may see, newest first."""
    found = select(
        WebhookEndpoint.public_id,
        WebhookEndpoint.merchant_id,
        WebhookEndpoint.url,
        WebhookEndpoint.description,
        WebhookEndpoint.events,
        WebhookEndpoint.state,
        WebhookEndpoint.failing_since,
        WebhookEndpoint.created_at,
        WebhookEndpoint.created_by,
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _KEYS, window)


def count(session: Session, wanted: EndpointFilter) -> CappedCount:
    """Count the endpoints of the list, as far as they are counted."""
    return keyset.counted(session, select(WebhookEndpoint.id).where(*_conditions(session, wanted)))


def get(session: Session, public_id: str) -> WebhookEndpoint | None:
    """Return an endpoint that the actor may see, fresh from the database; deleted ones are gone."""
    return session.scalars(
        _endpoint(public_id).execution_options(populate_existing=True)
    ).one_or_none()


def several(session: Session, public_ids: Sequence[str]) -> list[WebhookEndpoint]:
    """Return endpoints in the order of their ids."""
    found = select(WebhookEndpoint).where(
        WebhookEndpoint.public_id.in_(public_ids), WebhookEndpoint.deleted_at.is_(None)
    )
    known = {row.public_id: row for row in session.scalars(found)}
    return [known[each] for each in public_ids if each in known]


def lock(session: Session, public_id: str) -> WebhookEndpoint | None:
    """Return an endpoint as it is now and lock its row until the end of the unit of work."""
    found = _endpoint(public_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def lock_by_id(session: Session, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint by its key, deleted or not, and lock its row."""
    return session.scalars(
        select(WebhookEndpoint)
        .where(WebhookEndpoint.id == endpoint_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def by_id(session: Session, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint by its key, deleted or not."""
    return session.scalars(select(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id)).one()


def lock_present(session: Session, merchant_id: int) -> int:
    """Count a merchant's endpoints in the actor's book, and lock them."""
    found = select(WebhookEndpoint.id).where(
        WebhookEndpoint.merchant_id == merchant_id, WebhookEndpoint.deleted_at.is_(None)
    )
    return len(session.scalars(found.order_by(WebhookEndpoint.id).with_for_update()).all())


def parcel(session: Session, public_id: str) -> Parcel | None:
    """Return a delivery that the actor may see, with its event and endpoint, fresh."""
    row = session.execute(
        select(WebhookDelivery, Event, WebhookEndpoint)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.public_id == public_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else Parcel(*row)


def lock_delivery(session: Session, delivery_id: int) -> WebhookDelivery:
    """Return a delivery as it is now and lock its row."""
    return session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def lock_deliveries(
    session: Session, endpoint_id: int, event_ids: Sequence[int]
) -> dict[int, WebhookDelivery]:
    """Return event's key → its delivery to an endpoint, locked, where there is one."""
    found = (
        select(WebhookDelivery)
        .where(WebhookDelivery.event_id.in_(event_ids), WebhookDelivery.endpoint_id == endpoint_id)
        .order_by(WebhookDelivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.event_id: row for row in session.scalars(found)}


def of_event(session: Session, event_id: int) -> Sequence[tuple[WebhookDelivery, WebhookEndpoint]]:
    """Return the deliveries of an event with their endpoints, oldest first."""
    rows = session.execute(
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.event_id == event_id)
        .order_by(WebhookDelivery.id)
    )
    return [(delivery, endpoint) for delivery, endpoint in rows]


def attempts(session: Session, delivery_id: int) -> Sequence[WebhookAttempt]:
    """Return every attempt of a delivery, oldest first."""
    found = select(WebhookAttempt).where(WebhookAttempt.delivery_id == delivery_id)
    return session.scalars(found.order_by(WebhookAttempt.id)).all()


def deliveries(session: Session, wanted: DeliveryFilter, window: Window) -> Slice:
    """Return one page of the deliveries that the actor may see, newest first."""
    found = (
        select(
            WebhookDelivery.public_id,
            WebhookDelivery.merchant_id,
            WebhookDelivery.state,
            WebhookDelivery.attempts,
            WebhookDelivery.last_status,
            WebhookDelivery.next_at,
            WebhookDelivery.created_at,
            Event.public_id.label("event_public_id"),
            Event.type,
            Event.object_id,
            WebhookEndpoint.public_id.label("endpoint_public_id"),
            WebhookEndpoint.url,
            WebhookEndpoint.deleted_at,
        )
        .join(Event, Event.id == WebhookDelivery.event_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(*_of_deliveries(session, wanted))
    )
    return listing.page(session, found, _DELIVERIES, window)


def count_deliveries(session: Session, wanted: DeliveryFilter) -> CappedCount:
    """Count the deliveries of the list, as far as they are counted."""
    found = (
        select(WebhookDelivery.id)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(*_of_deliveries(session, wanted))
    )
    return keyset.counted(session, found)


def count_range(
    session: Session, endpoint: WebhookEndpoint, first: datetime, end: datetime, *, failed: bool
) -> int:
    """Count the events of a span, or (`failed`) those whose delivery to an endpoint failed."""
    found = select(func.count()).select_from(Event)
    found = found.where(
        Event.merchant_id == endpoint.merchant_id,
        Event.created_at >= first,
        Event.created_at < end,
        Event.type != EventType.TEST,
    )
    if failed:
        given_up = and_(
            WebhookDelivery.event_id == Event.id,
            WebhookDelivery.endpoint_id == endpoint.id,
            WebhookDelivery.state == DeliveryState.FAILED,
        )
        found = found.join(WebhookDelivery, given_up)
    return session.scalar(found) or 0


def resend(session: Session, public_id: str) -> WebhookResend | None:
    """Return a range that is sent again, and lock its row."""
    found = select(WebhookResend).where(WebhookResend.public_id == public_id)
    return session.scalars(
        found.with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def last_resend(session: Session, endpoint_id: int) -> WebhookResend | None:
    """Return the range that was last asked for to be sent again to an endpoint."""
    found = select(WebhookResend).where(WebhookResend.endpoint_id == endpoint_id)
    return session.scalars(found.order_by(WebhookResend.id.desc()).limit(1)).one_or_none()


def _endpoint(public_id: str) -> Select[WebhookEndpoint]:
    return select(WebhookEndpoint).where(
        WebhookEndpoint.public_id == public_id, WebhookEndpoint.deleted_at.is_(None)
    )


def _conditions(session: Session, wanted: EndpointFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [WebhookEndpoint.deleted_at.is_(None)]
    if wanted.created_from is not None:
        conditions.append(WebhookEndpoint.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(WebhookEndpoint.created_at < wanted.created_before)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(WebhookEndpoint.merchant_id.in_(ids))
    if wanted.states:
        conditions.append(or_(*(_is(state) for state in wanted.states)))
    return conditions


def _is(state: str) -> ColumnElement[bool]:
    if state == EndpointState.DISABLED:
        return WebhookEndpoint.state == EndpointState.DISABLED
    failing = WebhookEndpoint.failing_since.is_not(None)
    enabled = WebhookEndpoint.state == EndpointState.ENABLED
    return and_(enabled, failing if state == FAILING else ~failing)


def _of_deliveries(session: Session, wanted: DeliveryFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(WebhookDelivery.merchant_id.in_(ids))
    if wanted.endpoint:
        conditions.append(WebhookEndpoint.public_id == wanted.endpoint)
    if wanted.created_from is not None:
        conditions.append(WebhookDelivery.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(WebhookDelivery.created_at < wanted.created_before)
    if wanted.states:
        conditions.append(WebhookDelivery.state.in_(wanted.states))
    if wanted.type:
        conditions.append(Event.type == wanted.type)
    return conditions
