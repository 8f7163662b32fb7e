"""The door of the API: who asks, with which right, and how everything that goes wrong is told."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import Blueprint, g, request

import config
from app.adapters import logging, rates
from app.adapters.db import release_reads
from app.errors import (
    BadInputError,
    ForbiddenError,
    PayAgencyError,
    TooManyRequestsError,
    said,
)
from app.security import api_keys
from app.views.api import bodies
from app.views.base import CHECKS_ITSELF, OPEN_ROUTES, read_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response
    from flask.typing import ResponseReturnValue

    from app.domain.api_keys import Scope
    from app.security.api_keys import Known

    Route = Callable[..., ResponseReturnValue]

V1: Final = Blueprint("v1", __name__, url_prefix="/v1")
VERSION_HEADER: Final = "PayAgency-Version"
KEY_HEADER: Final = "Idempotency-Key"

IDEMPOTENT: Final[set[str]] = set()
"""Endpoints of requests that change something, which are done once for their key."""

Shape = TypeVar("Shape")


class InvalidRequestError(PayAgencyError):
    """What was sent does not have the shape that is asked for; `errors` names each place."""

    code = "invalid_request"
    status = 422
    title = said("This cannot be used")

    def __init__(self, errors: list[dict[str, str]]) -> None:
        """Name the places and what is wrong there."""
        first = errors[0]
        place = first["pointer"] or said("the body")
        super().__init__(said("{place}: {reason}", place=place, reason=first["detail"]))
        self.errors = errors


class KeyMissingError(PayAgencyError):
    """A request that moves money carries no idempotency key."""

    code = "idempotency_key_missing"
    status = 400
    title = said("An idempotency key is missing")


@V1.before_request
def _enter() -> None:
    """Find out who asks, from the bearer key alone: cookies mean nothing here."""
    if request.endpoint in OPEN_ROUTES:
        return
    release_reads()
    known = api_keys.find(request.headers.get("Authorization"), request.remote_addr or "")
    g.api_key = known
    read_session().info["actor"] = known.actor
    logging.bind(actor=known.actor.label)
    _count(known)
    bodies.read()


def _count(known: Known) -> None:
    rate = g.rate = rates.hit("api", str(known.key_id), config.get().payagency_api_per_minute)
    if rate is not None and not rate.allowed:
        raise TooManyRequestsError(
            said(
                "This API key may ask {count} times a minute. Wait {seconds} seconds, and ask less"
                " often.",
                count=rate.limit,
                seconds=rate.reset_seconds,
            ),
            retry_after_seconds=rate.reset_seconds,
        )


@V1.after_request
def _leave(response: Response) -> Response:
    if "api_key" in g:
        response.headers[VERSION_HEADER] = caller().version
    rate = g.get("rate")
    if rate is not None:
        # As in draft-ietf-httpapi-ratelimit-headers-10: the policy, and how the caller stands.
        policy = f'"key";q={rate.limit};w={rates.WINDOW_SECONDS}'
        response.headers["RateLimit-Policy"] = policy
        response.headers["RateLimit"] = f'"key";r={rate.remaining};t={rate.reset_seconds}'
    return response


def caller() -> Known:
    """Return the key of this request."""
    known: Known = g.api_key
    return known


def scoped(scope: Scope) -> Callable[[Route], Route]:
    """Let a route run only for keys that have the scope. Raises ForbiddenError."""

    def wrap(route: Route) -> Route:
        @functools.wraps(route)
        def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if scope not in caller().scopes:
                raise ForbiddenError(
                    said(
                        "This API key has no scope {scope}. Use one that has it, or make one.",
                        scope=scope,
                    )
                )
            return route(*args, **kwargs)

        setattr(checked, CHECKS_ITSELF, scope)
        return checked

    return wrap


def keyed(route: Route) -> Route:
    """Mark a route whose requests need an idempotency key."""
    IDEMPOTENT.add(f"{V1.name}.{route.__name__}")
    return route


def formed(route: Route) -> Route:
    """Mark a route that takes a form with a file instead of JSON."""
    bodies.FORMS.add(f"{V1.name}.{route.__name__}")
    return route


def idempotency_key() -> str:
    """Return the key under which the request is done once. Raises KeyMissingError."""
    key = request.headers.get(KEY_HEADER, "")
    if not key:
        raise KeyMissingError(
            said(
                "Send a header {header} with a random text, a new one for each new request.",
                header=KEY_HEADER,
            )
        )
    return key


def sent(kind: type[Shape], part: str = "json") -> Shape:
    """Return what was sent as this shape, which has been checked; `part` may be `query`."""
    found = getattr(getattr(request, "context", None), part, None)
    if not isinstance(found, kind):
        raise TypeError(f"{part} was not checked to be {kind.__name__}")
    return found


def bad(pointer: str, reason: str, way_out: str = "") -> BadInputError:
    """Return the error for one place of what was sent."""
    return BadInputError(pointer, reason, way_out)
