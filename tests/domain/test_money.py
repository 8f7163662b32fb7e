from fractions import Fraction
from typing import Any, Literal, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.currencies import iso_codes
from app.domain.money import (
    MAX_MINOR,
    AmountInvalidError,
    AmountNotPositiveError,
    AmountTooLargeError,
    CurrencyMismatchError,
    Money,
    TooManyDecimalsError,
    UnknownCurrencyError,
    exponent,
    format_major,
    is_crypto,
    parse_major,
    round_half_even,
)
from app.errors import BadInputError

CURRENCIES = st.sampled_from([*sorted(iso_codes()), "BTC", "ETH@ethereum", "USDC@ethereum"])
AMOUNTS = st.integers(min_value=-MAX_MINOR, max_value=MAX_MINOR)
HALVES = st.integers(min_value=-(MAX_MINOR // 2), max_value=MAX_MINOR // 2)
MARKS: st.SearchStrategy[Literal[".", ","]] = st.sampled_from([".", ","])


@given(AMOUNTS, CURRENCIES, MARKS)
def test_what_is_written_is_read_back(amount: int, currency: str, mark: Literal[".", ","]) -> None:
    money = Money(amount, currency)

    text = format_major(money, decimal_mark=mark)

    read = parse_major(text, currency, decimal_mark=mark, allow_zero=True, allow_negative=True)
    assert read == money
    assert Fraction(text.replace(",", ".")) * 10 ** exponent(currency) == amount


@pytest.mark.parametrize(
    "amount, currency, text",
    [
        (1050, "EUR", "10.50"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1050, "JPY", "1050"),
        (-1, "JPY", "-1"),
        (1050, "KWD", "1.050"),
        (1, "CLF", "0.0001"),
        (1, "BTC", "0.00000001"),
        (MAX_MINOR, "EUR", "92233720368547758.07"),
        (MAX_MINOR, "JPY", "9223372036854775807"),
    ],
)
def test_amounts_are_written_plainly(amount: int, currency: str, text: str) -> None:
    assert format_major(Money(amount, currency)) == text


@pytest.mark.parametrize(
    "text, currency, amount",
    [
        ("10", "EUR", 1000),
        ("10.5", "EUR", 1050),
        (" 10.50\t", "EUR", 1050),
        ("\u00a010.50", "EUR", 1050),
        ("007.50", "EUR", 750),
        ("0" * 5000 + "1", "EUR", 100),
        ("92233720368547758.07", "EUR", MAX_MINOR),
    ],
)
def test_plain_decimals_are_read_exactly(text: str, currency: str, amount: int) -> None:
    assert parse_major(text, currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("1e3", "exponent"),
        ("1.5E-2", "exponent"),
        ("+5", "plus sign"),
        ("\uff11\uff10", "digits other than"),
        ("\u0661\u0660.50", "digits other than"),
        ("1,050.00", "grouping mark"),
        ("10,50", "grouping mark"),
        ("1.050.00", "grouping mark"),
        ("1 050", "grouping mark"),
        ("1'050", "grouping mark"),
        ("1_050", "grouping mark"),
        ("1\u202f050", "grouping mark"),
        ("NaN", "not a plain decimal"),
        ("Infinity", "not a plain decimal"),
        ("--5", "not a plain decimal"),
        ("\u22125", "not a plain decimal"),
        ("10 EUR", "grouping mark"),
        ("€10", "not a plain decimal"),
        ("5.", "not a plain decimal"),
        (".5", "not a plain decimal"),
        ("0x10", "not a plain decimal"),
        ("10\x00", "not a plain decimal"),
    ],
)
def test_what_is_no_plain_decimal_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(AmountInvalidError, match=reason) as caught:
        parse_major(text, "EUR", place="line 7", allow_negative=True)

    assert caught.value.place == "line 7"
    assert caught.value.way_out == "Write it like 1050.00."


def test_the_other_decimal_mark_is_never_guessed() -> None:
    assert parse_major("10,50", "EUR", decimal_mark=",") == Money(1050, "EUR")
    with pytest.raises(AmountInvalidError, match="grouping mark"):
        parse_major("10.50", "EUR", decimal_mark=",")


def test_no_third_decimal_mark_is_known() -> None:
    mark: Any = ";"
    with pytest.raises(BadInputError) as caught:
        parse_major("10", "EUR", decimal_mark=mark)

    assert caught.value.place == "decimal_mark"


@pytest.mark.parametrize(
    "text, currency",
    [("10.005", "EUR"), ("10.000", "EUR"), ("1.0", "JPY"), ("0.000000001", "BTC")],
)
def test_decimals_beyond_the_currency_are_refused_even_zeros(text: str, currency: str) -> None:
    with pytest.raises(TooManyDecimalsError, match=currency):
        parse_major(text, currency)


@pytest.mark.parametrize("text", ["92233720368547758.08", "9" * 18, "9" * 10_000])
def test_amounts_beyond_bigint_are_refused(text: str) -> None:
    with pytest.raises(AmountTooLargeError):
        parse_major(text, "EUR")


@pytest.mark.parametrize("text", ["0", "0.00", "-0", "-5.00"])
def test_only_what_is_above_zero_is_taken_unless_told_otherwise(text: str) -> None:
    with pytest.raises(AmountNotPositiveError):
        parse_major(text, "EUR")
    allowed = parse_major(text, "EUR", allow_zero=True, allow_negative=True)
    assert allowed.amount_minor <= 0


def test_a_negative_amount_is_refused_where_only_zero_is_allowed() -> None:
    with pytest.raises(AmountNotPositiveError, match="negative"):
        parse_major("-5", "EUR", allow_zero=True)


def test_parsing_never_repeats_what_was_typed() -> None:
    with pytest.raises(BadInputError) as caught:
        parse_major("4242 4242 4242 4242", "EUR")

    assert "4242" not in str(caught.value)


@pytest.mark.parametrize("amount", [True, 1.0, "1", None, Fraction(1)])
def test_only_a_plain_int_is_an_amount(amount: object) -> None:
    with pytest.raises(TypeError, match="int in minor units"):
        Money(cast("int", amount), "EUR")


@pytest.mark.parametrize("amount", [MAX_MINOR + 1, -MAX_MINOR - 1])
def test_an_amount_fits_a_bigint(amount: int) -> None:
    with pytest.raises(AmountTooLargeError):
        Money(amount, "EUR")


def test_a_currency_must_be_known() -> None:
    with pytest.raises(UnknownCurrencyError):
        Money(1, "XXX")
    assert is_crypto("BTC")


@given(HALVES, HALVES)
def test_arithmetic_is_that_of_integers(one: int, other: int) -> None:
    left, right = Money(one, "EUR"), Money(other, "EUR")

    assert (left + right).amount_minor == one + other
    assert left - right == left + -right
    assert (left < right) == (one < other)
    assert (left >= right) == (one >= other)
    assert left + Money.zero("EUR") == left


def test_currencies_are_never_mixed() -> None:
    euro, yen = Money(1, "EUR"), Money(1, "JPY")

    assert euro != yen
    for mix in (lambda: euro + yen, lambda: euro - yen, lambda: euro < yen, lambda: euro >= yen):
        with pytest.raises(CurrencyMismatchError):
            mix()


def test_a_sum_beyond_bigint_is_refused() -> None:
    with pytest.raises(AmountTooLargeError):
        Money(MAX_MINOR, "EUR") + Money(1, "EUR")


@given(st.integers(), st.integers().filter(bool))
def test_rounding_is_half_even(numerator: int, denominator: int) -> None:
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


def test_rounding_takes_ints_only() -> None:
    numerator: Any = 2.5
    with pytest.raises(TypeError):
        round_half_even(numerator, 1)
    with pytest.raises(TypeError):
        round_half_even(1, True)
    with pytest.raises(ZeroDivisionError):
        round_half_even(1, 0)


def test_money_is_told_with_its_currency() -> None:
    assert str(Money(-1050, "EUR")) == "-10.50 EUR"
    assert f"{Money(5, 'JPY')}" == "5 JPY"
