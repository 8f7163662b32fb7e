"""Why a fee is what it is: the parts that were stored with a capture, for people to follow."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from app.domain.fees import BASIS_POINTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.models import Operation


@dataclass(frozen=True, slots=True)
class Fee:
    """What was taken of a captured amount, in minor units; `rate` is a share, such as 0.025.

    `rate` and `fixed_rule_minor` are None where the rule was not stored with the capture.
    """

    gross_minor: int
    percent_minor: int
    fixed_minor: int
    total_minor: int
    currency: str
    rate: Decimal | None
    fixed_rule_minor: int | None

    @property
    def is_capped(self) -> bool:
        """Whether the fixed part was cut, so that the fee does not pass the amount."""
        return self.fixed_rule_minor is not None and self.fixed_minor < self.fixed_rule_minor


def of_operations(asked: Iterable[Operation]) -> list[Fee]:
    """Return the fees of those operations that captured money."""
    return [_fee(operation) for operation in asked if operation.fee_breakdown]


def _fee(operation: Operation) -> Fee:
    kept = json.loads(operation.fee_breakdown or "{}")
    points = kept.get("percent_bps")
    return Fee(
        gross_minor=operation.amount_minor,
        percent_minor=int(kept["percent_minor"]),
        fixed_minor=int(kept["fixed_minor"]),
        total_minor=int(kept["total_minor"]),
        currency=str(kept["currency"]),
        rate=Decimal(points) / BASIS_POINTS if points is not None else None,
        fixed_rule_minor=kept.get("rule_fixed_minor"),
    )
