from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.card_numbers import find
from app.errors import BadInputError
from app.providers import base
from app.providers.base import (
    Capabilities,
    CardFacts,
    Connector,
    ConnectorConfig,
    NextAction,
    Outcome,
    ProviderAnswer,
    ProviderRequest,
    Reading,
    Verb,
)
from app.providers.http import HttpCall
from tests.infra.ports import free_port
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "sk_sandbox_very_secret"
CARD = "4242424242424242"


class Plain(Connector):
    """Reads `outcome` and an optional failure from the answer, word for word."""

    name = "plain"
    capabilities = Capabilities(frozenset(("card",)), None, {}, frozenset(("token",)))

    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        if request.reason == "unspeakable":
            raise BadInputError("reason", "cannot be put into words.")
        body = {"card": {"token": request.card_token}, "note": f"{CARD} {SECRET}"}
        headers = {"Authorization": config.credential("secret_key")}
        url = config.address(f"/pay?key={SECRET}")
        return HttpCall(method="POST", url=url, headers=headers, shown=body)

    def read(self, request: ProviderRequest, status: int, body: Mapping[str, Any]) -> Reading:
        assert (request.key, status < 500) == ("op_1", True)
        if "raise" in body:
            raise {"input": BadInputError("x", "y"), "math": ZeroDivisionError()}[body["raise"]]
        return Reading(
            outcome=Outcome(body["outcome"]),
            amount_minor=body.get("amount_minor"),
            reference=body.get("reference"),
            provider_text=body.get("text"),
            method_facts=body.get("facts", {}),
        )


def request(verb: Verb = Verb.PURCHASE, reason: str | None = None) -> ProviderRequest:
    return ProviderRequest(
        verb=verb,
        key="op_1",
        amount_minor=1050,
        currency="EUR",
        reference="pay_1",
        operation="op_1",
        card_token="tok_approve",
        reason=reason,
    )


def run(
    base_url: str, asked: ProviderRequest | None = None, timeout_seconds: float = 1
) -> ProviderAnswer:
    config = ConnectorConfig("plain", "ca_1", base_url, {"secret_key": SECRET})
    return Plain().run(config, asked or request(), timeout_seconds=timeout_seconds)


def told(
    body: bytes | dict[str, Any], status: int = 200, asked: ProviderRequest | None = None
) -> ProviderAnswer:
    with Answering(status=status, body=body) as provider:
        return run(provider.url, asked)


def test_an_answer_carries_its_transcript() -> None:
    answer = told(status=201, body={"outcome": "success", "amount_minor": 1050})
    assert (answer.outcome, answer.amount_minor) == (Outcome.SUCCESS, 1050)
    call = answer.call
    assert (call.verb, call.method, call.status, call.error) == (Verb.PURCHASE, "POST", 201, None)
    assert call.response_masked == {"outcome": "success", "amount_minor": 1050}
    assert call.request_masked["idempotency_key"] == "op_1"
    assert 0 <= call.duration_ms < 1000
    assert re.fullmatch(r"call_[a-z2-7]{26}", answer.event_id)


def test_each_call_is_evidence_of_its_own() -> None:
    with Answering(body={"outcome": "success"}) as provider:
        ids = {run(provider.url).event_id for _ in range(5)}
    assert len(ids) == 5


def test_the_name_of_evidence_never_looks_like_a_card_number() -> None:
    assert [name for name in (base._event_id() for _ in range(5000)) if find(name)] == []


def test_no_secret_and_no_card_number_is_in_an_answer() -> None:
    echo = {"outcome": "failed", "text": f"bad {CARD} {SECRET}", SECRET: [SECRET, {"cvc": "123"}]}
    shown = repr(told(body=echo))
    assert "[removed]" in shown
    for secret in (SECRET, CARD, "tok_approve", "123'", "?key="):
        assert secret not in shown


def test_the_facts_of_a_method_are_masked_too() -> None:
    facts = {"rrn": "412345678901", "note": f"{CARD} {SECRET}"}
    masked = told({"outcome": "success", "facts": facts}).method_facts
    assert masked["rrn"] == "412345678901"
    assert CARD not in masked["note"]
    assert SECRET not in masked["note"]


def test_who_sends_no_messages_has_no_door_for_them() -> None:
    config = ConnectorConfig("plain", "ca_1", "http://127.0.0.1:1", {"secret_key": SECRET})
    assert Plain().register(config, "http://127.0.0.1/webhooks") is False


