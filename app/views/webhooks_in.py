"""Where providers send their messages: no session, no cookie, proved by their signature alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import jsonify, request
from flask_appbuilder import expose
from werkzeug.exceptions import HTTPException

from app.adapters import clock
from app.adapters.db import release_reads
from app.errors import NotFoundError
from app.providers.webhooks import WebhookRefusedError
from app.services import inbound
from app.views.base import Page, read_session
from app.views.problems import problem

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class WebhooksInView(Page):
    """`/webhooks/{connector}/{connector account}`."""

    route_base = "/webhooks"
    class_permission_name = "home"
    default_view = "received"

    @expose("/<string:connector>/<string:account_id>", methods=["POST"])
    def received(self, connector: str, account_id: str) -> ResponseReturnValue:
        """Keep a proved message and its task; nothing is asked of the provider before the answer.

        Whose it is, and which book, the address says, never the message.
        """
        request.max_content_length = inbound.MOST_BYTES
        try:
            to = inbound.addressee(read_session(), connector, account_id)
            raw = request.get_data(cache=False)
        except NotFoundError as error:
            return problem(error.status, error.title, error.detail)
        except HTTPException as error:
            return problem(error.code or HTTPStatus.BAD_REQUEST, error.name, "")
        release_reads()
        headers = {name.lower(): value for name, value in request.headers}
        try:
            kept = inbound.receive(to, clock.now(), headers, raw)
        except WebhookRefusedError as error:
            inbound.tell_refused(to, clock.now(), error.detail)
            return problem(error.status, error.title, error.detail)
        return jsonify(received=kept)
