"""How numbers, amounts and times are written in a locale; exact, without any float."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import (
    format_skeleton,
    format_timedelta,
    get_datetime_format,
    get_timezone_gmt,
)
from babel.numbers import NumberPattern, get_decimal_symbol, parse_pattern

from app.domain.money import DecimalMark, Money, exponent, format_major

if TYPE_CHECKING:
    from datetime import date, datetime, tzinfo
    from zoneinfo import ZoneInfo

# Far beyond any sum: the usual 28 digits of a Decimal would refuse, or round, a very large one.
_MOST_DIGITS = 100
_DAY, _TIME, _EXACT_TIME = "yMMMd", "Hm", "Hms"
# English dates with the day before the month and 24 hours, which nobody reads as another day.
_REGIONAL = {"en": "en_GB"}


@lru_cache(maxsize=8)
def of_language(language: str) -> Locale:
    """Return the locale by which numbers and times are written in a language."""
    return Locale.parse(_REGIONAL.get(language, language))


@lru_cache(maxsize=64)
def _pattern(locale: Locale, decimals: int) -> NumberPattern:
    """Return the locale's own grouping with exactly so many decimals."""
    whole = str(locale.decimal_formats[None].pattern).partition(".")[0]
    return parse_pattern(f"{whole}.{'0' * decimals}" if decimals else whole)


@lru_cache(maxsize=16)
def decimal_mark(locale: Locale) -> DecimalMark:
    """Return what stands before the decimals."""
    return "," if get_decimal_symbol(locale) == "," else "."


def amount(amount_minor: int, currency: str, locale: Locale) -> str:
    """Return an amount in major units with grouping and all decimals of its currency.

    A sum may be larger than any single amount, so no Money is made of it.
    """
    decimals = exponent(currency)
    with localcontext(prec=_MOST_DIGITS):
        return str(_pattern(locale, decimals).apply(Decimal(f"{amount_minor}e-{decimals}"), locale))


def plain_amount(amount_minor: int, currency: str, locale: Locale) -> str:
    """Return an amount as it is typed: no grouping, the locale's decimal mark."""
    return format_major(Money(amount_minor, currency), decimal_mark=decimal_mark(locale))


def number(value: int, locale: Locale) -> str:
    """Return a whole number with grouping."""
    return str(_pattern(locale, 0).apply(value, locale))


def percent(share: Decimal, locale: Locale, decimals: int = 1) -> str:
    """Return a share of one as a percentage."""
    own = str(locale.percent_formats[None].pattern)
    exact = own.replace("0", f"0.{'0' * decimals}", 1) if decimals else own
    return str(parse_pattern(exact).apply(share, locale))


def day(value: date, locale: Locale) -> str:
    """Return a day."""
    return format_skeleton(_DAY, value, locale=locale)


def moment(value: datetime, zone: tzinfo, locale: Locale) -> str:
    """Return day and time to the minute."""
    return _joined(value, _TIME, zone, locale)


def exact(value: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """Return day and time to the second, with the zone and what it is away from UTC."""
    away = get_timezone_gmt(value.astimezone(zone), locale=locale)
    return f"{_joined(value, _EXACT_TIME, zone, locale)} {zone.key} ({away})"


def ago(value: datetime, now: datetime, locale: Locale) -> str:
    """Return how long ago it is, or how long until then, in its largest unit."""
    return format_timedelta(value - now, threshold=1, add_direction=True, locale=locale)


def _joined(value: datetime, time_skeleton: str, zone: tzinfo, locale: Locale) -> str:
    local = value.astimezone(zone)
    date_part = format_skeleton(_DAY, local, tzinfo=zone, locale=locale)
    time_part = format_skeleton(time_skeleton, local, tzinfo=zone, locale=locale)
    glue = str(get_datetime_format("medium", locale)).replace("'", "")
    return glue.replace("{0}", time_part).replace("{1}", date_part)
