from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.providers.base import ConnectorConfig, Outcome, ProviderAnswer, ProviderRequest, Verb
from app.providers.registry import get
from tests.infra.ports import free_port
from tests.sealing import APPROVED, DECLINED, seal

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxServer


class Till:
    """Asks the running sandbox for things about one payment of its own."""

    def __init__(self, server: SandboxServer, name: str) -> None:
        self.server = server
        self.timeout_seconds = 5.0
        self.reference = f"pay_{name}"
        credentials = {"secret_key": "sk_sandbox_till"}
        self.config = ConnectorConfig("sandbox", "ca_1", server.url, credentials)

    def ask(self, verb: Verb, key: str = "op", **more: object) -> ProviderAnswer:
        facts: dict[str, Any] = {"amount_minor": 1050, "currency": "EUR"}
        facts |= {"card_token": "tok_approve", **more}
        request = ProviderRequest(
            verb=verb,
            key=f"{self.reference}_{key}",
            reference=self.reference,
            operation=f"{self.reference}_{key}",
            **facts,
        )
        return get("sandbox").run(self.config, request, timeout_seconds=self.timeout_seconds)

    def effects(self, kind: str | None = None) -> list[dict[str, Any]]:
        return self.server.log().of_reference(self.reference, kind)


@pytest.fixture
def till(sandbox_server: SandboxServer, request: pytest.FixtureRequest) -> Till:
    letters = "".join(char if char.isalnum() else "_" for char in request.node.name)
    return Till(sandbox_server, letters)


@pytest.mark.parametrize(
    "token, outcome, failure_code",
    [
        ("tok_approve", Outcome.SUCCESS, None),
        ("tok_dispute", Outcome.SUCCESS, None),
        ("tok_challenge", Outcome.ACTION, None),
        ("tok_decline", Outcome.FAILED, "card_declined"),
        ("tok_insufficient", Outcome.FAILED, "insufficient_funds"),
        ("tok_error", Outcome.FAILED, "processing_error"),
        ("tok_unheard_of", Outcome.FAILED, "invalid_token"),
    ],
)
def test_a_token_does_what_it_says(
    till: Till, token: str, outcome: Outcome, failure_code: str | None
) -> None:
    answer = till.ask(Verb.PURCHASE, card_token=token)
    assert (answer.outcome, answer.failure_code) == (outcome, failure_code)
    assert (answer.amount_minor, answer.currency) == (1050, "EUR")
    assert answer.reference == till.reference
    assert len(till.effects()) == (outcome is Outcome.SUCCESS)
    assert till.ask(Verb.LOOK_UP, looked_up_verb=Verb.PURCHASE).outcome is outcome


def test_a_charge_is_authorized_captured_and_refunded(till: Till) -> None:
    charge = till.ask(Verb.AUTHORIZE).provider_reference
    captured = till.ask(Verb.CAPTURE, "cap", amount_minor=800, parent_reference=charge)
    refunded = till.ask(
        Verb.REFUND, "ref", amount_minor=300, parent_reference=charge, reason="late parcel"
    )
    voided = till.ask(Verb.VOID, "void", amount_minor=250, parent_reference=charge)
    assert [a.outcome for a in (captured, refunded, voided)] == [Outcome.SUCCESS] * 3
    assert [a.amount_minor for a in (captured, refunded, voided)] == [800, 300, 250]
    assert [(e["kind"], e["amount_minor"]) for e in till.effects()] == [
        ("authorize", 1050),
        ("capture", 800),
        ("refund", 300),
        ("void", 250),
    ]


@pytest.mark.parametrize("verb", [Verb.CAPTURE, Verb.VOID, Verb.REFUND])
def test_a_part_is_found_by_key_and_by_id(till: Till, verb: Verb) -> None:
    first = Verb.PURCHASE if verb is Verb.REFUND else Verb.AUTHORIZE
    charge = till.ask(first).provider_reference
    part = till.ask(verb, "part", parent_reference=charge)
    by_key = till.ask(Verb.LOOK_UP, "part", looked_up_verb=verb)
    by_id = till.ask(
        Verb.LOOK_UP, "part", looked_up_verb=verb, provider_reference=part.provider_reference
    )
    assert by_key.outcome is by_id.outcome is part.outcome is Outcome.SUCCESS
    assert by_key.provider_reference == by_id.provider_reference == part.provider_reference


