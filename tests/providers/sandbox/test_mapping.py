from __future__ import annotations

from typing import Any

import pytest

from app.providers.base import Outcome, ProviderRequest, Reading, Verb
from app.providers.sandbox import mapping

ASKED = {"amount_minor": 1050, "currency": "EUR", "reference": "pay_1", "operation": "op_1"}
CHARGE: dict[str, Any] = {
    "id": "sbx_ch_1",
    "object": "charge",
    "status": "succeeded",
    "amount_minor": 1050,
    "currency": "EUR",
    "reference": "pay_1",
    "card": {"brand": "visa", "last4": "4242", "fingerprint": "fp", "exp": "12/2034"},
    "action": {"type": "redirect", "url": "http://127.0.0.1/challenge/sbx_ch_1"},
    "failure": None,
}


def read(
    verb: Verb, body: dict[str, Any], status: int = 200, looked_up: Verb | None = None
) -> Reading:
    request = ProviderRequest(
        verb=verb,
        key="op_1",
        amount_minor=1050,
        currency="EUR",
        reference="pay_1",
        operation="op_1",
        looked_up_verb=looked_up,
    )
    return mapping.read(request, status, body)


@pytest.mark.parametrize(
    "verb, status, outcome",
    [
        (Verb.PURCHASE, "succeeded", Outcome.SUCCESS),
        (Verb.PURCHASE, "processing", Outcome.PENDING),
        (Verb.PURCHASE, "requires_action", Outcome.ACTION),
        (Verb.PURCHASE, "failed", Outcome.FAILED),
        (Verb.AUTHORIZE, "authorized", Outcome.SUCCESS),
        (Verb.AUTHORIZE, "succeeded", Outcome.SUCCESS),
        (Verb.AUTHORIZE, "canceled", Outcome.SUCCESS),
        (Verb.AUTHORIZE, "requires_action", Outcome.ACTION),
    ],
)
def test_a_charge_means(verb: Verb, status: str, outcome: Outcome) -> None:
    reading = read(verb, {**CHARGE, "status": status})
    assert reading.outcome is outcome
    assert (reading.action is not None) is (outcome is Outcome.ACTION)
    assert read(Verb.LOOK_UP, {**CHARGE, "status": status}, looked_up=verb) == reading


def test_everything_is_told_raw() -> None:
    reading = read(
        Verb.PURCHASE, {**CHARGE, "amount_minor": 1, "currency": "JPY", "reference": "pay_other"}
    )
    assert (reading.amount_minor, reading.currency) == (1, "JPY")
    assert (reading.reference, reading.provider_reference) == ("pay_other", "sbx_ch_1")
    assert reading.card is not None
    assert (reading.card.brand, reading.card.last4) == ("visa", "4242")


@pytest.mark.parametrize("verb", [Verb.CAPTURE, Verb.VOID, Verb.REFUND])
@pytest.mark.parametrize(
    "status, outcome",
    [
        ("succeeded", Outcome.SUCCESS),
        ("processing", Outcome.PENDING),
        ("failed", Outcome.FAILED),
    ],
)
def test_a_part_means(verb: Verb, status: str, outcome: Outcome) -> None:
    part = {**CHARGE, "object": verb.value, "status": status, "card": None}
    assert read(verb, part).outcome is outcome


@pytest.mark.parametrize(
    "odd",
    [
        {"object": "refund"},
        {"status": "authorized"},
        {"status": "reversed"},
        {"amount_minor": "1050"},
        {"amount_minor": True},
        {"id": ""},
        {"currency": None},
        {"card": {"brand": "visa", "last4": "4242424242424242", "fingerprint": "fp"}},
        {"status": "requires_action", "action": {"type": "redirect", "url": "javascript:1"}},
        {"status": "requires_action", "action": None},
    ],
)
def test_an_answer_that_contradicts_itself_is_not_read(odd: dict[str, object]) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        read(Verb.PURCHASE, {**CHARGE, **odd})


@pytest.mark.parametrize("code, ours", mapping.FAILURES.items())
def test_a_failure_carries_both_codes(code: str, ours: str) -> None:
    failure = {"code": code, "message": "Because."}
    reading = read(Verb.PURCHASE, {**CHARGE, "status": "failed", "failure": failure})
    assert (reading.failure_code, reading.provider_code) == (ours, code)
    assert reading.provider_text == "Because."


def test_a_failure_that_is_new_to_us_is_still_a_failure() -> None:
    failure = {"code": "moon_phase", "message": "Because."}
    reading = read(Verb.PURCHASE, {**CHARGE, "status": "failed", "failure": failure})
    assert (reading.outcome, reading.provider_code) == (Outcome.FAILED, "moon_phase")


@pytest.mark.parametrize(
    "status, outcome",
    [
        (400, Outcome.FAILED),
        (401, Outcome.NOT_SENT),
        (409, Outcome.UNKNOWN),
        (422, Outcome.FAILED),
    ],
)
def test_a_refusal_means(status: int, outcome: Outcome) -> None:
    error = {"code": "some_code", "message": "Because."}
    assert read(Verb.PURCHASE, {"error": error}, status).outcome is outcome


def test_a_refusal_that_is_not_documented_is_not_read() -> None:
    with pytest.raises(LookupError):
        read(Verb.PURCHASE, {"error": {"code": "not_found", "message": "Because."}}, 418)


def test_only_the_documented_not_found_is_one() -> None:
    error = {"code": "not_found", "message": "There is no such key."}
    other = {"code": "refused", "message": "No such page."}
    assert read(Verb.LOOK_UP, {"error": error}, 404).outcome is Outcome.NOT_FOUND
    assert read(Verb.PURCHASE, {"error": error}, 404).outcome is Outcome.FAILED
    for verb in (Verb.LOOK_UP, Verb.PURCHASE):
        with pytest.raises(LookupError, match="another server"):
            read(verb, {"error": other}, 404)
