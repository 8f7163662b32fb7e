from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from app.providers.base import Outcome, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_BODY: dict[str, Any] = {
    "id": "sbx_ch_1",
    "object": "charge",
    "amount_minor": 1050,
    "currency": "EUR",
    "reference": "pay_1",
    "failure": None,
    "action": None,
    "card": None,
    "metadata": {"operation": "op_contract"},
}
_DECLINED = {"code": "card_declined", "message": "No."}
_CHALLENGE = {"type": "redirect", "url": "http://127.0.0.1/challenge/sbx_ch_1"}


def _part(verb: Verb, status: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 200, {**_BODY, "object": verb.value, "status": status, **more}


def _charge(status: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 200, {**_BODY, "status": status, **more}


_PAGE = "http://127.0.0.1/pay/sbx_ch_1"
_UPI = "upi://pay?pa=shop@sandbox&pn=Shop&am=10.50&cu=INR"
_WALLET = {"address": "bc1qexample", "asset": "BTC", "amount": "0.00012345"}
_ACTIONS: dict[str, dict[str, str]] = {
    "redirect": {"url": _PAGE},
    "qr": {"payload": _UPI, "url": _PAGE},
    "upi_intent": {"payload": _UPI, "url": _PAGE},
    "crypto_address": {**_WALLET, "url": _PAGE},
    "voucher": {"code": "12 345 678", "url": _PAGE},
}
_DISPUTE = {
    **_BODY,
    "id": "sbx_dp_1",
    "object": "dispute",
    "charge": "sbx_ch_1",
    "stage": "chargeback",
    "status": "open",
    "withdrawn": True,
    "reason_code": "10.4",
    "reason": "The card holder did not take part.",
    "due_at": "2026-12-10T00:00:00Z",
}


def _message(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"sbx_ev_{kind}",
        "type": f"{kind}.updated",
        "created": 1_795_000_000,
        "data": data,
    }


def _sign(credentials: Mapping[str, str], body: bytes, moment: datetime) -> dict[str, str]:
    secret, at = credentials["webhook_secret"].encode(), str(int(moment.timestamp()))
    digest = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"sandbox-signature": f"t={at},v1={digest}"}


_CHARGES = {
    (verb, outcome): answer
    for verb in (Verb.PURCHASE, Verb.AUTHORIZE, Verb.LOOK_UP)
    for outcome, answer in {
        Outcome.SUCCESS: _charge("succeeded"),
        Outcome.PENDING: _charge("processing"),
        Outcome.ACTION: _charge("requires_action", action=_CHALLENGE),
        Outcome.FAILED: _charge("failed", failure=_DECLINED),
    }.items()
}
_PARTS = {
    (verb, outcome): answer
    for verb in (Verb.CAPTURE, Verb.VOID, Verb.REFUND)
    for outcome, answer in {
        Outcome.SUCCESS: _part(verb, "succeeded"),
        Outcome.PENDING: _part(verb, "processing"),
        Outcome.FAILED: _part(verb, "failed", failure=_DECLINED),
    }.items()
}
_MESSAGES: dict[Verb | None, dict[str, Any]] = {
    Verb.PURCHASE: _message("charge", {**_BODY, "status": "succeeded"}),
    Verb.AUTHORIZE: _message("charge", {**_BODY, "status": "authorized"}),
    **{
        verb: _message(verb.value, {**_part(verb, "succeeded")[1], "charge": "sbx_ch_1"})
        for verb in (Verb.CAPTURE, Verb.VOID, Verb.REFUND)
    },
    Verb.DISPUTE: _message("dispute", _DISPUTE),
    None: _message("balance", {"object": "balance"}),
}
_NOT_FOUND = {"error": {"code": "not_found", "message": "There is no such key."}}

SAMPLE: dict[str, Any] = {
    "credentials": {
        "secret_key": "sk_sandbox_contract",
        "webhook_secret": "whsec_sandbox_contract",
    },
    "key_header": "Idempotency-Key",
    "answers": {
        **_CHARGES,
        **_PARTS,
        (Verb.LOOK_UP, Outcome.NOT_FOUND): (404, _NOT_FOUND),
        (Verb.DISPUTE, Outcome.SUCCESS): (200, _DISPUTE),
    },
    "refusal": {"error": {"code": "some_code", "message": "Because."}},
    "other_money": {
        **_BODY,
        "status": "succeeded",
        "amount_minor": 7,
        "currency": "JPY",
        "reference": "pay_other",
    },
    "actions": {
        kind: _charge("requires_action", action={"type": kind, **fields})
        for kind, fields in _ACTIONS.items()
    },
    "messages": _MESSAGES,
    "sign": _sign,
}
