"""Pages under a policy of their own, without scripts, and who may send their forms."""

from __future__ import annotations

import secrets

from flask import Response, make_response, render_template, request
from werkzeug.exceptions import Forbidden


def page(template: str, form_targets: str = "'self'", **values: object) -> Response:
    """Render a page under a policy of its own; browsers check the redirect after a form too."""
    nonce = secrets.token_urlsafe(16)
    response = make_response(render_template(template, nonce=nonce, **values))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; form-action {form_targets};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def refuse_strangers() -> None:
    """Refuse a form that another site sends through the browser of whoever runs the sandbox."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Forbidden("The controls are set from their own page or by a program.")


def wants_page() -> bool:
    accepted = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return accepted == "text/html"
