from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.errors import BadInputError
from app.models import Capability, Merchant
from app.models.accounts import User
from app.queries.filters import ColumnFilter, ColumnFilters, escaped
from app.queries.interface import RecordInterface

PEOPLE = RecordInterface(User)
MERCHANTS = RecordInterface(Merchant)


def _sql(interface: RecordInterface, column: str, index: int, value: str) -> str:
    filters = ColumnFilters(interface).convert(column)
    assert filters
    statement = filters[index].apply(select(interface.obj.id), value)
    return str(statement.compile(compile_kwargs={"literal_binds": True})).partition("WHERE ")[2]


def test_a_number_is_compared_as_a_number() -> None:
    assert _sql(PEOPLE, "login_count", 0, " 7 ") == "ab_user.login_count = 7"
    assert _sql(PEOPLE, "login_count", 0, "-7") == "ab_user.login_count = -7"


@pytest.mark.parametrize("value", ["", "x", "1.5", "1e3", "--1", "\u0661", "9" * 40])
def test_what_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(BadInputError, match="login_count"):
        _sql(PEOPLE, "login_count", 0, value)


@pytest.mark.parametrize("value,expected", [("yes", "IS true"), ("no", "IS false")])
def test_truth_is_yes_or_no(value: str, expected: str) -> None:
    assert _sql(PEOPLE, "active", 0, value) == f"ab_user.active {expected}"


def test_a_text_is_compared_as_it_is() -> None:
    assert _sql(MERCHANTS, "key", 1, "ac'me") == "merchant.key = 'ac''me'"
    assert "ESCAPE '!'" in _sql(MERCHANTS, "key", 0, "100%")


@pytest.mark.parametrize("text", ["100%", "a_b", "wow!", "%_!"])
def test_every_character_of_like_is_taken_as_itself(text: str) -> None:
    plain = escaped(text)
    assert re.sub("!(.)", r"\1", plain) == text
    assert len(plain) == len(text) + sum(text.count(each) for each in "%_!")


def test_days_bound_a_moment_from_both_sides() -> None:
    assert ">= '2026-03-01 00:00:00" in _sql(MERCHANTS, "created_at", 0, "2026-03-01")
    assert "< '2026-03-02 00:00:00" in _sql(MERCHANTS, "created_at", 1, "2026-03-01")


@pytest.mark.parametrize("interface,column", [(MERCHANTS, "nope"), (PEOPLE, "roles")])
def test_what_has_no_written_type_has_no_filter(interface: RecordInterface, column: str) -> None:
    assert ColumnFilters(interface).convert(column) is None


def test_a_filter_says_itself_what_it_means() -> None:
    with pytest.raises(TypeError, match="abstract method"):
        ColumnFilter("kind", RecordInterface(Capability))
