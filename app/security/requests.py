"""What happens around every request: its id, who acts, its size, and the answer's headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g, request
from werkzeug.exceptions import SecurityError

from app.adapters import clock, logging
from app.domain.actors import Actor
from app.domain.identifiers import PREFIXES, new_id
from app.extensions import csrf, db
from app.security import actors, csp

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

# The payer comes back from the bank's site; nothing that this route is sent is taken as truth.
# A provider proves each message by its signature.
CSRF_EXEMPT = frozenset({"PayerView.returned", "WebhooksInView.received"})
UPLOADS = frozenset({"UploadsView.new", "v1.create_bulk_upload"})
"""Endpoints that take files; everything else takes at most MOST_BYTES."""

MOST_BYTES = 1024 * 1024
ROOM = {"SettingsView.logo": 8 * MOST_BYTES}
"""Endpoints that say by themselves what is too large, as long as it is not larger than this."""

HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
}
ONLY_ENCRYPTED = "max-age=31536000"
"""How long browsers must not ask without TLS, in seconds, where the application is behind TLS."""

# These need no actor: a page of static files, the sign of life that touches nothing, where
# providers send their messages, whose cookies mean nothing, and what caches may keep for everybody.
_WITHOUT_ACTOR = frozenset(
    {
        *("static", "HealthView.healthz", "WebhooksInView.received"),
        *("BrandView.logo", "BrandView.style"),
    }
)
_CACHED = "static"
API = "v1."
"""The beginning of the API's endpoints: there a bearer key says who acts, and cookies nothing."""


def register(app: Flask) -> None:
    """Hang the hooks into the application; to be called before the extensions hang theirs."""
    csp.register(app)
    app.before_request(_begin)
    app.after_request(_answer)
    app.teardown_request(_end)


def exempt(app: Flask) -> None:
    """Take the routes of CSRF_EXEMPT, and no other, out of the check; views must be registered."""
    for endpoint, function in app.view_functions.items():
        if endpoint in CSRF_EXEMPT or endpoint.startswith(API):
            csrf.exempt(function)


def _begin() -> None:
    logging.clear()
    # `g` lives as long as the application context, which a test or a command may keep open.
    for name in list(g):
        g.pop(name)
    g.request_id = new_id(PREFIXES["request"], clock.now())
    logging.bind(request_id=g.request_id, address=request.remote_addr)
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception
    if request.endpoint not in UPLOADS:
        request.max_content_length = ROOM.get(request.endpoint or "", MOST_BYTES)
    info = db.session().info
    info["actor"] = Actor.none()
    endpoint = request.endpoint or ""
    if endpoint not in _WITHOUT_ACTOR and not endpoint.startswith(API):
        info["actor"] = actors.find()
        logging.bind(actor=info["actor"].label)


def _answer(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", csp.policy(response))
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", ONLY_ENCRYPTED)
    if request.endpoint != _CACHED:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Request-Id", g.get("request_id", ""))
    return response


def _end(_error: BaseException | None) -> None:
    # As in `_begin`: the session too would stay with the context.
    db.session.remove()
    logging.clear()
