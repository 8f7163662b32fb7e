from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.locales import LOCALES
from app.domain.money import Money, format_major, parse_major
from app.reports import formats

if TYPE_CHECKING:
    from babel import Locale

ENGLISH, HINDI, GERMAN = (formats.of_language(each) for each in LOCALES)
BERLIN = ZoneInfo("Europe/Berlin")
MOMENT = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)

AMOUNTS = [
    (ENGLISH, 123456789012, "INR", "1,234,567,890.12"),
    (HINDI, 123456789012, "INR", "1,23,45,67,890.12"),
    (GERMAN, 123456789012, "INR", "1.234.567.890,12"),
    (ENGLISH, -5, "EUR", "-0.05"),
    (GERMAN, 1050, "JPY", "1.050"),
    (HINDI, -12345678, "BTC", "-0.12345678"),
    (GERMAN, 1, "BTC", "0,00000001"),
    (ENGLISH, 2**63 - 1, "ETH@ethereum", "9,223,372,036.854775807"),
    (HINDI, 1234567, "KWD", "1,234.567"),
]


@pytest.mark.parametrize("locale,amount_minor,currency,text", AMOUNTS)
def test_amounts_are_written_as_the_locale_writes_them(
    locale: Locale, amount_minor: int, currency: str, text: str
) -> None:
    assert formats.amount(amount_minor, currency, locale) == text


@given(
    st.integers(-(10**40), 10**40),
    st.sampled_from(["EUR", "JPY", "KWD", "CLF", "BTC", "ETH@ethereum"]),
    st.sampled_from([ENGLISH, HINDI, GERMAN]),
)
def test_no_digit_of_any_sum_is_lost(amount_minor: int, currency: str, locale: Locale) -> None:
    text = formats.amount(amount_minor, currency, locale)
    assert int("".join(each for each in text if each.isdigit())) == abs(amount_minor)
    assert text.startswith("-") is (amount_minor < 0)


@given(
    st.integers(1, 2**63 - 1),
    st.sampled_from(["EUR", "JPY", "BTC"]),
    st.sampled_from([ENGLISH, HINDI, GERMAN]),
)
def test_what_a_form_shows_is_what_it_reads(
    amount_minor: int, currency: str, locale: Locale
) -> None:
    text = formats.plain_amount(amount_minor, currency, locale)
    read = parse_major(text, currency, decimal_mark=formats.decimal_mark(locale))
    assert read.amount_minor == amount_minor


def test_english_forms_are_filled_with_a_point() -> None:
    assert formats.plain_amount(105000, "EUR", ENGLISH) == "1050.00"
    assert formats.plain_amount(105000, "EUR", GERMAN) == "1050,00"
    assert formats.plain_amount(105000, "EUR", HINDI) == format_major(Money(105000, "EUR"))


NUMBERS = [(ENGLISH, "1,234,567"), (HINDI, "12,34,567"), (GERMAN, "1.234.567")]


@pytest.mark.parametrize("locale,text", NUMBERS)
def test_numbers_are_grouped(locale: Locale, text: str) -> None:
    assert formats.number(1234567, locale) == text


SHARES = [
    (ENGLISH, 1, "97.3%"),
    (HINDI, 2, "97.35%"),
    (GERMAN, 1, "97,3\N{NO-BREAK SPACE}%"),
    (GERMAN, 0, "97\N{NO-BREAK SPACE}%"),
]


@pytest.mark.parametrize("locale,decimals,text", SHARES)
def test_shares_are_percentages(locale: Locale, decimals: int, text: str) -> None:
    assert formats.percent(Decimal("0.97346"), locale, decimals) == text


MOMENTS = [
    (ENGLISH, "1 Mar 2026, 13:00"),
    (GERMAN, "1. März 2026, 13:00"),
    (HINDI, "1 मार्च 2026, 13:00"),
]


@pytest.mark.parametrize("locale,text", MOMENTS)
def test_moments_are_written_in_the_reader_s_zone(locale: Locale, text: str) -> None:
    assert formats.moment(MOMENT, BERLIN, locale) == text
    assert formats.day(date(2026, 3, 1), locale) == text.partition(",")[0]


def test_an_exact_moment_names_its_zone() -> None:
    exact = formats.exact(MOMENT, BERLIN, ENGLISH)
    assert exact == "1 Mar 2026, 13:00:07 Europe/Berlin (GMT+01:00)"


# The hour that comes twice: before and after the clocks are put back on 25 October 2026.
TWICE = [
    (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026, 02:30:00", "GMT+02:00"),
    (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026, 02:30:00", "GMT+01:00"),
    (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 Mar 2026, 01:59:00", "GMT+01:00"),
    (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 Mar 2026, 03:00:00", "GMT+02:00"),
]


@pytest.mark.parametrize("moment,local,away", TWICE)
def test_the_same_hour_twice_is_told_apart(moment: datetime, local: str, away: str) -> None:
    assert formats.exact(moment, BERLIN, ENGLISH) == f"{local} Europe/Berlin ({away})"


AGO = [
    (ENGLISH, timedelta(minutes=3), "3 minutes ago"),
    (GERMAN, timedelta(days=2), "vor 2 Tagen"),
    (HINDI, timedelta(hours=5), "5 घंटे पहले"),
    (ENGLISH, -timedelta(hours=5), "in 5 hours"),
]


@pytest.mark.parametrize("locale,passed,text", AGO)
def test_how_long_ago_is_told_in_its_largest_unit(
    locale: Locale, passed: timedelta, text: str
) -> None:
    assert formats.ago(MOMENT, MOMENT + passed, locale) == text
