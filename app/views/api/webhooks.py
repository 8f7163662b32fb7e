"""`/v1/webhook_endpoints` and `/v1/events`: who is told, what was told, and telling it again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.adapters.db import release_reads
from app.domain.api_keys import Scope
from app.domain.webhooks_out import NewEndpoint
from app.errors import NotFoundError, said
from app.queries import events as event_rows
from app.queries import webhooks_out as rows
from app.queries.events import EventFilter
from app.queries.webhooks_out import EndpointFilter
from app.services import refusals
from app.services.told import objects
from app.services.told.shapes import EndpointTold
from app.services.webhooks_out import endpoints, resending
from app.views import webhook_acts
from app.views.api import pages
from app.views.api.entrance import V1, caller, idempotency_key, keyed, scoped, sent
from app.views.api.payments import REFUSALS, REPLAYED
from app.views.api.shapes import ListQuery
from app.views.api.spec import SPEC
from app.views.api.webhook_shapes import (
    DeliveryTold,
    EndpointDeleted,
    EndpointMade,
    EndpointPage,
    EndpointRequest,
    EventPage,
    EventQuery,
    EventTold,
    ResendRequest,
)
from app.views.base import read_session
from app.views.once import Command, once

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

_ENDPOINTS: Final = ("webhook endpoints",)
_EVENTS: Final = ("events",)


@V1.post("/webhook_endpoints")
@scoped(Scope.WEBHOOKS_WRITE)
@SPEC.validate(
    json=EndpointRequest, resp=Response(HTTP_201=EndpointMade, **REFUSALS), tags=_ENDPOINTS
)
@keyed
def create_webhook_endpoint() -> ResponseReturnValue:
    """Make an endpoint.

    The answer tells its signing secret, this once. Messages follow Standard Webhooks 1.0; they come
    at least once and in no promised order: compare `data.version` of an object.
    """
    asked = sent(EndpointRequest)
    wanted = NewEndpoint(url=asked.url, events=tuple(asked.events), description=asked.description)
    made = webhook_acts.create(caller().actor, idempotency_key(), wanted)
    release_reads()
    row = endpoints.get(read_session(), made.public_id)
    told = EndpointMade(**objects.endpoint(row).model_dump(), secret=made.secret or None)
    headers = {} if made.secret else {REPLAYED: "true"}
    return told.model_dump(), HTTPStatus.CREATED, headers


@V1.get("/webhook_endpoints")
@scoped(Scope.WEBHOOKS_READ)
@SPEC.validate(query=ListQuery, resp=Response(HTTP_200=EndpointPage, **REFUSALS), tags=_ENDPOINTS)
def list_webhook_endpoints() -> ResponseReturnValue:
    """List endpoints, newest first."""
    query, session = sent(ListQuery, "query"), read_session()
    wanted = EndpointFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
    )
    ids, cursor = pages.page(query, lambda window: rows.page(session, wanted, window))
    data = [objects.endpoint(row) for row in rows.several(session, ids)]
    found = EndpointPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/webhook_endpoints/<string:endpoint_id>")
@scoped(Scope.WEBHOOKS_READ)
@SPEC.validate(resp=Response(HTTP_200=EndpointTold, **REFUSALS), tags=_ENDPOINTS)
def get_webhook_endpoint(endpoint_id: str) -> ResponseReturnValue:
    """Read an endpoint as it stands now."""
    row = endpoints.get(read_session(), endpoint_id)
    return objects.endpoint(row).model_dump(), HTTPStatus.OK


@V1.delete("/webhook_endpoints/<string:endpoint_id>")
@scoped(Scope.WEBHOOKS_WRITE)
@SPEC.validate(resp=Response(HTTP_200=EndpointDeleted, **REFUSALS), tags=_ENDPOINTS)
def delete_webhook_endpoint(endpoint_id: str) -> ResponseReturnValue:
    """Delete an endpoint; nothing more is sent to it."""
    webhook_acts.act(
        caller().actor,
        endpoint_id,
        "delete",
        lambda session, now: endpoints.delete(session, now, endpoint_id),
    )
    return EndpointDeleted(id=endpoint_id).model_dump(), HTTPStatus.OK


@V1.get("/events")
@scoped(Scope.WEBHOOKS_READ)
@SPEC.validate(query=EventQuery, resp=Response(HTTP_200=EventPage, **REFUSALS), tags=_EVENTS)
def list_events() -> ResponseReturnValue:
    """List events, newest first, from the merchant's first endpoint on."""
    query, session = sent(EventQuery, "query"), read_session()
    wanted = EventFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        type=query.type,
        object_id=query.object_id,
    )
    ids, cursor = pages.page(query, lambda window: event_rows.page(session, wanted, window))
    data = [EventTold.model_validate_json(event.body) for event in event_rows.several(session, ids)]
    found = EventPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/events/<string:event_id>")
@scoped(Scope.WEBHOOKS_READ)
@SPEC.validate(resp=Response(HTTP_200=EventTold, **REFUSALS), tags=_EVENTS)
def get_event(event_id: str) -> ResponseReturnValue:
    """Read an event exactly as it was sent."""
    event = event_rows.get(read_session(), event_id)
    if event is None:
        raise NotFoundError(said("There is no event {id}.", id=event_id))
    return EventTold.model_validate_json(event.body).model_dump(), HTTPStatus.OK


@V1.post("/events/<string:event_id>/resend")
@scoped(Scope.WEBHOOKS_WRITE)
@SPEC.validate(json=ResendRequest, resp=Response(HTTP_200=DeliveryTold, **REFUSALS), tags=_EVENTS)
@keyed
def resend_event(event_id: str) -> ResponseReturnValue:
    """Send an event to an endpoint once more, now and under the same id."""
    endpoint_id = sent(ResendRequest).webhook_endpoint
    actor = caller().actor
    command = Command(
        actor=actor,
        key=idempotency_key(),
        merchant_id=actor.merchant_id or 0,
        path=f"/v1/events/{event_id}/resend",
        body={"webhook_endpoint": endpoint_id},
    )

    def write(session: Session, now: datetime) -> tuple[str, str]:
        delivery = resending.resend(session, now, event_id, endpoint_id)
        return delivery, delivery

    with refusals.audited(
        actor, action="webhooks.resend", object_type="webhook_endpoint", object_id=endpoint_id
    ):
        done = once(command, write)
    told = DeliveryTold(id=done.object_id, event=event_id, webhook_endpoint=endpoint_id)
    return told.model_dump(), HTTPStatus.OK, {REPLAYED: "true"} if done.is_replay else {}
