from __future__ import annotations

from datetime import UTC, datetime
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
PAGE = "http://127.0.0.1/pay/sbx_ch_1"
WALLET = {
    "type": "crypto_address",
    "address": "tb1qx",
    "asset": "BTC",
    "amount": "0.1",
    "url": PAGE,
}
CRYPTO: dict[str, Any] = {
    "asset": "BTC",
    "decimals": 8,
    "expected_units": 12_345,
    "received_units": 6_172,
    "late_units": 0,
    "rate": "81000.00",
    "address": "tb1qx",
    "confirmations": 1,
    "confirmations_needed": 2,
    "chain_reference": "",
    "expires_at": "2026-11-26T22:52:13Z",
}
DISPUTE: dict[str, Any] = {
    "id": "sbx_dp_1",
    "object": "dispute",
    "charge": "sbx_ch_1",
    "amount_minor": 500,
    "currency": "EUR",
    "stage": "chargeback",
    "status": "open",
    "withdrawn": True,
    "reason_code": "10.4",
    "reason": "Other Fraud",
    "due_at": "2026-12-03T00:00:00Z",
    "reference": "pay_1",
    "metadata": {"operation": "op_1"},
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
        (Verb.AUTHORIZE, "failed", Outcome.FAILED),
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
        {"status": "canceled"},
        {"status": "requires_action", "action": {"type": "qr", "payload": "http://x", "url": PAGE}},
        {"status": "requires_action", "action": {"type": "qr", "url": PAGE}},
        {"status": "requires_action", "action": {**WALLET, "amount": "1e-8"}},
        {"status": "requires_action", "action": {"type": "phone", "url": PAGE}},
        {"received_minor": "525"},
        {"received_minor": -1},
        {"facts": {"rrn": 412345678901}},
        {"facts": {"rrn": "4" * 256}},
        {"facts": ["rrn"]},
        {"crypto": {**CRYPTO, "rate": 90000}},
        {"crypto": {**CRYPTO, "rate": "NaN"}},
        {"crypto": {**CRYPTO, "late_units": 6_173}},
        {"crypto": {**CRYPTO, "expected_units": 2**63}},
        {"crypto": {**CRYPTO, "expires_at": "2026-11-26T22:52:13"}},
        {"crypto": {**CRYPTO, "address": "x" * 129}},
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


@pytest.mark.parametrize("verb", [Verb.PURCHASE, Verb.AUTHORIZE])
@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_charge_may_fail_after_it_had_succeeded(verb: Verb, status: str) -> None:
    failure = {"code": "expired", "message": "The payer did not pay in time."}
    reading = read(verb, {**CHARGE, "status": status, "failure": failure})
    assert (reading.outcome, reading.failure_code) == (Outcome.FAILED, "payer_timed_out")
    assert reading.amount_minor == 1050


def test_a_refund_that_fails_without_a_reason_has_failed() -> None:
    part = {**CHARGE, "object": "refund", "status": "failed", "card": None}
    reading = read(Verb.REFUND, part)
    assert (reading.outcome, reading.failure_code) == (Outcome.FAILED, "unrecognised")
    assert reading.provider_code is None


def test_only_a_failure_has_a_code_of_one() -> None:
    failure = {"code": "expired", "message": "The payer did not pay in time."}
    reading = read(Verb.PURCHASE, {**CHARGE, "status": "processing", "failure": failure})
    assert (reading.outcome, reading.failure_code) == (Outcome.PENDING, None)


def test_numbers_of_crypto_and_texts_of_the_method_are_told_raw() -> None:
    facts = {"rrn": "412345678901", "vpa": "su…@sandbox"}
    body = {**CHARGE, "status": "failed", "crypto": CRYPTO, "received_minor": 525, "facts": facts}
    body["failure"] = {"code": "insufficient_amount", "message": "Too little."}
    reading = read(Verb.PURCHASE, body)
    assert (reading.amount_minor, reading.received_minor) == (1050, 525)
    assert (reading.failure_code, reading.method_facts) == ("amount_incomplete", facts)
    assert reading.crypto is not None
    assert (reading.crypto.received_units, reading.crypto.expected_units) == (6_172, 12_345)
    assert (reading.crypto.rate, reading.crypto.chain_reference) == ("81000.00", "")
    assert reading.crypto.expires_at == datetime(2026, 11, 26, 22, 52, 13, tzinfo=UTC)


@pytest.mark.parametrize("status", mapping.STATUSES[Verb.DISPUTE])
def test_a_dispute_is_a_fact_however_it_stands(status: str) -> None:
    body = {**DISPUTE, "status": status}
    reading = read(Verb.LOOK_UP, body, looked_up=Verb.DISPUTE)
    assert (reading.outcome, reading.amount_minor) == (Outcome.SUCCESS, 500)
    assert reading.dispute is not None
    assert (reading.dispute.stage, reading.dispute.status) == ("chargeback", status)
    assert (reading.dispute.withdrawn, reading.dispute.reason_code) == (True, "10.4")
    assert reading.dispute.due_at == datetime(2026, 12, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    "odd",
    [
        {"object": "charge"},
        {"stage": "court"},
        {"status": "forgotten"},
        {"withdrawn": 1},
        {"withdrawn": None},
        {"due_at": "tomorrow"},
        {"amount_minor": None},
    ],
)
def test_a_dispute_that_is_not_documented_is_not_read(odd: dict[str, object]) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        read(Verb.LOOK_UP, {**DISPUTE, **odd}, looked_up=Verb.DISPUTE)


def test_a_dispute_without_reason_and_day_is_read() -> None:
    bare = {**DISPUTE, "reason": None, "reason_code": "", "due_at": None}
    found = read(Verb.LOOK_UP, bare, looked_up=Verb.DISPUTE).dispute
    assert found is not None
    assert (found.reason_code, found.reason_text, found.due_at) == (None, None, None)
