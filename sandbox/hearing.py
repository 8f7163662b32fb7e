"""How an account hears of what happens: its event log, and the address that events are sent to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request

from sandbox import events, fields
from sandbox.errors import invalid
from sandbox.gate import Gate, body_of_request
from sandbox.records import Call

if TYPE_CHECKING:
    from sandbox.store import Transaction

_PAGE = 1000
_LONGEST_SECRET = 255


class Hearing(Gate):
    """The handlers of `/v1/events` and `/v1/webhook_endpoint`."""

    def blueprint(self) -> Blueprint:
        routes = Blueprint("hearing", __name__, url_prefix="/v1")
        add = routes.add_url_rule
        add("/events", "events", self._events)
        add("/webhook_endpoint", "read", self._read_endpoint)
        add("/webhook_endpoint", "set", self._set_endpoint, methods=["PUT"])
        return routes

    def _events(self) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            after, limit = _whole("after", 0), _whole("limit", 100)
            if after < 0 or not 1 <= limit <= _PAGE:
                raise invalid("after, limit", f"after is 0 or more, limit is 1 to {_PAGE}.")
            return events.listed(tx, account, after, limit)

        return self.get("events.read", None, find)

    def _read_endpoint(self) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            rows = tx.rows("SELECT url FROM endpoints WHERE account = ? ORDER BY seq", account)
            return {"url": rows[-1][0] if rows else None}

        return self.get("endpoint.read", None, find)

    def _set_endpoint(self) -> Response:
        """Send events to this address from now on; what waits for the former one goes there too."""

        def work(account: str) -> Response:
            body = body_of_request()
            fields.known(body, frozenset(("url", "secret")))
            url, secret = fields.web_address(body, "url"), body.get("secret")
            if url is None:
                raise invalid("url", "is needed.")
            if not isinstance(secret, str) or not 0 < len(secret) <= _LONGEST_SECRET:
                raise invalid("secret", f"must be text of 1 to {_LONGEST_SECRET} characters.")
            with self.bank.open() as tx:
                tx.add_call(Call(account, "endpoint.set", None, {"url": url}, 200))
                tx.append("endpoints (account, url, secret)", account, url, secret)
            return jsonify(url=url)

        return self.guarded("endpoint.set", None, work)


def _whole(name: str, default: int) -> int:
    return request.args.get(name, default, type=int)
