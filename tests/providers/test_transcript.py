from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.http import HttpReply
from app.providers.transcript import Mask, json_content, json_object


def test_a_secret_is_found_inside_numbers_and_names() -> None:
    body = b'{"a100000b": "x100000", "amount_minor": 100000, "list": [true, null, "100000"]}'
    shown = Mask(["100000"]).response(HttpReply(200, body))
    assert shown == {
        "a[removed]b": "x[removed]",
        "amount_minor": 100000,
        "list": [True, None, "[removed]"],
    }


def test_a_short_secret_is_left_in_ordinary_words() -> None:
    assert Mask(["pay", ""]).text("payment") == "payment"


@pytest.mark.parametrize(
    "url, shown",
    [
        ("https://user:pw@pay.example:99/v1/a?secret=1#x", "https://pay.example:99/v1/a"),
        ("https://pay.example/v1/4242424242424242", "https://pay.example/v1/[card number removed]"),
    ],
)
def test_an_address_is_shown_without_query_and_sign_in(url: str, shown: str) -> None:
    assert Mask([]).url(url) == shown


def test_halves_of_surrogates_become_storable() -> None:
    shown = Mask([]).response(HttpReply(200, b'{"a": "\\ud800"}'))
    assert shown == {"a": "?"}


def test_a_decimal_in_an_answer_never_becomes_a_float() -> None:
    assert json_object(b'{"a": 0.1, "b": NaN}') == {"a": "0.1", "b": "NaN"}


def test_without_an_answer_there_is_nothing_to_show() -> None:
    assert Mask([]).response(None) is None
    assert Mask([]).request(None, "k1") == {"idempotency_key": "k1", "body": {}}


def test_the_same_body_is_always_the_same_bytes() -> None:
    assert json_content({"b": 1, "a": "é"}) == json_content({"a": "é", "b": 1})


@given(st.binary(max_size=400))
def test_any_answer_can_be_shown(content: bytes) -> None:
    shown = Mask(["secret-value"]).response(HttpReply(200, content))
    assert isinstance(shown, dict)
    repr(shown).encode()
