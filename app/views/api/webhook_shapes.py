"""The shapes of webhook endpoints and events in the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from app.domain.webhooks_out import LONGEST_DESCRIPTION, LONGEST_URL
from app.services.told.shapes import EndpointTold, Told
from app.views.api.shapes import Asked, ListQuery, Text

MOST_PATTERNS = 50
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class EndpointRequest(Asked):
    """An address to be told of events: types, `payment.*` and the like, or `*` for all."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)]
    events: Annotated[list[Pattern], Field(min_length=1, max_length=MOST_PATTERNS)] = ["*"]
    description: Annotated[str, StringConstraints(max_length=LONGEST_DESCRIPTION)] = ""


class ResendRequest(Asked):
    """To which endpoint an event is sent again."""

    webhook_endpoint: Annotated[str, StringConstraints(min_length=1, max_length=40)]


class EndpointMade(EndpointTold):
    """An endpoint that was just made; `secret` is told once, null where that was before."""

    secret: str | None


class EndpointDeleted(Told):
    """An endpoint that is no more."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    deleted: Literal[True] = True


class EndpointPage(Told):
    """A page of endpoints."""

    object: Literal["list"] = "list"
    data: list[EndpointTold]
    has_more: bool
    next_cursor: str | None


class EventQuery(ListQuery):
    """Which events: of one type, about one object by its id."""

    type: Text = ""
    object_id: Text = ""


class EventData(Told):
    """What is told of an object, and which of its events this is, counted from 1."""

    object: dict[str, Any]
    version: int


class EventTold(Told):
    """An event exactly as it is sent to endpoints."""

    id: str
    type: str
    created: str
    livemode: bool
    data: EventData


class EventPage(Told):
    """A page of events."""

    object: Literal["list"] = "list"
    data: list[EventTold]
    has_more: bool
    next_cursor: str | None


class DeliveryTold(Told):
    """An event on its way to an endpoint."""

    id: str
    object: Literal["webhook_delivery"] = "webhook_delivery"
    event: str
    webhook_endpoint: str
    status: Literal["waiting"] = "waiting"
