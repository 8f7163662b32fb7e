"""The rules of a price list: percent and fixed by volume, bounded, for a method or a brand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.domain.money import Money, format_major
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Iterable

BASIS_POINTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Tier:
    """What counts from a captured volume of the month on, in minor units of the rule's currency."""

    from_minor: int
    percent_bps: int
    fixed_minor: int


@dataclass(frozen=True, slots=True)
class Rates:
    """The percentage and fixed part that count; `from_minor` is where their tier begins."""

    from_minor: int
    percent_bps: int
    fixed_minor: int


@dataclass(frozen=True, slots=True)
class FeeRule:
    """`percent_bps` in basis points (250 is 2.50 %), amounts in minor units of `currency`.

    `percent_bps` and `fixed_minor` count below the first tier. `minimum_minor` and `maximum_minor`
    (the cap) bound the sum of both. `brand` is a card's brand or the name of a method within its
    family; empty for all. Raises BadInputError naming `percent`, `fixed`, `minimum`, `maximum` or
    `tiers`.
    """

    percent_bps: int
    fixed_minor: int
    currency: str
    minimum_minor: int | None = None
    maximum_minor: int | None = None
    tiers: tuple[Tier, ...] = ()
    method: str = ""
    brand: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        _check_rates(self.percent_bps, self.fixed_minor, self.currency)
        _check_bound(self.minimum_minor, self.currency, "minimum")
        _check_bound(self.maximum_minor, self.currency, "maximum")
        if None not in {self.minimum_minor, self.maximum_minor} and (
            (self.minimum_minor or 0) > (self.maximum_minor or 0)
        ):
            raise BadInputError(
                "minimum", said("lies above the cap."), said("Lower it, or raise the cap.")
            )
        self._check_tiers()

    def _check_tiers(self) -> None:
        before_minor = 0
        for tier in self.tiers:
            Money(tier.from_minor, self.currency)
            if tier.from_minor <= before_minor:
                raise BadInputError(
                    "tiers",
                    said(
                        "do not ascend: {amount} does not lie above {before}.",
                        amount=_major(tier.from_minor, self.currency),
                        before=_major(before_minor, self.currency),
                    ),
                    said("Each tier begins above the one before it."),
                )
            _check_rates(tier.percent_bps, tier.fixed_minor, self.currency, "tiers", "tiers")
            before_minor = tier.from_minor

    def rates(self, volume_minor: int) -> Rates:
        """The rates that count after so much was captured in the month, in minor units."""
        reached = [tier for tier in self.tiers if tier.from_minor <= volume_minor]
        if not reached:
            return Rates(0, self.percent_bps, self.fixed_minor)
        return Rates(reached[-1].from_minor, reached[-1].percent_bps, reached[-1].fixed_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What counts for every rule of a list; rates in basis points of the fee.

    `agent` names who gets `agent_bps` of each fee; empty for nobody. Raises BadInputError.
    """

    tax_bps: int = 0
    agent: str = ""
    agent_bps: int = 0

    def __post_init__(self) -> None:
        _check_share("tax", self.tax_bps)
        _check_share("agent_share", self.agent_bps)
        if self.agent_bps and not self.agent:
            raise BadInputError(
                "agent", said("is missing."), said("Name who gets the share, or leave it out.")
            )


def choose(rules: Iterable[FeeRule], method: str, brand: str) -> FeeRule | None:
    """The rule for a method and brand: the brand's own wins over the one for the whole method."""
    own = [rule for rule in rules if rule.method == method]
    wanted = brand.casefold()
    exact = [rule for rule in own if rule.brand and rule.brand.casefold() == wanted]
    general = [rule for rule in own if not rule.brand]
    return next(iter([*exact, *general]), None)


def _check_rates(
    percent_bps: int,
    fixed_minor: int,
    currency: str,
    percent: str = "percent",
    fixed: str = "fixed",
) -> None:
    if not 0 <= percent_bps <= BASIS_POINTS:
        raise BadInputError(percent, said("lies outside 0 to 100 %."))
    if Money(fixed_minor, currency).amount_minor < 0:
        raise BadInputError(fixed, said("is negative."), said("A fee takes; it never gives."))


def _check_bound(bound_minor: int | None, currency: str, place: str) -> None:
    if bound_minor is not None and Money(bound_minor, currency).amount_minor < 0:
        raise BadInputError(place, said("is negative."), said("A fee takes; it never gives."))


def _major(amount_minor: int, currency: str) -> str:
    return format_major(Money(amount_minor, currency))


def _check_share(place: str, bps: int) -> None:
    if not 0 <= bps <= BASIS_POINTS:
        raise BadInputError(place, said("lies outside 0 to 100 %."))
