"""The application of the sandbox provider: API, pages and the headers of every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from sandbox.api import Api
from sandbox.desk import Desk
from sandbox.hearing import Hearing
from sandbox.pages import Pages

if TYPE_CHECKING:
    from sandbox.bank import Bank
    from sandbox.control import Controls

# With no-referrer a browser says "Origin: null" of our own forms, and /control refuses them.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_app(bank: Bank, controls: Controls, public_url: str | None = None) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.register_blueprint(Api(bank, controls, public_url).blueprint())
    app.register_blueprint(Hearing(bank, controls).blueprint())
    app.register_blueprint(Pages(bank, controls).blueprint())
    app.register_blueprint(Desk(bank, controls).blueprint())
    app.register_error_handler(HTTPException, _refused)
    app.after_request(_with_headers)
    return app


def _refused(error: HTTPException) -> Response:
    response = jsonify(error={"code": "refused", "message": error.description})
    response.status_code = error.code or 500
    return response


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
