"""Which colour a part of a figure has, as the name of a CSS variable of the page's theme.

The variables hold Okabe and Ito's palette, which colour-blind readers can tell apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.payments import PaymentStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

COLOURS: Final[Mapping[str, str]] = {
    PaymentStatus.SUCCEEDED: "--chart-3",
    PaymentStatus.PARTIALLY_REFUNDED: "--chart-2",
    PaymentStatus.AUTHORIZED: "--chart-4",
    PaymentStatus.PROCESSING: "--chart-6",
    PaymentStatus.REQUIRES_ACTION: "--chart-1",
    PaymentStatus.DISPUTED: "--chart-7",
    PaymentStatus.CHARGED_BACK: "--ink",
    PaymentStatus.FAILED: "--chart-5",
    "card": "--chart-1",
    "upi": "--chart-2",
    "crypto": "--chart-3",
    "apm": "--chart-4",
}
"""Statuses and methods, in the order in which they are stacked, from the ground up."""

OTHER: Final = "--chart-8"
RATE: Final = "--chart-1"


def of(part: str) -> str:
    """Return the colour of a status or method; those that are rare share one."""
    return COLOURS.get(part, OTHER)


def rank(part: str) -> int:
    """Return where a status or method stands in the stack; those that are rare on top."""
    known = list(COLOURS)
    return known.index(part) if part in known else len(known)
