import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.card_numbers import (
    CARD_REMOVED,
    MAX_DEPTH,
    REMOVED,
    Match,
    find,
    refuse,
    scrub,
    scrub_text,
)
from app.domain.card_ranges import ISSUED
from app.domain.identifiers import new_id
from app.errors import CardNumberRefusedError

VISA = "4242424242424242"
SEPARATORS = [*" -./_", " - ", "\u00a0", "\u2009", "\u202f", "\u200b", "\u2060", "\u2013"]
ZEROS_OF_SCRIPTS = "0\u0660\u0966\uff10\U0001d7ce"


def luhn_digit(digits: str) -> str:
    doubled = [int(digit) * 2 for digit in reversed(digits)][::2]
    plain = [int(digit) for digit in reversed(digits)][1::2]
    return str(-sum(plain + [value // 10 + value % 10 for value in doubled]) % 10)


@st.composite
def card_numbers(draw: st.DrawFn) -> str:
    issued = draw(st.sampled_from(ISSUED))
    prefix = str(draw(st.integers(issued.first, issued.last)))
    length = draw(st.integers(issued.shortest, issued.longest))
    rest = draw(st.text("0123456789", min_size=length - 5, max_size=length - 5))
    return prefix + rest + luhn_digit(prefix + rest)


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    number = draw(card_numbers())
    zero = ord(draw(st.sampled_from(ZEROS_OF_SCRIPTS)))
    gaps = draw(
        st.lists(
            st.sampled_from(["", *SEPARATORS]), min_size=len(number) - 1, max_size=len(number) - 1
        )
    )
    digits = [chr(zero + int(digit)) for digit in number]
    return "".join(digit + gap for digit, gap in zip(digits, [*gaps, ""], strict=True))


# A digit beside it makes another number, a plus a telephone number, "0." a fraction.
SURROUNDINGS = st.text(max_size=60).filter(
    lambda text: not (text[:1].isdecimal() or text[-1:].isdecimal() or text.endswith(("+", "0.")))
)


@settings(max_examples=300)
@given(SURROUNDINGS, written_numbers(), SURROUNDINGS)
def test_every_card_number_is_found_however_it_is_written(
    before: str, number: str, after: str
) -> None:
    start, end = len(before), len(before) + len(number)

    matches = find(before + number + after)

    assert any(match.start <= start and end <= match.end for match in matches)
    assert number not in scrub_text(before + number + after)
    with pytest.raises(CardNumberRefusedError):
        refuse({"a": [{"b": before + number + after}]}, "body")


@pytest.mark.parametrize(
    "number",
    [
        "4242424242424242",
        "4000000000000002",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "6011111111111117",
        "30569309025904",
        "3566002020360505",
        "6200000000000005",
        "6759649826438453",
        "6304000000000000",
        "4222222222222",
        "6069980000000008",
        "2200000000000004",
    ],
)
def test_well_known_test_numbers_are_found(number: str) -> None:
    assert find(f"pay with {number}, please") == [Match(9, 9 + len(number))]


def test_a_number_is_found_among_other_digits_that_blanks_part() -> None:
    text = "order 17 4242 4242 4242 4242 12/27 123 end"

    scrubbed = scrub_text(text)

    assert CARD_REMOVED in scrubbed
    assert "4242" not in scrubbed
    assert scrubbed.startswith("order 17 ")
    assert scrubbed.endswith(" end")


def test_a_false_start_does_not_hide_the_true_number() -> None:
    # The first four groups make a number by chance; the true one is made of the last four.
    assert find("4002 4242 4242 4242")
    assert scrub_text("4002 4242 4242 4242 4242.") == f"{CARD_REMOVED}."


def test_several_numbers_are_all_removed() -> None:
    assert scrub_text(f"{VISA}, {VISA}") == f"{CARD_REMOVED}, {CARD_REMOVED}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4242424242424241",
        "9242424242424242" + "0",
        "42424242424",
        "4242 4242 424",
        "00004242424242424242000",
        "2026-10-03T12:34:56.789012Z 2026-10-04 00:00:00+00:00",
        "20261003123456789",
        "1760000000000",
        "92233720368547758.07",
        "612412345678",
        "+49 1512 3456789",
        "+4915123456789",
        "+4222222222222",
        "took 0.4539578763621486 s",
        "4242-a242-4242-4242",
        "10.0.0.1 192.168.100.200",
    ],
)
def test_what_is_no_card_number_is_left_alone(text: str) -> None:
    assert find(text) == []
    assert scrub_text(text) == text
    refuse(text, "text")


def test_a_plus_and_a_leading_zero_excuse_no_long_number() -> None:
    assert find(f"+{VISA}")
    assert find("0.4242 4242 4242 4242")
    assert find(f"10.{VISA}")


@given(st.uuids(version=4))
def test_uuids_are_no_card_numbers(uuid: UUID) -> None:
    assert find(f"id={uuid} {uuid}") == []


def test_ids_and_digests_are_no_card_numbers_even_if_they_look_so() -> None:
    # Each holds a whole card number between letters.
    for shape in (
        "pay_01" + VISA + "abcdefgh",
        "0000a" + VISA + "bcd" + "f" * 40,
        "a4242424-2424-4242-b424-242424242424",
    ):
        assert find(f"see {shape}, please") == []
        assert find(f"see {shape}x4x{VISA}x") != []


@given(st.datetimes(timezones=st.just(UTC)), st.binary(min_size=10, max_size=10))
def test_our_own_ids_are_no_card_numbers(now: datetime, drawn: bytes) -> None:
    now = max(now, datetime(1970, 1, 1, tzinfo=UTC))
    assert find(new_id("pay", now, randomness=lambda _: drawn)) == []


@pytest.mark.parametrize(
    "unit",
    ["4 ", "4", "4---", "1-", "6.", f"{VISA} , ", "4242424242 x", "f-", "0", "a", "pay_0", "+4 "],
)
def test_a_long_text_is_searched_in_linear_time(unit: str) -> None:
    text = unit * (100_000 // len(unit))

    started = time.process_time()
    find(text)

    # Milliseconds in truth; anything that is not linear takes minutes.
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "value, place",
    [
        (VISA, "customer"),
        pytest.param(int(VISA), "customer", id="number"),
        pytest.param(VISA.encode(), "customer", id="bytes"),
        ({"name": VISA}, "customer.name"),
        ({"name": {"first": "a", "last": [1, "b", f"x {VISA}"]}}, "customer.name.last.2"),
        ({"metadata": {VISA: "x"}}, "customer.metadata"),
        (("a", frozenset({VISA})), "customer.1.0"),
        ([{"amount": 1, "reference": int(VISA)}], "customer.0.reference"),
    ],
)
def test_the_place_of_a_refused_number_is_named_and_the_number_is_not(
    value: object, place: str
) -> None:
    with pytest.raises(CardNumberRefusedError) as caught:
        refuse(value, "customer")

    assert caught.value.place == place
    assert "4242" not in str(caught.value)
    assert "4242" not in repr(caught.value.data)


def test_without_a_place_the_path_stands_alone() -> None:
    with pytest.raises(CardNumberRefusedError) as caught:
        refuse({"customer": {"name": VISA}}, "")

    assert caught.value.place == "customer.name"


def test_an_amount_is_no_card_number() -> None:
    body = {"amount": int(VISA), "gross_minor": int(VISA)}

    refuse(body, "body")

    assert scrub(body) == body


def test_refusing_walks_cycles_once_and_other_things_not_at_all() -> None:
    cycle: dict[str, object] = {"when": datetime(2026, 1, 1, tzinfo=UTC), "none": None, "yes": True}
    cycle["self"] = [cycle]

    refuse(cycle, "body")

    cycle["last"] = VISA
    with pytest.raises(CardNumberRefusedError):
        refuse(cycle, "body")


class Fresh(Mapping[str, object]):
    """Makes its parts anew each time it is asked, as some form classes do."""

    def __getitem__(self, key: str) -> object:
        return [VISA if key == "999" else key]

    def __iter__(self) -> Iterator[str]:
        return map(str, range(1000))

    def __len__(self) -> int:
        return 1000


def test_parts_that_are_made_on_the_fly_are_seen_too() -> None:
    with pytest.raises(CardNumberRefusedError, match=r"form\.999"):
        refuse(Fresh(), "form")


def test_scrubbing_copies_deeply() -> None:
    value = {"a": [1, {"b": (2.5, None, True)}], "when": datetime(2026, 1, 1, tzinfo=UTC)}

    copied: Any = scrub(value)

    assert copied == value
    assert copied is not value
    assert copied["a"] is not value["a"]


def test_scrubbing_reaches_every_text_key_and_number() -> None:
    value = {
        f"key {VISA}": 1,
        int(VISA): 2,
        (VISA, 1): 3,
        "list": [f"x {VISA} y", int(VISA), {VISA}],
        "bytes": f"\u20ac {VISA}".encode() + b"\xff",
        "view": memoryview(VISA.encode()),
        "object": ValueError(f"bad card {VISA}"),
    }

    assert scrub(value) == {
        f"key {CARD_REMOVED}": 1,
        CARD_REMOVED: 2,
        f"('{CARD_REMOVED}', 1)": 3,
        "list": [f"x {CARD_REMOVED} y", CARD_REMOVED, [CARD_REMOVED]],
        "bytes": f"\u20ac {CARD_REMOVED}".encode() + b"\xff",
        "view": CARD_REMOVED.encode(),
        "object": f"bad card {CARD_REMOVED}",
    }


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "Password",
        "NEW_PASSWORD",
        "password2",
        "secret",
        "webhook_secret",
        "clientSecret",
        "token",
        "access_token",
        "card_token",
        "csrf_token",
        "X-CSRF-Token",
        "cvc",
        "CVV",
        "cvc2",
        "authorization",
        "Proxy-Authorization",
        "api_key",
        "X-Api-Key",
        "apiKey",
        "APIKey",
        "apikey",
        "credentials",
        "cookie",
        "Set-Cookie",
        "private_key",
    ],
)
def test_a_value_whose_key_says_secret_is_removed(key: str) -> None:
    assert scrub({key: "s3cret"}) == {key: REMOVED}
    assert scrub({key: ["s3cret", {"a": 1}]}) == {key: REMOVED}
    assert scrub({key: 123}) == {key: REMOVED}
    assert scrub({key.encode(): b"s3cret"}) == {key.encode(): REMOVED}
    assert scrub({key: None}) == {key: None}
    assert scrub({key: True}) == {key: True}


@pytest.mark.parametrize(
    "key", ["page", "page_token", "token_type", "idempotency_key", "reference", "keys", "monkey"]
)
def test_other_values_stay(key: str) -> None:
    assert scrub({key: "value"}) == {key: "value"}
    assert scrub({7: "value", None: 1}) == {7: "value", None: 1}


class Evil:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_scrubbing_never_raises() -> None:
    cycle: list[object] = [1]
    cycle.append(cycle)
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]

    assert scrub(cycle) == [1, "[cycle]"]
    assert scrub(Evil()) == "[unreadable]"
    assert scrub({Evil(): 1}) == {"[unreadable]": 1}
    assert "[too deep]" in repr(scrub(deep))
    assert repr(scrub(deep)).count("[") == MAX_DEPTH + 1


def test_the_same_thing_twice_is_no_cycle() -> None:
    part = ["a"]

    assert scrub([part, part]) == [["a"], ["a"]]


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=20,
)


@given(JSON_LIKE)
def test_scrubbing_twice_changes_nothing_more(value: object) -> None:
    once = scrub(value)

    assert scrub(once) == once
