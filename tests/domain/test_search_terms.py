from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.currencies import exponent
from app.domain.money import Money, format_major
from app.domain.search_terms import MOST_LENGTH, Terms, read
from app.errors import BadInputError, CardNumberRefusedError

if TYPE_CHECKING:
    from app.domain.money import DecimalMark

CARD_WORDS = ("card", "karte")


def terms(text: str, decimal_mark: DecimalMark = ".") -> Terms:
    return read(text, decimal_mark=decimal_mark, card_words=CARD_WORDS)


def amounts(text: str, decimal_mark: DecimalMark = ".") -> set[tuple[int, str]]:
    """Return what the text may mean in three currencies of different decimals, and bitcoin."""
    return {
        (amount.amount_minor, currency)
        for amount in terms(text, decimal_mark).amounts
        for currency in amount.currencies
        if currency in {"EUR", "JPY", "KWD", "BTC"}
    }


@pytest.mark.parametrize(
    "text,field",
    [
        ("pay_01k", "payment_id"),
        (" PAY_01K6ZZ ", "payment_id"),
        ("op_01k6zzzzzzzzzzzzzzzzzzzzzz", "operation_id"),
        ("re_01k6zzzzzzzzzzzzzzzzzzzzzz", "operation_id"),
        ("mer_01k", "merchant_id"),
        ("apr_01k", "other_id"),
        ("CASE_01k", "other_id"),
        ("dp_01k", "other_id"),
        ("ie_01k", "other_id"),
        ("prl_01k", "other_id"),
    ],
)
def test_an_id_is_known_by_its_prefix(text: str, field: str) -> None:
    found = terms(text)
    assert getattr(found, field) == text.strip().lower()
    assert found.text == text.strip(), "a reference may look like an id"


@pytest.mark.parametrize("text", ["pay_", "pay_u", "pay_9zz", "tsk_01k", "pay 01k", "payment"])
def test_what_begins_no_id_is_a_text(text: str) -> None:
    found = terms(text)
    assert replace(found, event_id="") == Terms(text=text)
    assert found.event_id in {"", text}, "a provider may call a message so"


@pytest.mark.parametrize("text", ["4242", "card 4242", "Karte  4242", "•••• 4242", "**** 4242"])
def test_four_digits_end_a_card(text: str) -> None:
    assert terms(text).last4 == "4242"


@pytest.mark.parametrize("text", ["424", "42424", "order 4242", "4242 card", "42.42"])
def test_other_digits_end_no_card(text: str) -> None:
    assert terms(text).last4 == ""


def test_an_e_mail_address_holds_one_at_sign() -> None:
    assert terms("Asha.Rao@example.com").email == "Asha.Rao@example.com"
    assert [terms(text).email for text in ("@example.com", "asha@", "a b@c", "a@b@c")] == [""] * 4


@pytest.mark.parametrize(
    "text,decimal_mark,found",
    [
        ("12.50", ".", {(1250, "EUR"), (12_500, "KWD")}),
        ("1250", ".", {(125_000, "EUR"), (1250, "JPY"), (1_250_000, "KWD")}),
        ("12.505", ".", {(12_505, "KWD")}),
        ("12,50", ",", {(1250, "EUR"), (12_500, "KWD")}),
        ("12.50 EUR", ".", {(1250, "EUR")}),
        ("EUR 12.50", ".", {(1250, "EUR")}),
        ("eur12.50", ".", {(1250, "EUR")}),
        ("12.50eur", ".", {(1250, "EUR")}),
        ("0.5 BTC", ".", {(50_000_000, "BTC")}),
        ("12,50", ".", set()),
        ("1,250.00", ".", set()),
        ("12.50 XYZ", ".", set()),
        ("EUR 12.50 EUR", ".", set()),
        ("0.00", ".", set()),
        ("12.50.", ".", set()),
    ],
)
def test_an_amount_is_read_exactly(
    text: str, decimal_mark: DecimalMark, found: set[tuple[int, str]]
) -> None:
    assert amounts(text, decimal_mark) == found


def test_currencies_of_one_amount_have_the_same_decimals() -> None:
    for amount in terms("12").amounts:
        assert len({exponent(currency) for currency in amount.currencies}) == 1


@given(st.integers(1, 10**12), st.sampled_from(["EUR", "JPY", "KWD", "BTC", "USDC@ethereum"]))
def test_every_amount_that_is_shown_is_found(amount_minor: int, currency: str) -> None:
    shown = format_major(Money(amount_minor, currency))
    found = read(f"{shown} {currency}", decimal_mark=".").amounts
    assert [(each.amount_minor, each.currencies) for each in found] == [(amount_minor, (currency,))]


@pytest.mark.parametrize(
    "text", ["4242424242424242", "4242 4242 4242 4242", "order 5555555555554444"]
)
def test_a_full_card_number_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(CardNumberRefusedError) as refused:
        terms(text)
    assert "4242" not in refused.value.detail
    assert "4444" not in refused.value.detail


@pytest.mark.parametrize("text", ["x" * (MOST_LENGTH + 1), "a\0b", "a\u202eb"])
def test_what_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="too long or cannot be printed"):
        terms(text)


def test_blanks_count_once() -> None:
    assert terms("  a \t b  ").text == "a b"
    assert terms("   ") == Terms(text="")
