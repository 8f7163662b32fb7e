"""Fees: a percentage and a fixed part, computed exactly and explained in a sentence."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.money import CurrencyMismatchError, Money, format_major, round_half_even
from app.errors import BadInputError, said

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class FeeRule:
    """`percent_bps` in basis points (250 is 2.50 %), `fixed_minor` in minor units of `currency`.

    Raises BadInputError for a negative part or more than 100 %.
    """

    percent_bps: int
    fixed_minor: int
    currency: str

    def __post_init__(self) -> None:
        if not 0 <= self.percent_bps <= BASIS_POINTS:
            raise BadInputError("percent", said("lies outside 0 to 100 %."))
        if Money(self.fixed_minor, self.currency).amount_minor < 0:
            raise BadInputError("fixed", said("is negative."), said("A fee takes; it never gives."))


@dataclass(frozen=True, slots=True)
class FeeBreakdown:
    """What is taken, in minor units: `percent_minor + fixed_minor == total_minor <= gross`.

    Where the fee would pass the amount, the fixed part is cut, so that the parts still sum up.
    """

    percent_minor: int
    fixed_minor: int
    total_minor: int
    currency: str
    gross: Money
    rule: FeeRule

    @property
    def is_capped(self) -> bool:
        """Whether the fixed part was cut."""
        return self.fixed_minor < self.rule.fixed_minor

    def sentence(self) -> str:
        """The computation in words: "2.50 % of 60.00 EUR = 1.50 + 0.00 fixed"."""
        whole, hundredths = divmod(self.rule.percent_bps, 100)
        words = (
            f"{whole}.{hundredths:02d} % of {format_major(self.gross)} {self.currency}"
            f" = {self._major(self.percent_minor)} + {self._major(self.fixed_minor)} fixed"
        )
        if self.is_capped:
            fixed = self._major(self.rule.fixed_minor)
            words += f" (instead of {fixed}: a fee never passes the amount)"
        return words

    def _major(self, amount_minor: int) -> str:
        return format_major(Money(amount_minor, self.currency))


def compute(gross: Money, rule: FeeRule) -> FeeBreakdown:
    """The fee on `gross`; the percentage is rounded half-even to the minor unit.

    Raises CurrencyMismatchError, and BadInputError for a negative gross.
    """
    if rule.currency != gross.currency:
        raise CurrencyMismatchError(
            "currency",
            said(
                "a fee in {fee_currency} cannot be taken from {currency}.",
                fee_currency=rule.currency,
                currency=gross.currency,
            ),
        )
    if gross.amount_minor < 0:
        raise BadInputError("amount", said("is negative: no fee can be taken from it."))
    percent_minor = round_half_even(gross.amount_minor * rule.percent_bps, BASIS_POINTS)
    fixed_minor = min(rule.fixed_minor, gross.amount_minor - percent_minor)
    return FeeBreakdown(
        percent_minor=percent_minor,
        fixed_minor=fixed_minor,
        total_minor=percent_minor + fixed_minor,
        currency=gross.currency,
        gross=gross,
        rule=rule,
    )
