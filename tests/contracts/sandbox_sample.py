from __future__ import annotations

from typing import Any

from app.providers.base import Outcome, Verb

_BODY: dict[str, Any] = {
    "id": "sbx_ch_1",
    "object": "charge",
    "amount_minor": 1050,
    "currency": "EUR",
    "reference": "pay_1",
    "failure": None,
    "action": None,
    "card": None,
}
_DECLINED = {"code": "card_declined", "message": "No."}
_CHALLENGE = {"type": "redirect", "url": "http://127.0.0.1/challenge/sbx_ch_1"}


def _part(verb: Verb, status: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 200, {**_BODY, "object": verb.value, "status": status, **more}


def _charge(status: str, **more: object) -> tuple[int, dict[str, Any]]:
    return 200, {**_BODY, "status": status, **more}


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
_NOT_FOUND = {"error": {"code": "not_found", "message": "There is no such key."}}

SAMPLE: dict[str, Any] = {
    "credentials": {"secret_key": "sk_sandbox_contract"},
    "key_header": "Idempotency-Key",
    "answers": {**_CHARGES, **_PARTS, (Verb.LOOK_UP, Outcome.NOT_FOUND): (404, _NOT_FOUND)},
    "refusal": {"error": {"code": "some_code", "message": "Because."}},
    "other_money": {
        **_BODY,
        "status": "succeeded",
        "amount_minor": 7,
        "currency": "JPY",
        "reference": "pay_other",
    },
}