def test_a_challenge_is_looked_up_after_the_payer_answered(till: Till) -> None:
    asked = till.ask(Verb.PURCHASE, card_token="tok_challenge", return_url="https://pay.example/r")
    charge = asked.provider_reference
    assert charge is not None
    assert asked.action is not None
    assert asked.action.url == f"{till.server.url}/challenge/{charge}"
    back = till.server.answer_challenge(charge)
    assert back.headers["Location"] == "https://pay.example/r"
    known = {"looked_up_verb": Verb.PURCHASE, "provider_reference": charge}
    assert till.ask(Verb.LOOK_UP, **known).outcome is Outcome.SUCCESS
    assert len(till.effects("purchase")) == 1


def test_an_effect_without_an_answer_is_found_again(till: Till) -> None:
    till.server.control(hang_seconds=2)
    till.timeout_seconds = 0.5
    assert till.ask(Verb.PURCHASE, card_token="tok_hang").outcome is Outcome.UNKNOWN
    found = till.ask(Verb.LOOK_UP, looked_up_verb=Verb.PURCHASE)
    again = till.ask(Verb.PURCHASE, card_token="tok_hang")
    assert found.outcome is again.outcome is Outcome.SUCCESS
    assert len(till.effects()) == 1


def test_an_error_after_the_effect_is_unknown_and_then_found(till: Till) -> None:
    till.server.control(error_after_effect=100)
    assert till.ask(Verb.PURCHASE).outcome is Outcome.UNKNOWN
    till.server.calm()
    assert till.ask(Verb.PURCHASE).outcome is Outcome.SUCCESS
    assert len(till.effects()) == 1


def test_an_outage_says_nothing(till: Till) -> None:
    till.server.control(outage=True)
    assert till.ask(Verb.PURCHASE).outcome is Outcome.UNKNOWN
    assert till.ask(Verb.LOOK_UP, looked_up_verb=Verb.PURCHASE).outcome is Outcome.UNKNOWN
    till.server.calm()
    assert till.ask(Verb.LOOK_UP, looked_up_verb=Verb.PURCHASE).outcome is Outcome.NOT_FOUND


def test_the_same_key_for_another_amount_stays_unknown(till: Till) -> None:
    till.ask(Verb.PURCHASE)
    answer = till.ask(Verb.PURCHASE, amount_minor=9)
    assert (answer.outcome, answer.provider_code) == (Outcome.UNKNOWN, "idempotency_mismatch")
    assert len(till.effects()) == 1


@pytest.mark.parametrize("verb", [Verb.CAPTURE, Verb.VOID, Verb.REFUND])
def test_a_part_of_an_unknown_charge_is_refused(till: Till, verb: Verb) -> None:
    answer = till.ask(verb, parent_reference="sbx_ch_unknown/../x")
    assert answer.outcome in {Outcome.FAILED, Outcome.UNKNOWN}
    assert till.ask(verb).outcome is Outcome.NOT_SENT
    assert till.effects() == []


def test_a_charge_without_a_token_is_not_sent(till: Till) -> None:
    answer = till.ask(Verb.PURCHASE, card_token=None)
    assert answer.outcome is Outcome.NOT_SENT
    assert answer.call.error is not None
    assert "card_token" in answer.call.error


def test_a_sandbox_that_is_down_is_not_sent_to(till: Till) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    till.config = ConnectorConfig("sandbox", "ca_1", nowhere, {"secret_key": "sk"})
    assert till.ask(Verb.PURCHASE).outcome is Outcome.NOT_SENT


def test_a_card_goes_as_it_was_sealed_and_never_into_the_transcript(till: Till) -> None:
    key = get("sandbox").card_key(till.config)
    assert key is not None
    sealed = seal(key.jwk())
    answer = till.ask(Verb.PURCHASE, card_token=None, encrypted_card=sealed)
    assert answer.outcome is Outcome.SUCCESS
    assert answer.card is not None
    assert answer.card.last4 == "4242"
    assert sealed not in repr(answer)
    assert "'source': {'encrypted': '[removed]'}" in str(answer.call.request_masked)


@pytest.mark.parametrize(
    "changes, number, code",
    [
        ({"kid": "an old one"}, APPROVED, "card_details_gone"),
        ({}, "5555555555554444", "incorrect_number"),
        ({}, DECLINED, "card_declined"),
    ],
    ids=["stale", "strange", "declined"],  # the name of a test goes to the provider
)
def test_a_sealed_card_that_is_not_taken_says_why(
    till: Till, changes: dict[str, str], number: str, code: str
) -> None:
    key = get("sandbox").card_key(till.config)
    assert key is not None
    sealed = seal({**key.jwk(), **changes}, number)
    answer = till.ask(Verb.PURCHASE, card_token=None, encrypted_card=sealed)
    assert (answer.outcome, answer.failure_code) == (Outcome.FAILED, code)
    assert number not in repr(answer)
