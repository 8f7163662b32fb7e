from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.fees import FeeRule, compute
from app.domain.money import MAX_MINOR, AmountTooLargeError, CurrencyMismatchError, Money
from app.errors import BadInputError


def test_the_worked_example() -> None:
    fee = compute(Money(6000, "EUR"), FeeRule(250, 0, "EUR"))

    assert (fee.percent_minor, fee.fixed_minor, fee.total_minor) == (150, 0, 150)
    assert fee.currency == "EUR"
    assert fee.sentence() == "2.50 % of 60.00 EUR = 1.50 + 0.00 fixed"
    assert not fee.is_capped


@pytest.mark.parametrize(
    "gross, percent", [(50, 0), (150, 2), (250, 2), (350, 4), (151, 2), (149, 1)]
)
def test_the_percentage_is_rounded_half_even(gross: int, percent: int) -> None:
    assert compute(Money(gross, "EUR"), FeeRule(100, 0, "EUR")).percent_minor == percent


def test_a_fee_never_passes_the_amount_and_says_so() -> None:
    fee = compute(Money(20, "EUR"), FeeRule(1000, 30, "EUR"))

    assert (fee.percent_minor, fee.fixed_minor, fee.total_minor) == (2, 18, 20)
    assert fee.is_capped
    assert fee.sentence() == (
        "10.00 % of 0.20 EUR = 0.02 + 0.18 fixed (instead of 0.30: a fee never passes the amount)"
    )


def test_the_sentence_follows_the_currency() -> None:
    fee = compute(Money(1000, "JPY"), FeeRule(299, 15, "JPY"))

    assert fee.sentence() == "2.99 % of 1000 JPY = 30 + 15 fixed"


@given(
    gross=st.integers(0, MAX_MINOR),
    percent=st.integers(0, 10_000),
    fixed=st.integers(0, MAX_MINOR),
)
def test_the_parts_sum_up_within_the_amount(gross: int, percent: int, fixed: int) -> None:
    fee = compute(Money(gross, "EUR"), FeeRule(percent, fixed, "EUR"))

    assert fee.total_minor == fee.percent_minor + fee.fixed_minor
    assert fee.percent_minor >= 0
    assert 0 <= fee.fixed_minor <= fixed
    assert fee.total_minor <= gross
    assert abs(fee.percent_minor * 10_000 - gross * percent) <= 5_000
    assert fee.is_capped == (gross - fee.percent_minor < fixed)


@pytest.mark.parametrize("percent, fixed", [(-1, 0), (10_001, 0), (0, -1)])
def test_a_rule_neither_gives_nor_takes_more_than_all(percent: int, fixed: int) -> None:
    with pytest.raises(BadInputError):
        FeeRule(percent, fixed, "EUR")


def test_a_rule_is_made_of_ints() -> None:
    fixed: Any = 0.3
    with pytest.raises(TypeError):
        FeeRule(250, fixed, "EUR")
    with pytest.raises(AmountTooLargeError):
        FeeRule(250, MAX_MINOR + 1, "EUR")


def test_a_fee_is_taken_in_the_currency_of_the_payment() -> None:
    with pytest.raises(CurrencyMismatchError):
        compute(Money(100, "EUR"), FeeRule(100, 0, "USD"))


def test_no_fee_is_taken_from_a_negative_amount() -> None:
    with pytest.raises(BadInputError, match="negative"):
        compute(Money(-1, "EUR"), FeeRule(100, 0, "EUR"))
