import re
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.applications import (
    MOST_KEY,
    ApplicationState,
    NewApplication,
    check,
    may_become,
    reason,
    suggested_key,
)
from app.errors import BadInputError

_S = ApplicationState
LEGAL = {
    (_S.UNCONFIRMED, _S.WAITING),
    (_S.UNCONFIRMED, _S.LAPSED),
    (_S.WAITING, _S.APPROVED),
    (_S.WAITING, _S.REJECTED),
}
ASKED = NewApplication(
    business="Café Nord",
    country="DE",
    currency="EUR",
    timezone="Europe/Berlin",
    website="",
    sells="Coffee",
    first_name="Ida",
    last_name="Nord",
    email="ida@example.com",
)


@pytest.mark.parametrize("pair", list(product(_S, _S)))
def test_every_pair_of_states_is_an_edge_or_none(
    pair: tuple[ApplicationState, ApplicationState],
) -> None:
    assert may_become(*pair) is (pair in LEGAL)


@pytest.mark.parametrize("place", ["business", "sells", "first_name", "last_name"])
@pytest.mark.parametrize("text", ["", "  ", "x" * 256, "a\x00b", "a\u202eb", "a =?utf-8?q?x?= b"])
def test_what_cannot_be_a_line_is_named(place: str, text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(replace(ASKED, **{place: text}))
    assert caught.value.place == place


@pytest.mark.parametrize("place", ["business", "first_name", "last_name"])
def test_a_name_cannot_add_a_line_to_a_mail(place: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(replace(ASKED, **{place: "Ida\r\nBcc: all@example.com"}))
    assert caught.value.place == place


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("", ""),
        ("www.example.com", "https://www.example.com"),
        ("http://example.com/shop", "http://example.com/shop"),
    ],
)
def test_a_website_is_kept_as_an_address(typed: str, kept: str) -> None:
    assert check(replace(ASKED, website=f" {typed} ")).website == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)//example.com",
        "javascript://example.com",
        "https://me:secret@example.com",
        "localhost",
        "https://[1",
        "two words.com",
        "x" * 260 + ".com",
    ],
)
def test_what_is_no_website_is_refused(typed: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(replace(ASKED, website=typed))
    assert caught.value.place == "website"


@pytest.mark.parametrize("typed", ["", "ida", "Ida <ida@example.com>", "a@b.c\nBcc: x@y.z"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check(replace(ASKED, email=typed))
    assert caught.value.place == "email"


def test_a_reason_of_several_lines_becomes_one() -> None:
    assert reason(" We do not take\r\n on  casinos. ") == "We do not take on casinos."
    with pytest.raises(BadInputError):
        reason(" \n ")


@pytest.mark.parametrize(
    "name, key",
    [
        ("Café Nord GmbH & Co. KG", "cafe-nord-gmbh-co-kg"),
        ("24 Hours", "hours"),
        ("चाय", "merchant"),
        ("X", "merchant"),
    ],
)
def test_a_short_name_is_made_of_the_name(name: str, key: str) -> None:
    assert suggested_key(name) == key


@given(st.text(max_size=200), st.integers(0, 12))
def test_a_suggested_short_name_is_usable_and_free(name: str, others: int) -> None:
    taken: set[str] = set()
    for _ in range(others):
        taken.add(suggested_key(name, taken))
    key = suggested_key(name, taken)
    assert key not in taken
    assert len(taken) == others
    assert len(key) <= MOST_KEY
    assert re.fullmatch(r"[a-z][a-z0-9-]+", key)
