"""`/v1/docs`: the description of the API for people, who may try it there with a test key."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext

from app.views.api.entrance import V1


@V1.get("/docs")
def docs() -> str:
    """Show the page, which is open to everybody as the description itself is."""
    return render_template("api/docs.html", title=gettext("The API"))
