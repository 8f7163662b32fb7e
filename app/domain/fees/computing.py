"""Fees of an amount and of what becomes of it: the one place in which fees are rounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from app.domain.fees.breakdown import FeeBreakdown
from app.domain.fees.rules import BASIS_POINTS, FeeRule, Terms
from app.domain.money import CurrencyMismatchError, Money, round_half_even
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from app.domain.fees.breakdown import Bound

NO_TERMS: Final = Terms()


def compute(
    gross: Money, rule: FeeRule, *, volume_minor: int = 0, terms: Terms = NO_TERMS
) -> FeeBreakdown:
    """The fee on `gross`; every part is rounded half-even to the minor unit.

    `volume_minor` is what was captured in the month before. The fee never passes the gross; with
    the tax it may, and then the merchant's available balance owes the rest. Raises
    CurrencyMismatchError, and BadInputError for a negative gross.
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
    rates = rule.rates(volume_minor)
    percent_minor = _share(gross.amount_minor, rates.percent_bps)
    plain_minor = percent_minor + rates.fixed_minor
    fee_minor, bound = _bounded(plain_minor, rule, gross.amount_minor)
    kept_minor = min(percent_minor, fee_minor)
    return FeeBreakdown(
        gross=gross,
        rule=rule,
        rates=rates,
        volume_minor=volume_minor,
        terms=terms,
        percent_minor=kept_minor,
        fixed_minor=fee_minor - kept_minor,
        adjustment_minor=fee_minor - plain_minor,
        bound=bound,
        agent_minor=_share(fee_minor, terms.agent_bps),
        tax_minor=_share(fee_minor, terms.tax_bps),
    )


def tax_on(fee_minor: int, tax_bps: int) -> int:
    """The tax on a fee of its own (of a refund, of a chargeback), rounded half-even."""
    return _share(fee_minor, tax_bps)


@dataclass(frozen=True, slots=True)
class Shares:
    """Who got what of a fee and its tax, in minor units."""

    mdr_minor: int
    fixed_minor: int
    agent_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        """All of it."""
        return self.mdr_minor + self.fixed_minor + self.agent_minor + self.tax_minor

    def __add__(self, other: Shares) -> Shares:
        return Shares(
            self.mdr_minor + other.mdr_minor,
            self.fixed_minor + other.fixed_minor,
            self.agent_minor + other.agent_minor,
            self.tax_minor + other.tax_minor,
        )


Returned: TypeAlias = Literal["none", "percent", "all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A fee that was taken, as its breakdown was stored; amounts in minor units."""

    percent_minor: int
    fixed_minor: int
    agent_minor: int = 0
    tax_minor: int = 0
    returns_fee: Returned = "none"

    def returnable(self) -> Shares:
        """What goes back if everything is refunded.

        The agent was paid out of the percentage first, and gives back what was taken from it.
        """
        of_percent_minor = min(self.agent_minor, self.percent_minor)
        mdr_minor = self.percent_minor - of_percent_minor
        if self.returns_fee == "none":
            return Shares(0, 0, 0, 0)
        if self.returns_fee == "all":
            fixed_minor = self.fixed_minor - (self.agent_minor - of_percent_minor)
            return Shares(mdr_minor, fixed_minor, self.agent_minor, self.tax_minor)
        total_minor = self.percent_minor + self.fixed_minor
        tax_minor = round_half_even(self.tax_minor * self.percent_minor, max(1, total_minor))
        return Shares(mdr_minor, 0, of_percent_minor, tax_minor)


def returned(whole: Shares, refunded_minor: int, captured_minor: int, before: Shares) -> Shares:
    """What a refund brings back of a fee, given what was returned before, in minor units.

    `refunded_minor` is all that was refunded, this refund included. Each share follows it pro
    rata, rounded half-even as a running total: after a full refund exactly the whole is back.
    """
    refunded_minor = min(refunded_minor, captured_minor)

    def due(share_minor: int, back_minor: int) -> int:
        total_minor = round_half_even(share_minor * refunded_minor, max(1, captured_minor))
        return max(0, total_minor - back_minor)

    return Shares(
        due(whole.mdr_minor, before.mdr_minor),
        due(whole.fixed_minor, before.fixed_minor),
        due(whole.agent_minor, before.agent_minor),
        due(whole.tax_minor, before.tax_minor),
    )


def _bounded(plain_minor: int, rule: FeeRule, gross_minor: int) -> tuple[int, Bound]:
    fee_minor, bound = plain_minor, ""
    if rule.minimum_minor is not None and fee_minor < rule.minimum_minor:
        fee_minor, bound = rule.minimum_minor, "minimum"
    if rule.maximum_minor is not None and fee_minor > rule.maximum_minor:
        fee_minor, bound = rule.maximum_minor, "cap"
    if fee_minor > gross_minor:
        fee_minor, bound = gross_minor, "gross"
    return fee_minor, _BOUNDS[bound]


_BOUNDS: Final[dict[str, Bound]] = {"": "", "minimum": "minimum", "cap": "cap", "gross": "gross"}


def _share(amount_minor: int, bps: int) -> int:
    return round_half_even(amount_minor * bps, BASIS_POINTS)
