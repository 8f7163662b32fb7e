"""A route that does not say what it needs is closed to all, at run time and not only in tests."""

from __future__ import annotations

from flask import Flask

from app.domain.permissions import Permission
from app.views.base import needs
from app.views.routes import close_unwritten


def _application() -> Flask:
    app = Flask("closing")
    app.add_url_rule("/forgotten/<int:number>", "forgotten", lambda number: f"secret {number}")
    app.add_url_rule("/written", "written", needs(Permission.HOME_READ)(lambda: "page"))
    return app


def test_a_forgotten_permission_closes_the_route() -> None:
    app = _application()
    client = app.test_client()
    assert client.get("/forgotten/1").text == "secret 1"
    written = app.view_functions["written"]
    close_unwritten(app)
    answer = client.get("/forgotten/1")
    assert (answer.status_code, "secret" in answer.text) == (403, False)
    assert app.view_functions["written"] is written
