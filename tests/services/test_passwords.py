from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from app.adapters import passwords
from app.errors import BadInputError
from app.services.passwords import LONGEST, SHORTEST, check_password

REFUSED = [
    "",
    "fourteen chars",
    "a" * 15,
    "abcd" * 5,
    "correcthorsebatterystaple",
    "CorrectHorseBatteryStaple",
    "a-user-of-long-name",
    "A-USER-OF-LONG-NAME",
    "a sentence\0of words",
    "x1y2z" * 30,
]


@pytest.mark.parametrize("password", REFUSED)
def test_a_weak_password_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(BadInputError) as caught:
        check_password(password, "a-user-of-long-name")
    assert caught.value.place == "password"
    assert not password or password not in caught.value.detail


@pytest.mark.parametrize(
    "password", [config.DEMO_PASSWORD, "fifteen chars!!", "пароль из пяти слов"]
)
def test_a_long_one_is_taken(password: str) -> None:
    check_password(password, "somebody")


@given(st.text(max_size=SHORTEST - 1) | st.text(min_size=LONGEST + 1, max_size=LONGEST + 9))
def test_length_is_never_made_up_for(password: str) -> None:
    with pytest.raises(BadInputError):
        check_password(password, "somebody")


def test_a_hash_answers_to_its_password_only() -> None:
    stored = passwords.digest("a sentence of words")
    assert stored.startswith("scrypt:")
    assert passwords.matches(stored, "a sentence of words")
    assert not passwords.matches(stored, "another sentence")
    assert not passwords.matches(None, "a sentence of words")
    assert not passwords.matches("", "")


def test_a_stamp_changes_with_the_hash_and_does_not_show_it() -> None:
    one, other = passwords.digest("a sentence of words"), passwords.digest("a sentence of words")
    assert passwords.stamp(one) != passwords.stamp(other)
    assert passwords.stamp(one) == passwords.stamp(one)
    assert passwords.stamp(one) not in one
