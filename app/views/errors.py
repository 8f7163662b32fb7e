"""Pages for what went wrong: the place, the reason, the way out, never a statement or a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import g, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app.adapters.db import translate
from app.errors import PayAgencyError

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

log = structlog.get_logger()

_WORDS = {
    400: ("This request cannot be used", "Go back, reload the page and try again."),
    401: ("Please sign in", "Sign in and try again."),
    403: ("Not allowed", "Your role does not include this. Ask an administrator."),
    404: ("Not found", "It does not exist, or it belongs to another book or merchant."),
    405: ("Not possible this way", "Use the buttons of the page."),
    409: ("Not possible now", "Reload the page to see the present state."),
    413: ("Too large", "Send less at once."),
    422: ("This cannot be used", "Correct it and try again."),
    429: ("Too many tries", "Wait a moment and try again."),
    500: ("Something went wrong", "Try again. If it stays, tell us the request's number."),
    503: ("Not available right now", "Try again in a moment."),
}


def register(app: Flask) -> None:
    """Show every error by one page."""
    app.register_error_handler(PayAgencyError, _ours)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: PayAgencyError) -> ResponseReturnValue:
    if error.status >= 500:  # noqa: PLR2004  # a class of HTTP statuses
        log.error("request_failed", code=error.code, detail=error.detail)
    return _page(error.status, error.title, error.detail)


def _database(error: DBAPIError) -> ResponseReturnValue:
    mapped = translate(error)
    return _unexpected(error) if mapped is None else _ours(mapped)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004  # a redirect is no error
        return error.get_response()
    if isinstance(error, SecurityError):
        # Without a trusted host there are no addresses, so there is no page with links either.
        return (
            "Bad request: this host name is not served here.\n",
            400,
            {"Content-Type": "text/plain"},
        )
    title, way_out = _WORDS.get(error.code, _WORDS[500])
    told = error.description if error.code in {400, 409, 422} else None
    if isinstance(error, RequestEntityTooLarge):
        told = f"At most {(request.max_content_length or 0) // 1024:,} KiB are taken at once."
    if isinstance(error, CSRFError):
        told = "The form was open for too long or came from another page."
    return _page(error.code, title, " ".join(filter(None, (told, way_out))))


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("request_crashed", error=type(error).__name__, exc_info=error)
    title, way_out = _WORDS[500]
    return _page(500, title, way_out)


def _page(status: int, title: str, detail: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return {"title": title, "detail": detail, "request_id": g.get("request_id")}, status
    # Where the database is the trouble, the user must not be looked for once more.
    g.setdefault("_login_user", AnonymousUserMixin())
    page = render_template(
        "errors/error.html",
        status=status,
        title=title,
        detail=detail,
        request_id=g.get("request_id", ""),
    )
    return page, status
