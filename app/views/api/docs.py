"""The description of the API: for programs, and as a page where a test key may try it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, jsonify, render_template
from flask_babel import gettext

from app.views.api.entrance import V1
from app.views.api.spec import document

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@V1.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Hand out the description of the API, which is no secret."""
    return jsonify(document(current_app))


@V1.get("/docs")
def docs() -> str:
    """Show the page, which is open to everybody as the description itself is."""
    return render_template("api/docs.html", title=gettext("The API"))
