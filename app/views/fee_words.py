"""Why a fee is what it is: the parts that were stored with a capture, for people to follow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from app.domain.fees import BASIS_POINTS
from app.views import codes, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from app.models import Operation


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a fee in words; a `sum` is what the lines before it make."""

    words: str
    amount_minor: int
    note: str = ""
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class Fee:
    """What was taken of a captured amount, in minor units, as it was stored.

    What was stored before there were price lists lacks most of it.
    """

    gross_minor: int
    total_minor: int
    currency: str
    kept: Mapping[str, Any]

    @property
    def tax_minor(self) -> int:
        """The tax on the fee."""
        return int(self.kept.get("tax_minor") or 0)

    @property
    def price_list(self) -> str:
        """The id of the price list that counted; empty where none was agreed or known."""
        return str(self.kept.get("list") or "")

    @property
    def reserve(self) -> str:
        """How much of the amount is kept in reserve, as a percentage; empty for nothing."""
        bps = self.kept.get("reserve_bps")
        return percent(bps) if bps else ""

    def lines(self) -> list[Line]:
        """The computation, a line each, in the reader's language."""
        return [*_parts(self), *_bounds(self), *_sums(self)]


def of_operations(asked: Iterable[Operation]) -> list[Fee]:
    """Return the fees of those operations that captured money."""
    return [
        of_stored(operation.amount_minor, json.loads(operation.fee_breakdown))
        for operation in asked
        if operation.fee_breakdown
    ]


def of_stored(amount_minor: int, kept: Mapping[str, Any]) -> Fee:
    """Return a fee from what is stored of it; `amount_minor` is the gross of old ones."""
    return Fee(
        gross_minor=int(kept.get("gross_minor", amount_minor)),
        total_minor=int(kept["total_minor"]),
        currency=str(kept["currency"]),
        kept=kept,
    )


def percent(basis_points: int) -> str:
    """Return basis points as a percentage in the reader's language."""
    return show.current().percent(Decimal(basis_points) / BASIS_POINTS, 2)


def _parts(fee: Fee) -> Iterator[Line]:
    kept = fee.kept
    bps, gross = kept.get("percent_bps"), _money(fee, fee.gross_minor)
    fixed_minor = _fixed_minor(fee)
    percent_minor = fee.total_minor - _adjustment_minor(fee) - fixed_minor
    if bps is None:
        words = gettext("Share of %(amount)s", amount=gross)
    else:
        words = gettext("%(percent)s of %(amount)s", percent=percent(bps), amount=gross)
    yield Line(str(words), percent_minor, _which(fee))
    yield Line(str(gettext("Fixed part")), fixed_minor)


def _which(fee: Fee) -> str:
    """Say which rule and tier counted."""
    kept, found = fee.kept, []
    if kept.get("rule"):
        word = codes.method_word(str(kept["method"]))
        brand = f" {kept['brand']}" if kept.get("brand") else ""
        found.append(gettext("Rule for %(method)s", method=f"{word}{brand}"))
    elif "list" in kept:
        found.append(gettext("No price was agreed for this"))
    if kept.get("volume_minor") is not None:
        found.append(
            gettext(
                "tier from %(begins)s; %(volume)s had been captured since the month began",
                begins=_money(fee, int(kept["tier_from_minor"])),
                volume=_money(fee, int(kept["volume_minor"])),
            )
        )
    return "; ".join(str(each) for each in found)


def _bounds(fee: Fee) -> Iterator[Line]:
    changed = _adjustment_minor(fee)
    if changed == 0:
        return
    kept = fee.kept
    if kept.get("bound") == "minimum":
        amount = _money(fee, int(kept["minimum_minor"]))
        yield Line(str(gettext("Raised to the minimum of %(amount)s", amount=amount)), changed)
    elif kept.get("bound") == "cap":
        amount = _money(fee, int(kept["maximum_minor"]))
        yield Line(str(gettext("Lowered to the cap of %(amount)s", amount=amount)), changed)
    else:
        yield Line(str(gettext("Lowered: a fee never passes the amount")), changed)


def _sums(fee: Fee) -> Iterator[Line]:
    kept = fee.kept
    yield Line(str(gettext("Fee")), fee.total_minor, _within(fee), is_sum=True)
    if kept.get("agent_bps") and show.current().is_staff:
        words = gettext(
            "of it for %(agent)s: %(percent)s",
            agent=kept["agent"],
            percent=percent(kept["agent_bps"]),
        )
        yield Line(str(words), int(kept["agent_minor"]))
    if kept.get("tax_bps"):
        words = gettext("Tax on the fee: %(percent)s", percent=percent(kept["tax_bps"]))
        yield Line(str(words), fee.tax_minor)
        taken_minor = fee.total_minor + fee.tax_minor
        yield Line(str(gettext("Fee and tax")), taken_minor, is_sum=True)


def _within(fee: Fee) -> str:
    """Say which bounds the fee keeps although they changed nothing."""
    kept, bound = fee.kept, fee.kept.get("bound")
    found = []
    if kept.get("minimum_minor") is not None and bound != "minimum":
        amount = _money(fee, int(kept["minimum_minor"]))
        found.append(str(gettext("not below the minimum of %(amount)s", amount=amount)))
    if kept.get("maximum_minor") is not None and bound != "cap":
        amount = _money(fee, int(kept["maximum_minor"]))
        found.append(str(gettext("not above the cap of %(amount)s", amount=amount)))
    return "; ".join(found) if bound != "gross" else ""


def _fixed_minor(fee: Fee) -> int:
    """Return the fixed part of the rule; of old fees whose rule is not known, what was taken."""
    rule_minor = fee.kept.get("rule_fixed_minor")
    return int(fee.kept["fixed_minor"] if rule_minor is None else rule_minor)


def _adjustment_minor(fee: Fee) -> int:
    changed = fee.kept.get("adjustment_minor")
    if changed is not None:
        return int(changed)
    return int(fee.kept["fixed_minor"]) - _fixed_minor(fee)


def _money(fee: Fee, amount_minor: int) -> str:
    return show.current().money(amount_minor, fee.currency)
