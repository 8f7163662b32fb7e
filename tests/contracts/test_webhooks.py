"""What every connector promises of the messages that its provider sends by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.base import ProviderEvent, Verb
from app.providers.registry import CONNECTORS
from app.providers.webhooks import WebhookReader, WebhookRefusedError
from tests.contracts.samples import SAMPLES
from tests.contracts.test_connectors import config

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
NESTED = b'{"data":' * 120_000
READERS = sorted(name for name, connector in CONNECTORS.items() if connector.webhooks)
MESSAGES = [(name, verb) for name in READERS for verb in SAMPLES[name].messages]
every_reader = pytest.mark.parametrize("name", READERS)
every_message = pytest.mark.parametrize("name, verb", MESSAGES)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def reader(name: str) -> WebhookReader:
    found = CONNECTORS[name].webhooks
    assert found is not None
    return found


def signed(name: str, body: bytes, moment: datetime = NOW) -> dict[str, str]:
    sign = SAMPLES[name].sign
    assert sign is not None
    return sign(SAMPLES[name].credentials, body, moment)


def message(name: str, verb: Verb | None = Verb.PURCHASE) -> bytes:
    return json.dumps(SAMPLES[name].messages[verb]).encode()


def read(name: str, body: bytes) -> tuple[ProviderEvent, ...]:
    """Go the whole way of a message, from its signature on."""
    reader(name).verify(config(name, ""), signed(name, body), body, NOW)
    return reader(name).read(body)


def test_whoever_sends_messages_has_samples_of_all_it_can_be_asked_for() -> None:
    assert sorted(name for name, sample in SAMPLES.items() if sample.sign) == READERS
    for name in READERS:
        verbs = CONNECTORS[name].capabilities.verbs.keys() - {Verb.LOOK_UP}
        assert SAMPLES[name].messages.keys() == verbs | {None}


@every_message
def test_a_message_that_is_proved_tells_its_event(name: str, verb: Verb | None) -> None:
    (event,) = read(name, message(name, verb))
    assert event == read(name, message(name, verb))[0]
    assert event.event_id
    assert event.kind
    assert (event.verb, event.reading is None) == (verb, verb is None)
    if event.reading is not None:
        assert event.provider_reference == event.reading.provider_reference
        assert event.provider_reference or event.operation
        assert (event.reading.dispute is not None) is (verb is Verb.DISPUTE)
    if verb is Verb.DISPUTE:
        # It has no operation of ours: one that is named would be that of the charge.
        assert (event.operation, bool(event.parent_reference)) == (None, True)


def _other_secret(name: str, body: bytes) -> dict[str, str]:
    sign = SAMPLES[name].sign
    assert sign is not None
    others = {word: f"{value}x" for word, value in SAMPLES[name].credentials.items()}
    return sign(others, body, NOW)


def _garbled(name: str, body: bytes) -> dict[str, str]:
    return {header: value[::-1] for header, value in signed(name, body).items()}


@every_reader
@pytest.mark.parametrize(
    "headers",
    [
        _other_secret,
        _garbled,
        lambda name, body: signed(name, body + b" "),
        lambda name, body: signed(name, body, NOW - timedelta(days=1)),
        lambda name, body: signed(name, body, NOW + timedelta(days=1)),
        lambda name, body: dict.fromkeys(signed(name, body), ""),
        lambda name, body: dict.fromkeys(signed(name, body), "\u0660" * 100_000),
        lambda _name, _body: {},
    ],
    ids=["other secret", "garbled", "other bytes", "old", "early", "empty", "huge", "missing"],
)
def test_a_message_that_proves_nothing_is_refused(
    name: str, headers: Callable[[str, bytes], dict[str, str]]
) -> None:
    body = message(name)
    reader(name).verify(config(name, ""), signed(name, body), body, NOW)
    with pytest.raises(WebhookRefusedError):
        reader(name).verify(config(name, ""), headers(name, body), body, NOW)


@every_reader
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_one_changed_bit_is_refused(name: str, place: int, bit: int) -> None:
    body = bytearray(message(name))
    headers = signed(name, bytes(body))
    body[place % len(body)] ^= 1 << bit
    with pytest.raises(WebhookRefusedError):
        reader(name).verify(config(name, ""), headers, bytes(body), NOW)


@every_reader
def test_an_account_without_its_secret_believes_nobody(name: str) -> None:
    body = message(name)
    bare = config(name, "")
    emptied = type(bare)(bare.connector, bare.account, "", dict.fromkeys(bare.credentials, ""))
    for headers in (signed(name, body), {}):
        with pytest.raises(WebhookRefusedError):
            reader(name).verify(emptied, headers, body, NOW)


@every_reader
@pytest.mark.parametrize("body", [NESTED, NESTED + b"1" + b"}" * 120_000, b"[" * 10**6, b"\xff"])
def test_a_megabyte_of_nesting_is_refused_and_hurts_nobody(name: str, body: bytes) -> None:
    with pytest.raises(WebhookRefusedError):
        read(name, body)


@every_message
@given(data=st.data())
def test_whatever_stands_in_a_field_it_is_read_or_refused(
    name: str, verb: Verb | None, data: st.DataObject
) -> None:
    told: dict[str, Any] = json.loads(message(name, verb))
    inner = [value for value in told.values() if isinstance(value, dict) and value]
    part = data.draw(st.sampled_from([told, *inner]))
    field = data.draw(st.sampled_from(sorted(part)))
    part[field] = data.draw(json_values)
    try:
        events = read(name, json.dumps(told).encode())
    except WebhookRefusedError:
        return
    assert all(isinstance(event, ProviderEvent) for event in events)
