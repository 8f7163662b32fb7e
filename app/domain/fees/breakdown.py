"""What was taken of an amount, as a value that explains itself part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from app.domain.money import Money, format_major
from app.errors import joined, said

if TYPE_CHECKING:
    from app.domain.fees.rules import FeeRule, Rates, Terms
    from app.errors import Said

Bound: TypeAlias = Literal["", "minimum", "cap", "gross"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeBreakdown:
    """What is taken of `gross`, in its minor units.

    `percent_minor + fixed_minor == total_minor <= gross`: what a bound takes away comes from the
    fixed part first, what a minimum adds goes to it. `agent_minor` is a part of the total,
    `tax_minor` comes on top of it. `adjustment_minor` is what the bounds changed.
    """

    gross: Money
    rule: FeeRule
    rates: Rates
    volume_minor: int
    terms: Terms
    percent_minor: int
    fixed_minor: int
    adjustment_minor: int
    bound: Bound
    agent_minor: int
    tax_minor: int

    @property
    def currency(self) -> str:
        """The currency of every part."""
        return self.gross.currency

    @property
    def total_minor(self) -> int:
        """The fee, without the tax on it."""
        return self.percent_minor + self.fixed_minor

    def parts(self) -> list[Said]:
        """The computation in words, a part each."""
        return _parts(self)

    def sentence(self) -> str:
        """The computation in words: "2.50 % of 60.00 EUR = 1.50, fixed 0.00, fee 1.50"."""
        return joined(_parts(self), ", ")


def _parts(fee: FeeBreakdown) -> list[Said]:
    found = [
        said(
            "{percent} of {gross} = {amount}",
            percent=_percentage(fee.rates.percent_bps),
            gross=fee.gross,
            amount=_major(fee, _percentage_minor(fee)),
        ),
        said("fixed {amount}", amount=_major(fee, fee.rates.fixed_minor)),
    ]
    if fee.rule.tiers:
        found.append(
            said(
                "tier from {begins} at a volume of {volume}",
                begins=_major(fee, fee.rates.from_minor),
                volume=_major(fee, fee.volume_minor),
            )
        )
    found.extend(_bounds(fee))
    found.append(said("fee {amount}", amount=_major(fee, fee.total_minor)))
    if fee.terms.tax_bps:
        found.append(
            said(
                "tax {percent} = {amount}",
                percent=_percentage(fee.terms.tax_bps),
                amount=_major(fee, fee.tax_minor),
            )
        )
    if fee.terms.agent_bps:
        found.append(
            said(
                "of it agent {agent} {percent} = {amount}",
                agent=fee.terms.agent,
                percent=_percentage(fee.terms.agent_bps),
                amount=_major(fee, fee.agent_minor),
            )
        )
    return found


def _percentage(bps: int) -> str:
    whole, hundredths = divmod(bps, 100)
    return f"{whole}.{hundredths:02d} %"


def _bounds(fee: FeeBreakdown) -> list[Said]:
    minimum, cap = fee.rule.minimum_minor, fee.rule.maximum_minor
    plain_minor = fee.total_minor - fee.adjustment_minor
    found: list[Said] = []
    if minimum is not None:
        amount = _major(fee, minimum)
        found.append(
            said("raised to the minimum {amount}", amount=amount)
            if plain_minor < minimum
            else said("not below the minimum {amount}", amount=amount)
        )
    if cap is not None:
        amount = _major(fee, cap)
        found.append(
            said("lowered to the cap {amount}", amount=amount)
            if plain_minor > cap
            else said("not above the cap {amount}", amount=amount)
        )
    if fee.bound == "gross":
        found.append(said("lowered to the amount: a fee never passes it"))
    return found


def _percentage_minor(fee: FeeBreakdown) -> int:
    return fee.total_minor - fee.adjustment_minor - fee.rates.fixed_minor


def _major(fee: FeeBreakdown, amount_minor: int) -> str:
    return format_major(Money(amount_minor, fee.currency))
