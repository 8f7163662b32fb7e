"""Which payments count as a success, and the share of them, exactly."""

from __future__ import annotations

from decimal import Decimal
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

CAPTURED: Final = PAID - {PaymentStatus.AUTHORIZED}
"""The money was taken, at least in part."""

RETURNED: Final = frozenset({PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})
"""The merchant has given money back."""

_DECIMALS = 3


def share(paid: int, not_paid: int) -> Decimal | None:
    """Return the share of `paid` to a tenth of a percent, such as 0.975; None without any."""
    total = paid + not_paid
    if total == 0:
        return None
    return Decimal(round_half_even(paid * 10**_DECIMALS, total)).scaleb(-_DECIMALS)


def part(count: int, whole: int) -> Decimal:
    """Return what `count` is of `whole` to a tenth of a percent; nothing of nothing is zero."""
    return share(count, whole - count) or Decimal(0)
