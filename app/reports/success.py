"""Which payments count as a success, and the rate of them, exactly."""

from __future__ import annotations

from typing import Final

from app.domain.money import round_half_even
from app.domain.payments import PaymentStatus

PAID: Final = frozenset(
    {
        PaymentStatus.AUTHORIZED,
        PaymentStatus.PARTIALLY_CAPTURED,
        PaymentStatus.SUCCEEDED,
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
        PaymentStatus.DISPUTED,
        PaymentStatus.CHARGED_BACK,
    }
)
"""The payer's bank said yes; what came later does not change that."""

NOT_PAID: Final = frozenset(
    {
        PaymentStatus.FAILED,
        PaymentStatus.BLOCKED,
        PaymentStatus.CANCELED,
        PaymentStatus.EXPIRED,
    }
)
"""Over without money. All other statuses are still open and count for neither side."""

_TENTHS = 1000


def rate(paid: int, not_paid: int) -> str:
    """Return the share of `paid` in percent with one decimal, such as `97.5`; empty without any."""
    total = paid + not_paid
    if total == 0:
        return ""
    tenths = round_half_even(paid * _TENTHS, total)
    return f"{tenths // 10}.{tenths % 10}"
