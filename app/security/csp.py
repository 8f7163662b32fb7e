"""What a page of ours may load, run and send to: our own files, and the scripts that it names.

A script runs only with the nonce of its own answer; there is no exception for inline styles.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from flask import g

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response

NONCE_BYTES: Final = 16
_PAGE: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_NO_PAGE: Final = "default-src 'none'; frame-ancestors 'none'"


def register(app: Flask) -> None:
    """Give templates `csp_nonce()`; Flask-AppBuilder's macros ask for it by this name too."""
    app.jinja_env.globals["csp_nonce"] = nonce


def nonce() -> str:
    """Return this request's nonce, the same one however often a page asks."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(NONCE_BYTES)
    return str(g.csp_nonce)


def policy(response: Response) -> str:
    """Return the policy of an answer: a page's own, or for data and downloads nothing at all."""
    return _PAGE.format(nonce=nonce()) if response.mimetype == "text/html" else _NO_PAGE