def test_an_unreadable_answer_is_cut_and_masked_too() -> None:
    answer = told(body=f"<html>{CARD} {SECRET} ".encode() + b"x" * 50_000)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.call.response_masked is not None
    assert isinstance(answer.call.response_masked["bytes"], int)
    assert answer.call.response_masked["bytes"] > 50_000
    assert len(repr(answer)) < 25_000
    assert SECRET not in repr(answer)
    assert CARD not in repr(answer)


@pytest.mark.parametrize("status", [301, 304, 500, 502, 503, 504])
def test_these_statuses_say_nothing_whatever_the_body_says(status: int) -> None:
    answer = told(status=status, body={"outcome": "failed"})
    assert (answer.outcome, answer.provider_code) == (Outcome.UNKNOWN, f"http_{status}")


def test_too_many_requests_is_not_sent() -> None:
    answer = told(status=429, body={"outcome": "failed"})
    assert (answer.outcome, answer.failure_code) == (Outcome.NOT_SENT, "rate_limited")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"[" * 100_000,
        b"\xff\xfe",
        {},
        {"outcome": "perhaps"},
        {"outcome": ["success"]},
        {"outcome": "success", "amount_minor": 10.5},
        {"outcome": "success", "amount_minor": -1},
        {"outcome": "success", "amount_minor": 2**63},
        {"outcome": "success", "reference": "x" * 256},
        {"outcome": "success", "reference": "\ud800"},
        {"outcome": "success", "reference": "a\x00b"},
        {"raise": "input"},
        {"raise": "math"},
    ],
)
def test_an_answer_that_cannot_be_used_is_unknown(body: bytes | dict[str, Any]) -> None:
    answer = told(body=body)
    assert answer.outcome is Outcome.UNKNOWN
    assert answer.call.status == 200
    repr(answer).encode()


def test_a_refused_question_is_no_answer_to_it() -> None:
    lookup = request(Verb.LOOK_UP)
    assert told({"outcome": "failed"}, 401, lookup).outcome is Outcome.UNKNOWN
    assert told({"outcome": "not_found"}, 404, lookup).outcome is Outcome.NOT_FOUND
    assert told({"outcome": "failed"}, 200, lookup).outcome is Outcome.FAILED


def test_what_did_not_leave_is_not_sent() -> None:
    answer = run(f"http://127.0.0.1:{free_port()}")
    assert (answer.outcome, answer.failure_code) == (Outcome.NOT_SENT, "provider_unavailable")
    assert answer.call.error is not None
    assert "Connection refused" in answer.call.error


def test_no_answer_in_time_is_unknown() -> None:
    with Answering(delay_seconds=3, body={"outcome": "failed"}) as provider:
        answer = run(provider.url, timeout_seconds=0.3)
    assert (answer.outcome, answer.call.status) == (Outcome.UNKNOWN, None)
    assert 250 <= answer.call.duration_ms < 1000


@pytest.mark.parametrize("base_url", ["", "pay.example", "ftp://pay.example", "http://[::1", "//x"])
def test_without_a_usable_address_nothing_is_sent(base_url: str) -> None:
    answer = run(base_url)
    assert (answer.outcome, answer.failure_code) == (Outcome.NOT_SENT, "configuration_error")
    assert answer.call.error == "ca_1: base_url is no http or https address."
    assert (answer.call.method, answer.call.url) == ("", "")


def test_what_cannot_be_put_into_words_is_not_sent() -> None:
    with Answering() as provider:
        answer = run(provider.url, request(reason="unspeakable"))
    assert (answer.outcome, provider.asked) == (Outcome.NOT_SENT, [])


def test_a_missing_credential_is_named() -> None:
    config = ConnectorConfig("plain", "ca_1", "http://127.0.0.1", {"secret_key": ""})
    answer = Plain().run(config, request(), timeout_seconds=1)
    assert answer.call.error == "ca_1: secret_key is missing. Set it on the connector account."


def test_the_base_url_may_have_a_path() -> None:
    config = ConnectorConfig("plain", "ca_1", "https://pay.example/api/", {})
    assert config.address("/v1/x") == "https://pay.example/api/v1/x"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/challenge", "http://", "http://[::1"])
def test_the_payer_is_sent_to_web_addresses_only(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        NextAction("redirect", url)


def test_card_facts_hold_four_digits_only() -> None:
    assert CardFacts("visa", "4242", "fp").last4 == "4242"
    with pytest.raises(ValueError, match="last4"):
        CardFacts("visa", CARD, "fp")
