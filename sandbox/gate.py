"""The gate of the API: who calls, what the weather does to it, what is written down of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox import cards
from sandbox.errors import ApiError
from sandbox.records import Call

if TYPE_CHECKING:
    from sandbox.bank import Bank
    from sandbox.control import Controls
    from sandbox.store import Transaction

Finder = Callable[["Transaction", str], dict[str, object]]
_MS = 1000


class Gate:
    """What the handlers of `/v1` share, over one bank and one weather."""

    def __init__(self, bank: Bank, controls: Controls) -> None:
        self.bank = bank
        self.controls = controls

    def get(self, verb: str, key: str | None, find: Finder) -> Response:
        def work(account: str) -> Response:
            with self.bank.open() as tx:
                body = find(tx, account)
                tx.add_call(Call(account, verb, key, None, 200))
            return jsonify(body)

        return self.guarded(verb, key, work)

    def guarded(self, verb: str, key: str | None, work: Callable[[str], Response]) -> Response:
        """Let the weather have its say, and write down every call that is refused."""
        account = None
        try:
            cards.refuse_card_numbers([key or "", request.path], "key or address")
            account = _account()
            self._weather()
            return work(account)
        except ApiError as error:
            refusal = error
        except HTTPException as error:
            refusal = ApiError(error.code or 400, "bad_request", error.description or "")
        shown = None if refusal.code == "card_number_refused" else key
        with self.bank.open() as tx:
            tx.add_call(Call(account, verb, shown, None, refusal.status))
        return json_answer(refusal.body(), refusal.status)

    def _weather(self) -> None:
        if latency := self.controls.value("latency_ms"):
            time.sleep(latency / _MS)
        if self.controls.value("outage"):
            raise ApiError(503, "outage", "The sandbox is switched off on /control.")
        if self.controls.strikes("error_rate"):
            raise ApiError(500, "server_error", "Switched on by error_rate.")


def _account() -> str:
    """Name the account by a digest: the secret key itself is never written down."""
    authorization = request.authorization
    token = authorization.token if authorization and authorization.type == "bearer" else None
    if not token:
        raise ApiError(401, "unauthorized", "Send Authorization: Bearer and a secret key.")
    return account_of(token)


def account_of(secret_key: str) -> str:
    return f"acct_{cards.letters(hashlib.sha256(secret_key.encode()).digest()[:10])}"


def body_of_request() -> Mapping[str, object]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, Mapping):
        raise ApiError(400, "invalid_json", "The body must be one JSON object.")
    cards.refuse_card_numbers(body)
    return body


def json_answer(body: Mapping[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
