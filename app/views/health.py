"""Whether this process is alive, and whether it may take traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import jsonify
from flask_appbuilder.views import expose

from app.adapters import clock
from app.services import health
from app.views.base import Page, read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class HealthView(Page):
    """Open to everybody, since a load balancer has no session; tells names and yes or no."""

    route_base = ""
    class_permission_name = "health"

    @expose("/healthz")
    def healthz(self) -> ResponseReturnValue:
        """Answer that the process is alive; nothing else is touched."""
        return jsonify(status="ok")

    @expose("/readyz")
    def readyz(self) -> ResponseReturnValue:
        """Answer whether what a request needs is there."""
        found = health.ready(read_session(), clock.now())
        ready = all(finding.ok for finding in found if finding.needed)
        checks = {finding.name: finding.ok for finding in found}
        return jsonify(
            status="ready" if ready else "not ready", checks=checks
        ), 200 if ready else 503
