"""What leaves for the sandbox, method by method, as the page of its wire says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import BadInputError
from app.providers.base import ConnectorConfig, Outcome, ProviderRequest, Verb
from app.providers.registry import get
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from app.providers.http import HttpCall

CREDENTIALS = {"secret_key": "sk_sandbox_requests"}
PAYEE = "success@sandbox"


def build(verb: Verb, **more: object) -> HttpCall:
    facts: dict[str, Any] = {"amount_minor": 1050, "currency": "EUR", **more}
    request = ProviderRequest(verb=verb, key="op_1", reference="pay_1", operation="op_1", **facts)
    return get("sandbox").build(config("http://127.0.0.1"), request)


def config(base_url: str) -> ConnectorConfig:
    return ConnectorConfig("sandbox", "ca_1", base_url, CREDENTIALS)


def charge(verb: Verb = Verb.PURCHASE, **more: object) -> dict[str, Any]:
    call = build(verb, **more)
    assert (call.method, call.url) == ("POST", "http://127.0.0.1/v1/charges")
    body: dict[str, Any] = json.loads(call.content)
    return body


@pytest.mark.parametrize(
    "method, name, told, seconds",
    [
        ("upi", "qr", {"type": "upi", "flow": "qr"}, 300),
        ("upi", "intent", {"type": "upi", "flow": "intent"}, 300),
        ("upi", "collect", {"type": "upi", "flow": "collect", "vpa": PAYEE}, 300),
        ("crypto", "ETH@ethereum", {"type": "crypto", "asset": "ETH@ethereum"}, 900),
        ("apm", "ideal", {"type": "apm", "name": "ideal"}, 1800),
        ("apm", "multibanco", {"type": "apm", "name": "multibanco"}, 259_200),
    ],
)
def test_a_method_is_asked_for_by_its_row(
    method: str, name: str, told: dict[str, str], seconds: int
) -> None:
    body = charge(method=method, method_name=name, details={"vpa": PAYEE}, card_token="tok_approve")
    assert body == {
        "amount_minor": 1050,
        "currency": "EUR",
        "capture": True,
        "reference": "pay_1",
        "metadata": {"operation": "op_1"},
        "method": told,
        "expires_seconds": seconds,
    }


def test_a_card_is_asked_for_as_ever() -> None:
    body = charge(card_token="tok_approve", return_url="https://shop.example/r")
    assert (body["source"], body["return_url"]) == (
        {"token": "tok_approve"},
        "https://shop.example/r",
    )
    assert body.keys().isdisjoint(("method", "expires_seconds"))


def test_only_card_and_klarna_are_captured_later() -> None:
    later = {
        (row.family, row.name) for row in get("sandbox").capabilities.rows if row.manual_capture
    }
    assert later == {("card", ""), ("apm", "klarna")}
    assert charge(Verb.AUTHORIZE, method="apm", method_name="klarna")["capture"] is False
    with pytest.raises(BadInputError, match="iDEAL cannot be captured later"):
        build(Verb.AUTHORIZE, method="apm", method_name="ideal")


@pytest.mark.parametrize(
    "asked",
    [
        {"method": "upi", "method_name": "collect"},
        {"method": "upi", "method_name": "collect", "details": {"vpa": ""}},
        {"method": "upi"},
        {"method": "crypto", "method_name": "DOGE"},
        {"method": "cash"},
        {"method": "card"},
    ],
)
def test_what_lacks_something_is_not_sent(asked: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        build(Verb.PURCHASE, **asked)


def test_a_dispute_is_looked_up_by_its_id_and_never_asked_for() -> None:
    found = build(Verb.LOOK_UP, looked_up_verb=Verb.DISPUTE, provider_reference="sbx_dp/1")
    assert (found.method, found.url) == ("GET", "http://127.0.0.1/v1/disputes/sbx_dp%2F1")
    for verb, looked_up in ((Verb.LOOK_UP, Verb.DISPUTE), (Verb.DISPUTE, None)):
        with pytest.raises(BadInputError):
            build(verb, looked_up_verb=looked_up)


def test_the_address_of_the_payer_is_in_no_transcript() -> None:
    error = {"error": {"code": "invalid", "message": f"{PAYEE} is closed."}}
    asked = ProviderRequest(
        verb=Verb.PURCHASE,
        key="op_1",
        amount_minor=1050,
        currency="INR",
        reference="pay_1",
        operation="op_1",
        method="upi",
        method_name="collect",
        details={"vpa": PAYEE},
    )
    with Answering(status=422, body=error) as provider:
        answer = get("sandbox").run(config(provider.url), asked, timeout_seconds=2)
    assert answer.outcome is Outcome.FAILED
    assert PAYEE.encode() in provider.asked[0].body
    assert PAYEE not in repr((answer, asked))
