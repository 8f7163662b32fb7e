from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import ConfigurationError, UnavailableError
from app.providers.base import ConnectorConfig, Outcome, ProviderEvent, Verb
from app.providers.http import NotSentError
from app.providers.registry import get
from app.providers.sandbox.webhook import SandboxWebhooks
from app.providers.webhooks import WebhookRefusedError
from tests.infra.ports import free_port
from tests.providers.answering import Answering

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BODY = b'{"id": "sbx_ev_1"}'
CREDENTIALS = {"secret_key": "sk_sandbox_hooks", "webhook_secret": "whsec_hooks"}
ENDPOINT = "http://127.0.0.1:8080/webhooks/sandbox/ca_1"
CHARGE: dict[str, Any] = {
    "id": "sbx_ch_1",
    "object": "charge",
    "status": "succeeded",
    "amount_minor": 1050,
    "currency": "EUR",
    "reference": "pay_1",
    "metadata": {"operation": "op_1"},
    "failure": None,
}


def config(base_url: str = "", **credentials: str) -> ConnectorConfig:
    return ConnectorConfig("sandbox", "ca_1", base_url, {**CREDENTIALS, **credentials})


def v1(body: bytes = BODY, moment: datetime = NOW, secret: str = "whsec_hooks") -> str:
    signed = f"{moment.timestamp():.0f}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def verify(header: str, now: datetime = NOW) -> None:
    SandboxWebhooks().verify(config(), {"sandbox-signature": header}, BODY, now)


def event(kind: str, data: dict[str, Any]) -> ProviderEvent:
    body = {"id": "sbx_ev_1", "type": kind, "created": 1_795_000_000, "data": data}
    return SandboxWebhooks().read(json.dumps(body).encode())[0]


@pytest.mark.parametrize("seconds, taken", [(-301, False), (-300, True), (300, True), (301, False)])
def test_a_signature_counts_for_five_minutes_both_ways(seconds: int, taken: bool) -> None:
    header, now = f"t={NOW.timestamp():.0f},{v1()}", NOW + timedelta(seconds=seconds)
    if taken:
        verify(header, now)
    else:
        with pytest.raises(WebhookRefusedError, match="too old"):
            verify(header, now)


def test_one_of_several_signatures_is_enough() -> None:
    old, at = v1(secret="whsec_older"), f"t={NOW.timestamp():.0f}"
    verify(f"{at},{old},{v1()}")
    verify(f"{at},{v1()},{old}")
    with pytest.raises(WebhookRefusedError, match="does not belong"):
        verify(f"{at},{old},{old}")


@pytest.mark.parametrize(
    "header",
    [
        "{v1}",
        "{v1},{t}",
        "{t}",
        "{t},v1=",
        "{t},v0={v1}",
        "{t},{v1},{t}",
        "{t},{v1}\n",
        "{t}, {v1}",
        "t=,{v1}",
        "t=-1,{v1}",
        "t=\u0661,{v1}",
        "t=99999999999999999999,{v1}",
        "{t},{v1},{v1},{v1},{v1},{v1},{v1}",
    ],
)
def test_a_header_that_is_not_as_documented_is_garbled(header: str) -> None:
    with pytest.raises(WebhookRefusedError, match="missing or garbled"):
        verify(header.format(t=f"t={NOW.timestamp():.0f}", v1=v1()))


@pytest.mark.parametrize(
    "status, verb, outcome",
    [
        ("succeeded", Verb.PURCHASE, Outcome.SUCCESS),
        ("processing", Verb.PURCHASE, Outcome.PENDING),
        ("authorized", Verb.AUTHORIZE, Outcome.SUCCESS),
        ("canceled", Verb.AUTHORIZE, Outcome.SUCCESS),
    ],
)
def test_a_charge_that_is_only_held_is_told_apart(
    status: str, verb: Verb, outcome: Outcome
) -> None:
    told = event("charge.updated", {**CHARGE, "status": status})
    assert told.reading is not None
    assert (told.verb, told.reading.outcome) == (verb, outcome)
    assert (told.provider_reference, told.operation) == ("sbx_ch_1", "op_1")


def test_a_charge_that_was_canceled_because_it_expired_has_failed() -> None:
    failure = {"code": "expired", "message": "Not paid in time."}
    told = event("charge.updated", {**CHARGE, "status": "canceled", "failure": failure})
    assert told.reading is not None
    assert (told.verb, told.reading.outcome) == (Verb.PURCHASE, Outcome.FAILED)


def test_what_was_made_without_us_is_matched_by_its_charge() -> None:
    refund = {**CHARGE, "id": "sbx_re_1", "object": "refund", "charge": "sbx_ch_1", "metadata": {}}
    told = event("refund.updated", refund)
    assert (told.provider_reference, told.operation, told.parent_reference) == (
        "sbx_re_1",
        None,
        "sbx_ch_1",
    )


def test_a_dispute_is_matched_by_its_charge_and_not_by_the_operation_of_that() -> None:
    dispute = {**CHARGE, "id": "sbx_dp_1", "object": "dispute", "charge": "sbx_ch_1"}
    dispute |= {"stage": "inquiry", "status": "open", "withdrawn": False}
    told = event("dispute.updated", dispute)
    assert (told.verb, told.provider_reference) == (Verb.DISPUTE, "sbx_dp_1")
    assert (told.operation, told.parent_reference) == (None, "sbx_ch_1")


@pytest.mark.parametrize(
    "kind, data",
    [
        ("refund.updated", CHARGE),
        ("charge.updated", {**CHARGE, "status": "reversed"}),
        ("charge.updated", {**CHARGE, "metadata": None}),
        ("charge.updated", {**CHARGE, "metadata": {"operation": 7}}),
        ("x" * 65, CHARGE),
    ],
)
def test_an_event_that_contradicts_itself_is_refused(kind: str, data: dict[str, Any]) -> None:
    with pytest.raises(WebhookRefusedError):
        event(kind, data)


def test_the_endpoint_is_set_with_the_secret_of_the_account() -> None:
    with Answering(body={"url": ENDPOINT}) as provider:
        assert get("sandbox").register(config(provider.url), ENDPOINT) is True
    asked = provider.asked[0]
    assert (asked.method, asked.path) == ("PUT", "/v1/webhook_endpoint")
    assert asked.headers["Authorization"] == "Bearer sk_sandbox_hooks"
    assert json.loads(asked.body) == {"url": ENDPOINT, "secret": "whsec_hooks"}


def test_an_endpoint_that_is_not_taken_is_told() -> None:
    with Answering(status=422) as provider, pytest.raises(UnavailableError, match="answers 422"):
        get("sandbox").register(config(provider.url), ENDPOINT)
    with pytest.raises(NotSentError):
        get("sandbox").register(config(f"http://127.0.0.1:{free_port()}"), ENDPOINT)
    with pytest.raises(ConfigurationError, match="webhook_secret"):
        get("sandbox").register(config(provider.url, webhook_secret=""), ENDPOINT)
