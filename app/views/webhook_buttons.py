"""What is done to a webhook endpoint by one button: test, send again, disable, enable, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.domain.permissions import Permission
from app.errors import NotFoundError, PayAgencyError
from app.services.webhooks_out import endpoints, resending
from app.views import webhook_acts, webhook_form
from app.views.base import Page, current_actor, needs
from app.views.locales import told
from app.views.webhooks_out import to_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.services.webhooks_out.resending import Which

    Write = Callable[[Session, datetime], object]


class WebhookButtonsView(Page):
    """The buttons below `/webhook-endpoints/{id}/`."""

    route_base = "/webhook-endpoints"
    class_permission_name = "webhooks"

    @expose("/<string:public_id>/test", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def test(self, public_id: str) -> ResponseReturnValue:
        """Send a test event."""
        return _press(
            public_id,
            "test",
            lambda session, now: resending.send_test(session, now, public_id),
            gettext("A test event is on its way. Look at its delivery in a moment."),
        )

    @expose("/<string:public_id>/resend", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def resend(self, public_id: str) -> ResponseReturnValue:
        """Send the events of some days again."""

        def write(session: Session, now: datetime) -> object:
            first, end = webhook_form.span(request.form)
            which = cast("Which", request.form.get("which", ""))
            return resending.ask_range(session, now, public_id, first, end, which)

        words = gettext("A worker sends them again. Look at the deliveries in a moment.")
        return _press(public_id, "resend_range", write, words)

    @expose("/<string:public_id>/disable", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def disable(self, public_id: str) -> ResponseReturnValue:
        """Send nothing more."""
        reason = request.form.get("reason", "")
        return _press(
            public_id,
            "disable",
            lambda session, now: endpoints.disable(session, now, public_id, reason),
            gettext("The endpoint was disabled. Nothing more is sent to it."),
        )

    @expose("/<string:public_id>/enable", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def enable(self, public_id: str) -> ResponseReturnValue:
        """Send again, from now on."""
        return _press(
            public_id,
            "enable",
            lambda session, now: endpoints.enable(session, now, public_id),
            gettext("The endpoint was enabled. What it missed is not sent by itself."),
        )

    @expose("/<string:public_id>/delete", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def delete(self, public_id: str) -> ResponseReturnValue:
        """Delete an endpoint."""
        webhook_acts.act(
            current_actor(),
            public_id,
            "delete",
            lambda session, now: endpoints.delete(session, now, public_id),
        )
        flash(gettext("The endpoint was deleted."), "info")
        return redirect(url_for("WebhookEndpointsView.listed"), 303)


def _press(public_id: str, verb: str, write: Write, done: str) -> ResponseReturnValue:
    try:
        webhook_acts.act(current_actor(), public_id, verb, write)
    except NotFoundError:
        raise
    except PayAgencyError as error:
        flash(told(error), "danger")
    else:
        flash(done, "info")
    return to_page(public_id)
