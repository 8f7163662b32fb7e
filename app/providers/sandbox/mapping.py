"""What the sandbox's words mean.

A refusal with a status of 4xx comes before anything is done and before the key is remembered, and
a key that was used is found before the body is judged: 400, 422 and the 404 `not_found` are final.
401 concerns the credentials, not the operation, whose first call may have been let in: not sent.
409 says that the key is taken by another body, so that something happened under it: unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain.failures import FailureCode
from app.providers.base import CardFacts, NextAction, Outcome, ProviderRequest, Reading, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

_PART = {
    "succeeded": Outcome.SUCCESS,
    "processing": Outcome.PENDING,
    "failed": Outcome.FAILED,
}
_PURCHASE = {**_PART, "requires_action": Outcome.ACTION}
# What became of an authorisation later (captured, voided) does not undo that it succeeded.
_AUTHORIZE = {**_PURCHASE, "authorized": Outcome.SUCCESS, "canceled": Outcome.SUCCESS}
STATUSES: Mapping[Verb, Mapping[str, Outcome]] = {
    Verb.PURCHASE: _PURCHASE,
    Verb.AUTHORIZE: _AUTHORIZE,
    Verb.CAPTURE: _PART,
    Verb.VOID: _PART,
    Verb.REFUND: _PART,
}
OBJECTS: Mapping[Verb, str] = {
    Verb.PURCHASE: "charge",
    Verb.AUTHORIZE: "charge",
    Verb.CAPTURE: "capture",
    Verb.VOID: "void",
    Verb.REFUND: "refund",
}
_NO_SUCH = 404
_REFUSED = 400
REFUSALS: Mapping[int, tuple[Outcome, FailureCode | None]] = {
    400: (Outcome.FAILED, FailureCode.INVALID_REQUEST),
    401: (Outcome.NOT_SENT, FailureCode.CONFIGURATION_ERROR),
    404: (Outcome.FAILED, FailureCode.INVALID_REQUEST),
    409: (Outcome.UNKNOWN, None),
    422: (Outcome.FAILED, FailureCode.INVALID_REQUEST),
}
FAILURES: Mapping[str, FailureCode] = {
    "card_declined": FailureCode.CARD_DECLINED,
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "processing_error": FailureCode.PROCESSING_ERROR,
    "invalid_token": FailureCode.INVALID_TOKEN,
    "authentication_failed": FailureCode.AUTHENTICATION_FAILED,
    "amount_too_large": FailureCode.AMOUNT_TOO_LARGE,
    "charge_not_capturable": FailureCode.INVALID_STATE,
    "charge_not_voidable": FailureCode.INVALID_STATE,
    "charge_not_refundable": FailureCode.INVALID_STATE,
}


def read(request: ProviderRequest, status: int, body: Mapping[str, Any]) -> Reading:
    """Read any answer of the sandbox; an unexpected one raises LookupError or ValueError."""
    if status >= _REFUSED:
        return _refusal(request, status, body["error"])
    verb = request.looked_up_verb if request.verb is Verb.LOOK_UP else request.verb
    if verb is None or body["object"] != OBJECTS[verb]:
        raise ValueError("the answer is another kind of object than was asked for")
    outcome = STATUSES[verb][body["status"]]
    failure = body["failure"] or {}
    return Reading(
        outcome=outcome,
        provider_reference=_text(body, "id"),
        amount_minor=_whole(body, "amount_minor"),
        currency=_text(body, "currency"),
        reference=_text(body, "reference"),
        action=_action(body) if outcome is Outcome.ACTION else None,
        failure_code=FAILURES.get(failure["code"], FailureCode.UNRECOGNISED) if failure else None,
        provider_code=failure.get("code"),
        provider_text=failure.get("message"),
        card=_card(body.get("card")),
    )


def _refusal(request: ProviderRequest, status: int, error: Mapping[str, Any]) -> Reading:
    code, text = _text(error, "code"), _text(error, "message")
    if status == _NO_SUCH and code != "not_found":
        raise LookupError("a 404 that the sandbox does not give: this may be another server")
    outcome, failure_code = REFUSALS[status]
    if status == _NO_SUCH and request.verb is Verb.LOOK_UP:
        return Reading(outcome=Outcome.NOT_FOUND, provider_code=code, provider_text=text)
    return Reading(
        outcome=outcome,
        failure_code=failure_code,
        provider_code=code,
        provider_text=text,
    )


def _action(body: Mapping[str, Any]) -> NextAction:
    return NextAction("redirect", _text(body["action"], "url"))


def _card(card: Mapping[str, Any] | None) -> CardFacts | None:
    if card is None:
        return None
    return CardFacts(_text(card, "brand"), _text(card, "last4"), _text(card, "fingerprint"))


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value


def _whole(body: Mapping[str, Any], name: str) -> int:
    value = body[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is no whole number")
    return value
