from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identifiers import (
    MAX_LENGTH,
    PREFIXES,
    made_between,
    new_id,
    new_token,
    parse_id,
)
from app.errors import BadInputError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMES = st.timedeltas(timedelta(0), timedelta(days=365 * 8000)).map(
    lambda since: datetime(1970, 1, 1, tzinfo=UTC) + since
)


def zeros(count: int) -> bytes:
    return bytes(count)


def test_an_id_has_the_shape_of_a_ulid_behind_its_prefix() -> None:
    # The time part of the example in the ULID specification: 1469918176385 ms.
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=1469918176385)

    assert new_id("pay", at, randomness=zeros) == "pay_01aryz6s41" + "0" * 16


@given(TIMES, TIMES, st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_text_order_is_time_order(one: datetime, other: datetime, low: bytes, high: bytes) -> None:
    first, second = sorted([one, other])
    first_id = new_id("pay", first, randomness=lambda _: high)
    second_id = new_id("pay", second, randomness=lambda _: low)

    same_millisecond = first_id[:14] == second_id[:14]
    assert (first_id < second_id) or same_millisecond
    assert second - first < timedelta(milliseconds=1) or not same_millisecond


@given(st.sampled_from(sorted(PREFIXES.values())), TIMES, st.binary(min_size=10, max_size=10))
def test_every_id_is_read_back(prefix: str, now: datetime, drawn: bytes) -> None:
    made = new_id(prefix, now, randomness=lambda _: drawn)

    assert parse_id(made, prefix) == made
    assert len(made) <= MAX_LENGTH


def test_the_zone_of_the_time_does_not_matter() -> None:
    in_india = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert new_id("pay", NOON, randomness=zeros) == new_id("pay", in_india, randomness=zeros)


def test_ids_of_the_same_moment_differ() -> None:
    assert len({new_id("op", NOON) for _ in range(100)}) == 100


def test_prefixes_are_unique() -> None:
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_an_id_needs_a_known_prefix_and_an_aware_time_after_1970() -> None:
    with pytest.raises(ValueError, match="prefix"):
        new_id("payment", NOON)
    with pytest.raises(ValueError, match="aware"):
        new_id("pay", NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="1970"):
        new_id("pay", datetime(1969, 12, 31, tzinfo=UTC))
    with pytest.raises(ValueError, match="prefix"):
        parse_id("payment_1", "payment")


def test_too_little_randomness_is_noticed() -> None:
    with pytest.raises(ValueError, match="random bytes"):
        new_id("pay", NOON, randomness=lambda _: b"1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pay",
        "pay_",
        "re_" + "0" * 26,
        "pay_" + "0" * 25,
        "pay_" + "0" * 27,
        "pay_8" + "0" * 25,
        "pay_" + "0" * 25 + "i",
        "pay_" + "0" * 25 + "U",
        "pay_" + "0" * 26 + "\n",
        "PAY_" + "0" * 26,
        "pay_" + "\u0660" * 26,
        " pay_" + "0" * 26,
        "' OR 1=1 --",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="pay_") as caught:
        parse_id(text, "pay", place="payment")

    assert caught.value.place == "payment"


def test_a_token_is_128_random_bits_and_nothing_else() -> None:
    assert new_token(randomness=lambda count: b"\xff" * count) == "7" + "z" * 25
    assert len({new_token() for _ in range(100)}) == 100
    with pytest.raises(ValueError, match="16 random bytes"):
        new_token(randomness=lambda _: b"")


@given(TIMES, st.binary(min_size=10, max_size=10), st.integers(1, 26))
def test_the_beginning_of_an_id_tells_when_it_was_made(
    now: datetime, drawn: bytes, length: int
) -> None:
    beginning = new_id("pay", now, randomness=lambda _: drawn)[4 : 4 + length]
    first, last = made_between(beginning)
    assert first <= now < last or first == last, "the calendar ends before the ids do"
    if length >= 10:
        assert last - first <= timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["", "8", "u", "01K", "0" * 27])
def test_what_begins_no_id_tells_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="no id begins so"):
        made_between(text)
