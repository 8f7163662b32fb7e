"""Money: an integer in minor units and a currency beside it; exact in, exact out, no float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering
from typing import Literal

from app.domain.currencies import UnknownCurrencyError, exponent, is_crypto
from app.errors import BadInputError, said

__all__ = [
    "MAX_MINOR",
    "AmountInvalidError",
    "AmountNotPositiveError",
    "AmountTooLargeError",
    "CurrencyMismatchError",
    "DecimalMark",
    "Money",
    "TooManyDecimalsError",
    "UnknownCurrencyError",
    "exponent",
    "format_major",
    "is_crypto",
    "parse_major",
    "round_half_even",
]

MAX_MINOR = 2**63 - 1
_MAX_DIGITS = len(str(MAX_MINOR))

DecimalMark = Literal[".", ","]
_AMOUNT = {mark: re.compile(rf"(-?)([0-9]+)(?:{re.escape(mark)}([0-9]+))?") for mark in (".", ",")}
_EXPONENT_NOTATION = re.compile(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+")
_GROUPING_MARKS = frozenset(" _'\u2019.,\u00a0\u2009\u202f\u066c")


class AmountInvalidError(BadInputError):
    """The text is not a plain decimal number."""

    code = "amount_invalid"


class AmountNotPositiveError(BadInputError):
    """Zero or negative where that makes no sense."""

    code = "amount_not_positive"


class TooManyDecimalsError(BadInputError):
    """More decimals than the currency has; nothing is ever rounded away."""

    code = "too_many_decimals"


class AmountTooLargeError(BadInputError):
    """Beyond what a BIGINT of minor units holds."""

    code = "amount_too_large"


class CurrencyMismatchError(BadInputError):
    """Two currencies met where only one makes sense; only a conversion may join them."""

    code = "currency_mismatch"


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, paise, satoshi) of one currency.

    The range is -MAX_MINOR … MAX_MINOR, so that a negation always fits. Raises TypeError for
    anything but a plain int, AmountTooLargeError beyond the range, UnknownCurrencyError, and
    CurrencyMismatchError where two currencies are added, subtracted or ordered.
    """

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        _require_int(self.amount_minor)
        if abs(self.amount_minor) > MAX_MINOR:
            raise AmountTooLargeError("amount", said("is larger than any amount that can be kept."))
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in that currency."""
        return cls(0, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount_minor < self._same(other)

    def __str__(self) -> str:
        return f"{format_major(self)} {self.currency}"

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(
                "currency",
                said(
                    "{currency} and {other} cannot be mixed.",
                    currency=self.currency,
                    other=other.currency,
                ),
            )
        return other.amount_minor


def parse_major(
    text: str,
    currency: str,
    *,
    decimal_mark: DecimalMark = ".",
    place: str = "amount",
    allow_zero: bool = False,
    allow_negative: bool = False,
) -> Money:
    """Read a decimal in major units ("10.50") exactly.

    Blanks around it are dropped. Raises AmountInvalidError (no plain decimal: grouping marks,
    "1e3", a plus sign, other scripts' digits), AmountNotPositiveError, TooManyDecimalsError,
    AmountTooLargeError, UnknownCurrencyError or, for another decimal mark, BadInputError. None of
    them repeats the text.
    """
    decimals = exponent(currency)
    if decimal_mark not in _AMOUNT:
        raise BadInputError(
            "decimal_mark", said("is neither a point nor a comma."), said("Write . or ,")
        )
    stripped = text.strip()
    match = _AMOUNT[decimal_mark].fullmatch(stripped)
    if match is None:
        raise AmountInvalidError(place, *_why_invalid(stripped, decimal_mark))
    sign, whole, fraction = match.groups(default="")
    if len(fraction) > decimals:
        raise TooManyDecimalsError(
            place,
            said(
                "has {count} decimals, {currency} allows {decimals}.",
                count=len(fraction),
                currency=currency,
                decimals=decimals,
            ),
            said("Shorten it."),
        )
    amount_minor = _to_minor(whole + fraction.ljust(decimals, "0"), place)
    if sign and not allow_negative:
        raise AmountNotPositiveError(
            place, said("is negative."), said("Write it without the minus sign.")
        )
    if amount_minor == 0 and not allow_zero:
        raise AmountNotPositiveError(place, said("is zero."), said("Write an amount above zero."))
    return Money(-amount_minor if sign else amount_minor, currency)


def format_major(money: Money, *, decimal_mark: DecimalMark = ".") -> str:
    """Plain and exact, without grouping: "10.50", "1050" (JPY), "-0.00000001" (BTC)."""
    decimals = exponent(money.currency)
    sign = "-" if money.amount_minor < 0 else ""
    digits = str(abs(money.amount_minor)).zfill(decimals + 1)
    if decimals == 0:
        return sign + digits
    return f"{sign}{digits[:-decimals]}{decimal_mark}{digits[-decimals:]}"


def round_half_even(numerator: int, denominator: int) -> int:
    """The quotient as the nearest integer, ties to the even one: the only rounding there is.

    The remainder belongs to an account that the caller names. Raises TypeError for anything but
    ints, ZeroDivisionError.
    """
    _require_int(numerator)
    _require_int(denominator)
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2 == 1):
        return quotient + 1
    return quotient


def _require_int(value: object) -> None:
    # A bool is an int to Python; an amount of True would be one cent.
    if type(value) is not int:
        raise TypeError(f"an amount is an int in minor units, not {type(value).__name__}")


def _to_minor(digits: str, place: str) -> int:
    significant = digits.lstrip("0")
    # The length goes first: int() refuses very long text, and slowly so.
    if len(significant) > _MAX_DIGITS or int(significant or "0") > MAX_MINOR:
        raise AmountTooLargeError(place, said("is larger than any amount that can be kept."))
    return int(significant or "0")


def _why_invalid(text: str, decimal_mark: DecimalMark) -> tuple[str, str]:
    example = said("Write it like {example}.", example=f"1050{decimal_mark}00")
    if not text:
        return said("is empty."), example
    if _EXPONENT_NOTATION.fullmatch(text):
        return said("is written with an exponent."), example
    if text.startswith("+"):
        return said("has a plus sign."), example
    if any(character.isdigit() and not character.isascii() for character in text):
        return said("has digits other than 0 to 9."), example
    if _GROUPING_MARKS & set(text) - {decimal_mark} or text.count(decimal_mark) > 1:
        reason = said(
            'has a grouping mark, or a decimal mark other than "{mark}".', mark=decimal_mark
        )
        return reason, example
    return said("is not a plain decimal number."), example
