"""What captures put aside, and how much of it is left to be released."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.ledger import postings
from app.domain.ledger.accounts import MERCHANT_PENDING, MERCHANT_RESERVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.domain.ledger.accounts import AccountRef
    from app.domain.ledger.journals import JournalDraft


class LotKind(StrEnum):
    """On which of the merchant's accounts a lot lies."""

    PENDING = "pending"
    RESERVE = "reserve"


class LotState(StrEnum):
    """Held until its date, then released; never anything else."""

    HELD = "held"
    RELEASED = "released"


def account(kind: LotKind) -> AccountRef:
    """The account on which a lot of this kind lies."""
    return MERCHANT_PENDING if kind is LotKind.PENDING else MERCHANT_RESERVE


def put_aside(captured: JournalDraft, kind: LotKind) -> tuple[int, str]:
    """What a capture's journal credits to the lot's account: minor units, and their currency."""
    lines = [posting for posting in captured.postings if posting.account == account(kind)]
    return -sum(line.amount_minor for line in lines), lines[0].currency if lines else ""


def left(amounts_minor: Sequence[int], held_minor: int) -> tuple[int, ...]:
    """What is left of each of a payment's held lots, oldest first, in minor units.

    `held_minor` is what the ledger's lines of the payment still hold on the lots' account. What is
    missing was refunded or disputed, and is taken from the oldest lot first. The parts are never
    negative, none is more than its lot, and together they are never more than `held_minor`.
    """
    missing_minor = sum(amounts_minor) - max(0, held_minor)
    parts = []
    for amount_minor in amounts_minor:
        taken_minor = min(amount_minor, max(0, missing_minor))
        missing_minor -= taken_minor
        parts.append(amount_minor - taken_minor)
    return tuple(parts)


def returned(amounts_minor: Sequence[int], held_minor: int) -> int:
    """What came back after its lot was released: held, and of no lot; minor units, 0 or more."""
    return max(0, held_minor - sum(amounts_minor))


def release(kind: LotKind, amount_minor: int, currency: str) -> JournalDraft:
    """The journal that makes the rest of a lot available, an amount above zero."""
    if kind is LotKind.PENDING:
        return postings.release(amount_minor, currency)
    return postings.reserve_release(amount_minor, currency)
