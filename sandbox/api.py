"""The provider's API: with which key a call comes, what is done, what is answered."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from sandbox import cards, charges, fields, timers, views
from sandbox.errors import ApiError, no_answer, not_found
from sandbox.gate import Gate, body_of_request, json_answer
from sandbox.records import Answer, Call, Made
from sandbox.steps import Case

if TYPE_CHECKING:
    from sandbox.bank import Bank
    from sandbox.charges import Plan
    from sandbox.control import Controls
    from sandbox.store import Transaction

_PARTS = {"capture": charges.capture, "void": charges.void, "refund": charges.refund}
Planner = Callable[["Transaction", str, Mapping[str, object], str], "Plan"]


class Api(Gate):
    """The handlers of `/v1`, over one bank and one weather."""

    def __init__(self, bank: Bank, controls: Controls, public_url: str | None) -> None:
        super().__init__(bank, controls)
        self._public_url = public_url

    def blueprint(self) -> Blueprint:
        routes = Blueprint("api", __name__, url_prefix="/v1")
        add = routes.add_url_rule
        add("/charges", "create", self._create, methods=["POST"])
        add("/charges/<charge>/capture", "capture", self._capture, methods=["POST"])
        add("/charges/<charge>/void", "void", self._void, methods=["POST"])
        add("/charges/<charge>/refunds", "refund", self._refund, methods=["POST"])
        add("/charges", "find", self._find)
        add("/card-key", "card_key", self._card_key)
        add("/by-key/<path:key>", "by_key", self._by_key)
        for kind in ("charge", "capture", "void", "refund", "dispute"):
            add(f"/{kind}s/<object_id>", f"read_{kind}", self._reader(kind))
        return routes

    def _create(self) -> Response:
        def plan(tx: Transaction, _by: str, body: Mapping[str, object], key: str) -> Plan:
            return charges.new_charge(
                self.bank.card_key.opened(body),
                key,
                public_url=self._public_url or request.host_url.rstrip("/"),
                now_ms=tx.now_ms,
                settings=self.controls.settings(),
            )

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
            effects = tuple(tx.effects(parent.id))
            case = Case(parent, effects, tx.now_ms, self.controls.settings())
            return _PARTS[kind](case, body, key)

        return self._post(f"charge.{kind}", allowed, plan)

    def _find(self) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            reference = request.args.get("reference", "")
            cards.refuse_card_numbers(reference, "reference")
            found = tx.by_reference(account, reference)
            told = [made for made in found if not made.facts.get("silent")]
            return {"data": [views.view(tx, account, made) for made in told]}

        return self.get("charge.find", None, find)

    def _card_key(self) -> Response:
        """Tell the public key to which a browser encrypts a card."""

        def find(_tx: Transaction, _account: str) -> dict[str, object]:
            return {"object": "card_key", "jwk": self.bank.card_key.public()}

        return self.get("card_key.read", None, find)

    def _by_key(self, key: str) -> Response:
        def find(tx: Transaction, account: str) -> dict[str, object]:
            made = tx.by_key(account, key)
            if made is None:
                raise not_found("key")
            return views.view(tx, account, _telling(made))

        return self.get("by_key.read", key, find)

    def _reader(self, kind: str) -> Callable[[str], Response]:
        def read(object_id: str) -> Response:
            def find(tx: Transaction, account: str) -> dict[str, object]:
                made = _existing(tx.by_id(account, object_id), kind)
                return views.view(tx, account, _telling(made))

            return self.get(f"{kind}.read", None, find)

        return read

    def _post(self, verb: str, allowed: frozenset[str], plan: Planner) -> Response:
        key = request.headers.get("Idempotency-Key")

        def work(account: str) -> Response:
            return self._once(account, fields.key_of(key), verb, allowed, plan)

        return self.guarded(verb, key, work)

    def _once(
        self, account: str, key: str, verb: str, allowed: frozenset[str], plan: Planner
    ) -> Response:
        """Do what the key asks for, or repeat what it was answered; one call at a time."""
        body = body_of_request()
        call = Call(account, verb, key, cards.masked(body), 200)
        digest = _digest(call)
        broken = self.controls.strikes("error_after_effect")
        with self.bank.open() as tx:
            known = tx.answer(account, key)
            if known:
                return _replay(tx, known, digest, call)
            fields.known(body, allowed)
            planned = plan(tx, account, body, key)
            seq = tx.add_call(replace(call, status=500 if broken else 200))
            timers.enter(tx, seq, account, planned.step)
            answer = _answer(tx, account, planned.made, digest)
            tx.add_answer(account, key, answer)
        if self.controls.take_hang() or planned.hangs:
            time.sleep(self.controls.value("hang_seconds"))
        if broken:
            error = ApiError(500, "server_error", "Switched on by error_after_effect.")
            return json_answer(error.body(), error.status)
        return json_answer(answer.body, answer.status)


def _answer(tx: Transaction, account: str, made: Made, digest: str) -> Answer:
    """What a call is answered, now and whenever its key comes again."""
    if made.facts.get("silent"):
        return Answer(digest, no_answer().status, no_answer().body())
    return Answer(digest, 200, views.view(tx, account, made))


def _telling(made: Made) -> Made:
    """Return what may be told of; a silent charge is not."""
    if made.facts.get("silent"):
        raise no_answer()
    return made


def _digest(call: Call) -> str:
    """Stand for address and body; the masked body tells every test card and token apart."""
    canonical = json.dumps([call.verb, request.path, call.body], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _replay(tx: Transaction, known: Answer, digest: str, call: Call) -> Response:
    if known.digest != digest:
        raise ApiError(409, "idempotency_mismatch", "This key came with another body before.")
    tx.add_call(replace(call, status=known.status, replayed=True))
    response = json_answer(known.body, known.status)
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _existing(made: Made | None, kind: str) -> Made:
    if made is None or made.kind != kind:
        raise not_found(kind)
    return made
