"""The provider's API: who calls, with which key, what is done, what is answered."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox import cards, charges, fields
from sandbox.charges import Plan
from sandbox.errors import ApiError, not_found
from sandbox.store import Answer, Call, Made, Store, Transaction

if TYPE_CHECKING:
    from sandbox.control import Controls

_PARTS = {"capture": charges.capture, "void": charges.void, "refund": charges.refund}
_MS = 1000
Planner = Callable[[Transaction, str, Mapping[str, object], str], Plan]
Finder = Callable[[Transaction, str], dict[str, object]]


class Api:
    """The handlers of `/v1`, over one store and one weather."""

    def __init__(self, store: Store, controls: Controls, public_url: str | None) -> None:
        self._store = store
        self._controls = controls
        self._public_url = public_url

    def blueprint(self) -> Blueprint:
        routes = Blueprint("api", __name__, url_prefix="/v1")
        add = routes.add_url_rule
        add("/charges", "create", self._create, methods=["POST"])
        add("/charges/<charge>/capture", "capture", self._capture, methods=["POST"])
        add("/charges/<charge>/void", "void", self._void, methods=["POST"])
        add("/charges/<charge>/refunds", "refund", self._refund, methods=["POST"])
        add("/charges", "find", self._find)
        add("/by-key/<path:key>", "by_key", self._by_key)
        for kind in ("charge", "capture", "void", "refund"):
            add(f"/{kind}s/<object_id>", f"read_{kind}", self._reader(kind))
        return routes

    def _create(self) -> Response:
        def plan(_tx: Transaction, _by: str, body: Mapping[str, object], key: str) -> Plan:
            return charges.new_charge(body, key, self._public_url or request.host_url.rstrip("/"))

        return self._post("charge.create", charges.CHARGE_FIELDS, plan)

    def _capture(self, charge: str) -> Response:
        return self._post_part("capture", charge, charges.PART_FIELDS)

    def _void(self, charge: str) -> Response:
        return self._post_part("void", charge, charges.VOID_FIELDS)

    def _refund(self, charge: str) -> Response:
        return self._post_part("refund", charge, charges.PART_FIELDS)

    def _post_part(self, kind: str, charge: str, allowed: frozenset[str]) -> Response:
        def plan(tx: Transaction, account: str, body: Mapping[str, object], key: str) -> Plan:
            parent = _existing(tx.by_id(account, charge), "charge")
            return _PARTS[kind](parent, tx.effects(parent.id), body, key)

        return self._post(f"charge.{kind}", allowed, plan)

    def _find(self) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            reference = request.args.get("reference", "")
            cards.refuse_card_numbers(reference, "reference")
            found = tx.by_reference(account, reference)
            return {"data": [charges.view(made, tx.effects(made.charge)) for made in found]}

        return self._get("charge.find", None, find)

    def _by_key(self, key: str) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            made = tx.by_key(account, key)
            if made is None:
                raise not_found("key")
            return charges.view(made, tx.effects(made.charge))

        return self._get("by_key.read", key, find)

    def _reader(self, kind: str) -> Callable[[str], Response]:
        def read(object_id: str) -> Response:
            def find(tx: Transaction, account: str) -> dict[str, object]:
                made = _existing(tx.by_id(account, object_id), kind)
                return charges.view(made, tx.effects(made.charge))

            return self._get(f"{kind}.read", None, find)

        return read

    def _get(self, verb: str, key: str | None, find: Finder) -> Response:
        def work(account: str) -> Response:
            with self._store.transaction() as tx:
                body = find(tx, account)
                tx.add_call(Call(account, verb, key, None, 200))
            return jsonify(body)

        return self._guarded(verb, key, work)

    def _post(self, verb: str, allowed: frozenset[str], plan: Planner) -> Response:
        key = request.headers.get("Idempotency-Key")

        def work(account: str) -> Response:
            return self._once(account, fields.key_of(key), verb, allowed, plan)

        return self._guarded(verb, key, work)

    def _once(
        self, account: str, key: str, verb: str, allowed: frozenset[str], plan: Planner
    ) -> Response:
        """Do what the key asks for, or repeat what it was answered; one call at a time."""
        body = _body()
        call = Call(account, verb, key, cards.masked(body), 200)
        digest = _digest(call)
        broken = self._controls.strikes("error_after_effect")
        with self._store.transaction() as tx:
            known = tx.answer(account, key)
            if known:
                return _replay(tx, known, digest, call)
            fields.known(body, allowed)
            planned = plan(tx, account, body, key)
            seq = tx.add_call(replace(call, status=500 if broken else 200))
            tx.add_object(seq, account, planned.made)
            for effect in planned.effects:
                tx.add_effect(seq, account, effect)
            answer = charges.view(planned.made, tx.effects(planned.made.charge))
            tx.add_answer(account, key, Answer(digest, 200, answer))
        if self._controls.take_hang() or planned.hangs:
            time.sleep(self._controls.value("hang_seconds"))
        if broken:
            error = ApiError(500, "server_error", "Switched on by error_after_effect.")
            return _json(error.body(), error.status)
        return jsonify(answer)

    def _guarded(self, verb: str, key: str | None, work: Callable[[str], Response]) -> Response:
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
        with self._store.transaction() as tx:
            tx.add_call(Call(account, verb, shown, None, refusal.status))
        return _json(refusal.body(), refusal.status)

    def _weather(self) -> None:
        if latency := self._controls.value("latency_ms"):
            time.sleep(latency / _MS)
        if self._controls.value("outage"):
            raise ApiError(503, "outage", "The sandbox is switched off on /control.")
        if self._controls.strikes("error_rate"):
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


def _body() -> Mapping[str, object]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, Mapping):
        raise ApiError(400, "invalid_json", "The body must be one JSON object.")
    cards.refuse_card_numbers(body)
    return body


def _digest(call: Call) -> str:
    """Stand for address and body; the masked body tells every test card and token apart."""
    canonical = json.dumps([call.verb, request.path, call.body], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _replay(tx: Transaction, known: Answer, digest: str, call: Call) -> Response:
    if known.digest != digest:
        raise ApiError(409, "idempotency_mismatch", "This key came with another body before.")
    tx.add_call(replace(call, status=known.status, replayed=True))
    response = _json(known.body, known.status)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _existing(made: Made | None, kind: str) -> Made:
    if made is None or made.kind != kind:
        raise not_found(kind)
    return made


def _json(body: Mapping[str, object], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response
