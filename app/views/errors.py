"""Pages for what went wrong: the place, the reason, the way out, never a statement or a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from flask import g, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app.adapters import db
from app.errors import PayAgencyError
from app.reports import formats
from app.views import problems
from app.views.locales import reader, told, translate

if TYPE_CHECKING:
    from flask import Flask
    from flask.typing import ResponseReturnValue

log = structlog.get_logger()

_WORDS = {
    400: (
        lazy_gettext("This request cannot be used"),
        lazy_gettext("Go back, reload the page and try again."),
    ),
    401: (lazy_gettext("Please sign in"), lazy_gettext("Sign in and try again.")),
    403: (
        lazy_gettext("Not allowed"),
        lazy_gettext("Your role does not include this. Ask an administrator."),
    ),
    404: (
        lazy_gettext("Not found"),
        lazy_gettext("It does not exist, or it belongs to another book or merchant."),
    ),
    405: (
        lazy_gettext("Not possible this way"),
        lazy_gettext("Use the buttons of the page."),
    ),
    409: (
        lazy_gettext("Not possible now"),
        lazy_gettext("Reload the page to see the present state."),
    ),
    413: (lazy_gettext("Too large"), lazy_gettext("Send less at once.")),
    422: (lazy_gettext("This cannot be used"), lazy_gettext("Correct it and try again.")),
    429: (lazy_gettext("Too many tries"), lazy_gettext("Wait a moment and try again.")),
    500: (
        lazy_gettext("Something went wrong"),
        lazy_gettext("Try again. If it stays, tell us the request's number."),
    ),
    503: (
        lazy_gettext("Not available right now"),
        lazy_gettext("Try again in a moment."),
    ),
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
    if problems.are_wanted():
        return problems.of_error(error)
    return _page(error.status, translate(error.title), told(error))


def _database(error: DBAPIError) -> ResponseReturnValue:
    mapped = db.translate(error)
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
    if problems.are_wanted():
        return problems.of_http(error)
    title, way_out = _WORDS.get(error.code, _WORDS[500])
    return _page(error.code, str(title), " ".join(filter(None, (_reason(error), str(way_out)))))


def _reason(error: HTTPException) -> str:
    if isinstance(error, RequestEntityTooLarge):
        most = formats.number((request.max_content_length or 0) // 1024, reader().formats)
        return str(gettext("At most %(most)s KiB are taken at once.", most=most))
    if isinstance(error, CSRFError):
        return str(gettext("The form was open for too long or came from another page."))
    # What the framework says of itself is neither of use nor in the reader's language.
    is_ours = error.code in {400, 409, 422} and error.description != type(error).description
    return translate(error.description or "") if is_ours else ""


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("request_crashed", error=type(error).__name__, exc_info=error)
    if problems.are_wanted():
        return problems.unexpected()
    title, way_out = _WORDS[500]
    return _page(500, str(title), str(way_out))


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
