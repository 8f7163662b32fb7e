"""Which of a merchant's money a refund or a dispute takes first."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.ledger.accounts import (
    MERCHANT_AVAILABLE,
    MERCHANT_PENDING,
    MERCHANT_RESERVE,
    AccountRef,
)
from app.domain.ledger.journals import PostingInvalidError
from app.errors import said


@dataclass(frozen=True, slots=True)
class OwnMoney:
    """What is left of one payment's lots, in minor units of its currency.

    `reserve_lot_minor` is still held in reserve, `pending_lot_minor` not yet released.
    """

    reserve_lot_minor: int
    pending_lot_minor: int


def draw(amount_minor: int, own: OwnMoney) -> tuple[tuple[AccountRef, int], ...]:
    """Split an amount over the payment's reserve lot, then its pending lot, then available.

    The parts are positive and sum to `amount_minor`; a lot is never overdrawn, available may be
    driven below zero. Raises PostingInvalidError for a negative amount.
    """
    if amount_minor < 0:
        raise PostingInvalidError(
            said("Less than nothing cannot be drawn."), amount_minor=amount_minor
        )
    from_reserve = min(amount_minor, max(0, own.reserve_lot_minor))
    from_pending = min(amount_minor - from_reserve, max(0, own.pending_lot_minor))
    parts = (
        (MERCHANT_RESERVE, from_reserve),
        (MERCHANT_PENDING, from_pending),
        (MERCHANT_AVAILABLE, amount_minor - from_reserve - from_pending),
    )
    return tuple((account, part) for account, part in parts if part != 0)
