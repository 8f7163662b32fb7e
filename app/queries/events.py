"""Reads of what merchants' programs are told, and of who wants to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from app.domain.webhooks_out import EndpointState
from app.models import Event, WebhookEndpoint
from app.queries import keyset, listing
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_KEYS: Final = Keys(Event.created_at, Event.id, Event.public_id)


@dataclass(frozen=True, slots=True)
class Listener:
    """An endpoint that there is or was; `events` is empty where nothing is sent to it."""

    id: int
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What the list is narrowed to; empty values do nothing.

    `merchant` is a short name, an id or the beginning of a name; `type` a type, `object_id` the
    public id of what it is about.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    merchant: str = ""
    type: str = ""
    object_id: str = ""


def listeners(session: Session, merchant_id: int, *, livemode: bool) -> Sequence[Listener]:
    """Return every endpoint that a merchant has or had in a book, read once a session.

    Nothing is written first: whoever has none pays one statement a unit of work and no more.
    """
    known: dict[tuple[int, bool], list[Listener]] = session.info.setdefault("listeners", {})
    key = (merchant_id, livemode)
    if key not in known:
        found = select(
            WebhookEndpoint.id,
            WebhookEndpoint.events,
            WebhookEndpoint.state,
            WebhookEndpoint.deleted_at,
        ).where(WebhookEndpoint.merchant_id == merchant_id, WebhookEndpoint.livemode == livemode)
        with session.no_autoflush:
            rows = session.execute(found.order_by(WebhookEndpoint.id)).all()
        known[key] = [
            Listener(
                row.id,
                tuple(row.events.split())
                if row.state == EndpointState.ENABLED and row.deleted_at is None
                else (),
            )
            for row in rows
        ]
    return known[key]


def next_version(session: Session, object_id: str) -> int:
    """Return the number of the next event of an object."""
    last = session.scalar(
        select(func.max(Event.object_version)).where(Event.object_id == object_id)
    )
    return (last or 0) + 1


def get(session: Session, public_id: str) -> Event | None:
    """Return an event that the actor may see."""
    return session.scalars(select(Event).where(Event.public_id == public_id)).one_or_none()


def several(session: Session, public_ids: Sequence[str]) -> list[Event]:
    """Return events in the order of their ids."""
    rows = session.scalars(select(Event).where(Event.public_id.in_(public_ids)))
    known = {event.public_id: event for event in rows}
    return [known[each] for each in public_ids if each in known]


def by_id(session: Session, event_id: int) -> Event:
    """Return an event by its key."""
    return session.scalars(select(Event).where(Event.id == event_id)).one()


def page(session: Session, wanted: EventFilter, window: Window) -> Slice:
    """Return one page of the events that the actor may see, newest first."""
    found = select(
        Event.public_id,
        Event.merchant_id,
        Event.type,
        Event.object_type,
        Event.object_id,
        Event.object_version,
        Event.created_at,
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _KEYS, window)


def count(session: Session, wanted: EventFilter) -> CappedCount:
    """Count the events of the list, as far as they are counted."""
    return keyset.counted(session, select(Event.id).where(*_conditions(session, wanted)))


def between(
    session: Session, merchant_id: int, first: datetime, end: datetime, after: int, limit: int
) -> Sequence[Event]:
    """Return a merchant's events made in a span, by their keys from above `after` on."""
    found = select(Event).where(
        Event.merchant_id == merchant_id,
        Event.created_at >= first,
        Event.created_at < end,
        Event.id > after,
    )
    return session.scalars(found.order_by(Event.id).limit(limit)).all()


def _conditions(session: Session, wanted: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.created_from is not None:
        conditions.append(Event.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(Event.created_at < wanted.created_before)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(Event.merchant_id.in_(ids))
    if wanted.type:
        conditions.append(Event.type == wanted.type)
    if wanted.object_id:
        conditions.append(Event.object_id == wanted.object_id)
    return conditions
