"""What the sandbox's words mean.

A refusal with a status of 4xx comes before anything is done and before the key is remembered, and
a key that was used is found before the body is judged: 400, 422 and the 404 `not_found` are final.
401 concerns the credentials, not the operation, whose first call may have been let in: not sent.
409 says that the key is taken by another body, so that something happened under it: unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain.failures import FailureCode
from app.providers.base import Outcome, ProviderRequest, Reading, Verb
from app.providers.sandbox import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

_PART = {
    "succeeded": Outcome.SUCCESS,
    "processing": Outcome.PENDING,
    "failed": Outcome.FAILED,
}
_PURCHASE = {**_PART, "requires_action": Outcome.ACTION}
# What became of an authorization later (captured, voided) does not undo that it succeeded.
_AUTHORIZE = {**_PURCHASE, "authorized": Outcome.SUCCESS, "canceled": Outcome.SUCCESS}
STATUSES: Mapping[Verb, Mapping[str, Outcome]] = {
    Verb.PURCHASE: _PURCHASE,
    Verb.AUTHORIZE: _AUTHORIZE,
    Verb.CAPTURE: _PART,
    Verb.VOID: _PART,
    Verb.REFUND: _PART,
    # That a dispute exists is a fact from its first word on; how it stands is told by its facts.
    Verb.DISPUTE: dict.fromkeys(
        ("open", "under_review", "won", "lost", "accepted", "expired"), Outcome.SUCCESS
    ),
}
OBJECTS: Mapping[Verb, str] = {
    Verb.PURCHASE: "charge",
    Verb.AUTHORIZE: "charge",
    Verb.CAPTURE: "capture",
    Verb.VOID: "void",
    Verb.REFUND: "refund",
    Verb.DISPUTE: "dispute",
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
CARD_REFUSALS: Mapping[str, FailureCode] = {
    "not_a_test_card": FailureCode.INCORRECT_NUMBER,
    "stale_card_key": FailureCode.CARD_DETAILS_GONE,
    "card_unreadable": FailureCode.CARD_DETAILS_GONE,
}
FAILURES: Mapping[str, FailureCode] = {
    "card_declined": FailureCode.CARD_DECLINED,
    "insufficient_funds": FailureCode.INSUFFICIENT_FUNDS,
    "processing_error": FailureCode.PROCESSING_ERROR,
    "invalid_token": FailureCode.INVALID_TOKEN,
    "authentication_failed": FailureCode.AUTHENTICATION_FAILED,
    "payer_declined": FailureCode.CANCELED_BY_PAYER,
    "payer_left": FailureCode.CANCELED_BY_PAYER,
    "expired": FailureCode.PAYER_TIMED_OUT,
    "debit_returned": FailureCode.BANK_DEBIT_RETURNED,
    "chain_reorganized": FailureCode.CHAIN_REORGANIZED,
    "insufficient_amount": FailureCode.AMOUNT_INCOMPLETE,
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
    if verb is None:
        raise ValueError("it is not said what was looked up")
    return read_object(verb, body)


def read_object(verb: Verb, body: Mapping[str, Any]) -> Reading:
    """Read one object, as an answer or a message carries it; raises as `read` does."""
    if body["object"] != OBJECTS[verb]:
        raise ValueError("this is another kind of object than was asked for")
    failure = None if verb is Verb.DISPUTE else body["failure"]
    outcome = _outcome(verb, wire.text(body, "status"), failed=failure is not None)
    failed = outcome is Outcome.FAILED
    told = failure if failed and failure is not None else {}
    return Reading(
        outcome=outcome,
        provider_reference=wire.text(body, "id"),
        amount_minor=wire.whole(body, "amount_minor"),
        currency=wire.text(body, "currency"),
        reference=wire.text(body, "reference"),
        action=wire.action(body) if outcome is Outcome.ACTION else None,
        failure_code=_failure_code(told) if failed else None,
        provider_code=wire.text_or_none(told, "code"),
        provider_text=wire.text_or_none(told, "message"),
        card=wire.card(body),
        received_minor=wire.whole_or_none(body, "received_minor"),
        method_facts=wire.facts(body),
        crypto=wire.crypto(body),
        dispute=wire.dispute(body) if verb is Verb.DISPUTE else None,
    )


def _outcome(verb: Verb, status: str, *, failed: bool) -> Outcome:
    """Read a status; a charge that was canceled because it expired has failed."""
    if status == "canceled" and failed:
        return Outcome.FAILED
    return STATUSES[verb][status]


def _failure_code(failure: Mapping[str, Any]) -> FailureCode:
    """Name a failure in our words; a refund may fail at the bank without a reason."""
    return FAILURES.get(wire.text_or_none(failure, "code") or "", FailureCode.UNRECOGNISED)


def _refusal(request: ProviderRequest, status: int, error: Mapping[str, Any]) -> Reading:
    code, text = wire.text(error, "code"), wire.text(error, "message")
    if status == _NO_SUCH and code != "not_found":
        raise LookupError("a 404 that the sandbox does not give: this may be another server")
    outcome, failure_code = REFUSALS[status]
    if status == _NO_SUCH and request.verb is Verb.LOOK_UP:
        return Reading(outcome=Outcome.NOT_FOUND, provider_code=code, provider_text=text)
    return Reading(
        outcome=outcome,
        failure_code=CARD_REFUSALS.get(code, failure_code),
        provider_code=code,
        provider_text=text,
    )
