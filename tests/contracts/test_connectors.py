"""What every connector in the registry promises; one without a sample fails."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.domain.failures import FailureCode
from app.providers.base import (
    Connector,
    ConnectorConfig,
    Outcome,
    ProviderAnswer,
    ProviderRequest,
    Verb,
)
from app.providers.facts import ACTION_FIELDS
from app.providers.registry import CONNECTORS
from tests.contracts.samples import SAMPLES
from tests.infra.ports import free_port
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from app.providers.base import VerbCapability
    from app.providers.facts import ActionType

CARD_TOKEN = "tok_contract"
SEALED = "eyJhbGciOiJSU0EtT0FFUC0yNTYifQ.a2V5.aXY.dGV4dA.dGFn"
VERBS = [
    (name, verb)
    for name, connector in sorted(CONNECTORS.items())
    for verb in connector.capabilities.verbs
    if verb is not Verb.DISPUTE  # only looked up
]
ANSWERS = [
    (name, verb, outcome) for name, s in SAMPLES.items() for verb, outcome in sorted(s.answers)
]
ACTIONS = [(name, kind) for name, sample in SAMPLES.items() for kind in sorted(sample.actions)]
every_connector = pytest.mark.parametrize("name", sorted(CONNECTORS))
every_verb = pytest.mark.parametrize("name, verb", VERBS)


def config(name: str, base_url: str) -> ConnectorConfig:
    return ConnectorConfig(name, "ca_1", base_url, SAMPLES[name].credentials)


def request(verb: Verb) -> ProviderRequest:
    """Return a request; one for a dispute looks it up, as it is never asked for."""
    if verb is Verb.DISPUTE:
        looked_up = request(Verb.LOOK_UP)
        return replace(looked_up, looked_up_verb=verb, provider_reference="dispute_1")
    follows = verb in {Verb.CAPTURE, Verb.VOID, Verb.REFUND}
    return ProviderRequest(
        verb=verb,
        key="op_contract_key",
        amount_minor=1050,
        currency="EUR",
        reference="pay_1",
        operation="op_contract",
        parent_reference="parent_1" if follows else None,
        card_token=CARD_TOKEN,
        looked_up_verb=Verb.PURCHASE if verb is Verb.LOOK_UP else None,
    )


def run(name: str, verb: Verb, base_url: str, timeout_seconds: float = 2) -> ProviderAnswer:
    asked = request(verb)
    return CONNECTORS[name].run(config(name, base_url), asked, timeout_seconds=timeout_seconds)


def test_every_connector_is_under_contract() -> None:
    assert SAMPLES.keys() == CONNECTORS.keys()


@every_connector
def test_it_declares_what_it_can_do(name: str) -> None:
    can = CONNECTORS[name].capabilities
    assert CONNECTORS[name].name == name
    assert can.methods
    assert Verb.LOOK_UP in can.verbs
    assert bool(can.card_entry) is ("card" in can.methods)
    assert all(isinstance(exponent, int) for exponent in can.exponents.values())


@every_connector
def test_it_tells_a_key_where_it_takes_cards_encrypted_to_one(name: str) -> None:
    connector = CONNECTORS[name]
    tells = type(connector).card_key is not Connector.card_key
    assert tells is ("jwe" in connector.capabilities.card_entry)


@every_connector
def test_a_card_that_came_encrypted_goes_on_as_it_is_and_is_never_shown(name: str) -> None:
    if "jwe" not in CONNECTORS[name].capabilities.card_entry:
        return
    asked = replace(request(Verb.PURCHASE), card_token=None, encrypted_card=SEALED)
    with Answering() as provider:
        told = config(name, provider.url)
        answer = CONNECTORS[name].run(told, asked, timeout_seconds=2)
        assert [SEALED.encode() in each.body for each in provider.asked] == [True]
    assert SEALED not in repr((asked, answer))


def resolvable(can: VerbCapability) -> bool:
    return can.idempotency.kind == "key" or bool(can.lookup)


@every_verb
def test_no_answer_can_be_resolved_later(name: str, verb: Verb) -> None:
    can = CONNECTORS[name].capabilities.verbs[verb]
    assert resolvable(can) is (verb is not Verb.LOOK_UP)
    assert (can.idempotency.ttl_seconds > 0) is (can.idempotency.kind == "key")


@pytest.mark.parametrize("name, verb, outcome", ANSWERS)
def test_it_maps_every_outcome(name: str, verb: Verb, outcome: Outcome) -> None:
    status, body = SAMPLES[name].answers[verb, outcome]
    with Answering(status=status, body=body) as provider:
        answer = run(name, verb, provider.url)
    assert answer.outcome is outcome
    assert (answer.action is not None) is (outcome is Outcome.ACTION)
    assert bool(answer.provider_reference) is (outcome is not Outcome.NOT_FOUND)
    assert (answer.failure_code is not None) is (outcome is Outcome.FAILED)
    assert (answer.dispute is not None) is (verb is Verb.DISPUTE)


@pytest.mark.parametrize("name, kind", ACTIONS)
def test_it_reads_every_action_whole(name: str, kind: ActionType) -> None:
    status, body = SAMPLES[name].actions[kind]
    with Answering(status=status, body=body) as provider:
        answer = run(name, Verb.PURCHASE, provider.url)
    assert answer.outcome is Outcome.ACTION
    assert answer.action is not None
    assert (answer.action.type, set(answer.action.fields)) == (kind, set(ACTION_FIELDS[kind]))


@every_connector
def test_disputes_are_told_and_looked_up_or_neither(name: str) -> None:
    looked_up = Verb.DISPUTE in CONNECTORS[name].capabilities.verbs
    assert ((Verb.DISPUTE, Outcome.SUCCESS) in SAMPLES[name].answers) is looked_up
    assert (Verb.DISPUTE in SAMPLES[name].messages) is looked_up


@every_verb
def test_there_is_a_sample_for_every_outcome(name: str, verb: Verb) -> None:
    told = {outcome for told_verb, outcome in SAMPLES[name].answers if told_verb is verb}
    assert told >= {Outcome.SUCCESS, Outcome.FAILED}
    assert (Outcome.NOT_FOUND in told) is (verb is Verb.LOOK_UP)


@every_verb
def test_it_sends_its_key_and_always_the_same_bytes(name: str, verb: Verb) -> None:
    with Answering() as provider:
        run(name, verb, provider.url)
        run(name, verb, provider.url)
    first, again = provider.asked
    keyed = CONNECTORS[name].capabilities.verbs[verb].idempotency.kind == "key"
    assert (first.headers.get(SAMPLES[name].key_header) == "op_contract_key") is keyed
    assert (first.path, first.headers, first.body) == (again.path, again.headers, again.body)


@every_verb
def test_it_hides_every_secret(name: str, verb: Verb) -> None:
    _, body = SAMPLES[name].answers[verb, Outcome.SUCCESS]
    secrets = [CARD_TOKEN, *SAMPLES[name].credentials.values()]
    echo = {**body, "echo": secrets, "number": "4242 4242 4242 4242"}
    with Answering(body=echo) as provider:
        answer = run(name, verb, provider.url)
    shown = f"{answer!r} {config(name, provider.url)!r} {request(verb)!r}"
    assert answer.outcome is Outcome.SUCCESS
    assert [secret for secret in [*secrets, "4242 4242"] if secret in shown] == []


@every_connector
def test_it_compares_nothing_itself(name: str) -> None:
    with Answering(body=SAMPLES[name].other_money) as provider:
        answer = run(name, Verb.PURCHASE, provider.url)
    assert answer.outcome is Outcome.SUCCESS
    assert (answer.amount_minor, answer.currency, answer.reference) == (7, "JPY", "pay_other")


@every_verb
@pytest.mark.parametrize("base_url", ["", "provider.example"])
def test_it_refuses_to_call_nowhere(name: str, verb: Verb, base_url: str) -> None:
    answer = run(name, verb, base_url)
    assert (answer.outcome, answer.failure_code) == (
        Outcome.NOT_SENT,
        FailureCode.CONFIGURATION_ERROR,
    )
    assert "base_url" in str(answer.call.error)


@every_verb
def test_a_refused_connection_is_not_sent(name: str, verb: Verb) -> None:
    answer = run(name, verb, f"http://127.0.0.1:{free_port()}")
    assert (answer.outcome, answer.failure_code) == (
        Outcome.NOT_SENT,
        FailureCode.PROVIDER_UNAVAILABLE,
    )


@every_verb
def test_too_many_requests_is_not_sent(name: str, verb: Verb) -> None:
    with Answering(status=429, body=SAMPLES[name].refusal) as provider:
        assert run(name, verb, provider.url).outcome is Outcome.NOT_SENT


@every_verb
@pytest.mark.parametrize(
    "provider",
    [
        Answering(delay_seconds=3),
        Answering(cut=True),
        Answering(status=500),
        Answering(status=503, body=b"<html>busy</html>"),
        Answering(status=302, headers={"Location": "http://127.0.0.1/"}),
        Answering(body=b"{'no': json}"),
        Answering(body=b"[]"),
        Answering(body={}),
        Answering(status=404, body=b"<html>nothing here</html>"),
    ],
    ids=["hang", "cut", "500", "503", "302", "no json", "list", "empty", "foreign 404"],
)
def test_what_proves_nothing_is_unknown(name: str, verb: Verb, provider: Answering) -> None:
    with provider:
        assert run(name, verb, provider.url, timeout_seconds=0.2).outcome is Outcome.UNKNOWN
    assert len(provider.asked) == 1


@every_connector
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refused_look_up_never_ends_an_operation(name: str, status: int) -> None:
    with Answering(status=status, body=SAMPLES[name].refusal) as provider:
        assert run(name, Verb.LOOK_UP, provider.url).outcome is Outcome.UNKNOWN


@every_connector
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_a_refusal_is_never_a_success(name: str, status: int) -> None:
    with Answering(status=status, body=SAMPLES[name].refusal) as provider:
        outcome = run(name, Verb.PURCHASE, provider.url).outcome
    assert outcome in {Outcome.FAILED, Outcome.NOT_SENT, Outcome.UNKNOWN}
