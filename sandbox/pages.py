"""Pages and doors for people and tests: the challenge, the log, the controls, the pulse."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, ServiceUnavailable

from sandbox import charges, fields
from sandbox.errors import ApiError
from sandbox.store import Call, Made, Store

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.control import Controls

_PAGE = 1000


class Pages:
    """The handlers outside `/v1`, over one store and one weather."""

    def __init__(self, store: Store, controls: Controls) -> None:
        self._store = store
        self._controls = controls

    def blueprint(self) -> Blueprint:
        routes = Blueprint("pages", __name__)
        add = routes.add_url_rule
        add("/challenge/<charge>", "challenge", self._challenge)
        add("/challenge/<charge>", "answer", self._answer, methods=["POST"])
        add("/log", "log", self._log)
        add("/control", "control", self._control)
        add("/control", "change", self._change, methods=["POST"])
        add("/control/reset", "reset", self._reset, methods=["POST"])
        add("/healthz", "healthz", lambda: jsonify(status="ok"))
        return routes

    def _challenge(self, charge: str) -> Response:
        _, made, outcome = self._find(charge)
        return _challenge_page(made, outcome)

    def _answer(self, charge: str) -> AnyResponse:
        """Take the payer's answer once; a later answer shows the first."""
        token, answer = request.form.get("token", ""), request.form.get("answer", "")
        account, made, outcome = self._find(charge)
        if not secrets.compare_digest(token.encode(), made.facts["challenge_token"].encode()):
            raise Forbidden("The form does not belong to this challenge.")
        if answer not in {"approve", "decline"}:
            raise BadRequest("The answer is approve or decline.")
        with self._store.transaction() as tx:
            outcome = charges.challenge_outcome(tx.effects(made.id))
            call = Call(account, "challenge.answer", None, {"answer": answer}, HTTPStatus.SEE_OTHER)
            seq = tx.add_call(call)
            for effect in charges.challenge_result(made, approved=answer == "approve"):
                if outcome is None:
                    tx.add_effect(seq, account, effect)
        if made.facts["return_url"]:
            return redirect(made.facts["return_url"], HTTPStatus.SEE_OTHER)
        return redirect(request.path, HTTPStatus.SEE_OTHER)

    def _find(self, charge: str) -> tuple[str, Made, str | None]:
        if self._controls.value("outage"):
            raise ServiceUnavailable("The sandbox is switched off on /control.")
        with self._store.transaction() as tx:
            found = tx.challenge(charge)
            outcome = charges.challenge_outcome(tx.effects(charge))
        if found is None or not found[1].facts["challenge_token"]:
            raise NotFound("There is no such challenge.")
        return found[0], found[1], outcome

    def _log(self) -> Response:
        after = request.args.get("after", 0, type=int)
        limit = request.args.get("limit", 100, type=int)
        if after < 0 or not 1 <= limit <= _PAGE:
            raise BadRequest(f"after is 0 or more, limit is 1 to {_PAGE}.")
        with self._store.transaction() as tx:
            return jsonify(tx.log(after, limit))

    def _control(self) -> Response:
        return self._control_answer()

    def _change(self) -> Response:
        _refuse_strangers()
        wanted = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if not isinstance(wanted, dict):
            raise BadRequest("The body must be one JSON object or a form.")
        try:
            self._controls.change(wanted)
        except ApiError as error:
            response = jsonify(error.body())
            response.status_code = error.status
            return response
        return self._control_answer()

    def _reset(self) -> Response:
        _refuse_strangers()
        self._controls.reset()
        return self._control_answer()

    def _control_answer(self) -> Response:
        accepted = request.accept_mimetypes.best_match(["application/json", "text/html"])
        if accepted != "text/html":
            return jsonify(self._controls.show())
        return _page("control.html", "'self'", controls=self._controls.show())


def _challenge_page(made: Made, outcome: str | None) -> Response:
    back = made.facts["return_url"]
    targets = f"'self' {fields.origin(back)}" if back else "'self'"
    return _page("challenge.html", targets, made=made, facts=made.facts, outcome=outcome)


def _page(template: str, form_targets: str, **values: object) -> Response:
    """Render a page under a policy of its own; browsers check the redirect after a form too."""
    nonce = secrets.token_urlsafe(16)
    response = make_response(render_template(template, nonce=nonce, **values))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; img-src data:; style-src 'nonce-{nonce}'; form-action {form_targets};"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def _refuse_strangers() -> None:
    """Refuse a form that another site sends through the browser of whoever runs the sandbox."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Forbidden("The controls are set from their own page or by a program.")
