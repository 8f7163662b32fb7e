from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

from app.errors import BadInputError, CardNumberRefusedError, Said, joined, said

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = said("There is no upload {id} of {count} rows.", id="bu_1", count=1234567)


def test_a_sentence_is_a_plain_text_in_english() -> None:
    assert REFUSED == "There is no upload bu_1 of 1,234,567 rows."
    assert isinstance(REFUSED, str)


def test_a_sentence_keeps_its_parts() -> None:
    assert REFUSED.template == "There is no upload {id} of {count} rows."
    assert REFUSED.values == {"id": "bu_1", "count": 1234567}


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_a_copy_keeps_them_too(again: Callable[[Said], Said]) -> None:
    other = again(REFUSED)
    assert (other, other.template, other.values) == (REFUSED, REFUSED.template, REFUSED.values)


def test_a_stranger_s_braces_are_no_names() -> None:
    assert said("{name} is unknown.", name="{0.__class__}") == "{0.__class__} is unknown."


def test_sentences_in_a_row_keep_each_its_parts() -> None:
    row = joined([said("one"), "two", REFUSED], "; ", ".")
    assert row == f"one; two; {REFUSED}."
    assert [type(part) for part in row.values.values()] == [Said, str, Said]


def test_an_error_tells_place_reason_and_way_out() -> None:
    error = BadInputError("amount", said("is zero."), said("Write more."))
    assert str(error) == "amount: is zero. Write more."
    assert error.without_place == "is zero. Write more."
    assert isinstance(error.detail, Said)


def test_an_error_without_a_way_out_ends_with_the_reason() -> None:
    error = BadInputError("amount", said("is zero."))
    assert str(error) == "amount: is zero."
    assert error.without_place == "is zero."


def test_a_refused_card_number_is_told_by_its_place_only() -> None:
    assert str(CardNumberRefusedError("note")).startswith("note: contains what looks like")
