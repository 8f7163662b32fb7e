"""A fee in words, made of its numbers: each part says what it took and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.money import Money, format_major
from app.errors import joined, said

if TYPE_CHECKING:
    from app.domain.fees.breakdown import FeeBreakdown
    from app.errors import Said


def parts(fee: FeeBreakdown) -> list[Said]:
    """Each part of a computation in words, in the order in which it was made."""
    found = [
        said(
            "{percent} of {gross} = {amount}",
            percent=percentage(fee.rates.percent_bps),
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
                percent=percentage(fee.terms.tax_bps),
                amount=_major(fee, fee.tax_minor),
            )
        )
    if fee.terms.agent_bps:
        found.append(
            said(
                "of it agent {agent} {percent} = {amount}",
                agent=fee.terms.agent,
                percent=percentage(fee.terms.agent_bps),
                amount=_major(fee, fee.agent_minor),
            )
        )
    return found


def sentence(fee: FeeBreakdown) -> str:
    """All parts in a row."""
    return joined(parts(fee), ", ")


def percentage(bps: int) -> str:
    """Basis points as a percentage: 250 is "2.50 %"."""
    whole, hundredths = divmod(bps, 100)
    return f"{whole}.{hundredths:02d} %"


def _bounds(fee: FeeBreakdown) -> list[Said]:
    minimum, cap = fee.rule.minimum_minor, fee.rule.maximum_minor
    found: list[Said] = []
    if minimum is not None:
        reached = fee.bound == "minimum"
        amount = _major(fee, minimum)
        found.append(
            said("raised to the minimum {amount}", amount=amount)
            if reached
            else said("not below the minimum {amount}", amount=amount)
        )
    if cap is not None:
        amount = _major(fee, cap)
        found.append(
            said("lowered to the cap {amount}", amount=amount)
            if fee.bound == "cap"
            else said("not above the cap {amount}", amount=amount)
        )
    if fee.bound == "gross":
        found.append(said("lowered to the amount: a fee never passes it"))
    return found


def _percentage_minor(fee: FeeBreakdown) -> int:
    """What the percentage alone makes, before bounds."""
    return fee.total_minor - fee.adjustment_minor - fee.rates.fixed_minor


def _major(fee: FeeBreakdown, amount_minor: int) -> str:
    return format_major(Money(amount_minor, fee.currency))
