"""Journals before they are written: lines that sum to zero in each currency, or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.money import MAX_MINOR
from app.errors import PayAgencyError, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.domain.ledger.accounts import AccountRef


class JournalKind(StrEnum):
    """What a journal records; with its cause it is unique, so that a replay is a no-op."""

    CAPTURE = "capture"
    CAPTURE_REVERSAL = "capture_reversal"
    RELEASE = "release"
    RESERVE_RELEASE = "reserve_release"
    REFUND_ASKED = "refund_asked"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    REFUND_FAILED_LATE = "refund_failed_late"
    REFUND_REOPENED = "refund_reopened"
    REFUND_FEE = "refund_fee"
    REFUND_FEE_REVERSED = "refund_fee_reversed"
    FEE_RETURNED = "fee_returned"
    FEE_RETURN_REVERSED = "fee_return_reversed"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_WON = "dispute_won"
    CHARGEBACK_FEE = "chargeback_fee"
    SURPLUS = "surplus"
    SURPLUS_RETURNED = "surplus_returned"
    SURPLUS_CREDITED = "surplus_credited"
    WRITE_OFF = "write_off"
    ADJUSTMENT = "adjustment"


class PostingInvalidError(PayAgencyError):
    """An amount that no posting can carry; a fault of ours, nothing was posted."""

    code = "posting_invalid"
    title = said("Not a ledger amount")


class UnbalancedJournalError(PayAgencyError):
    """The lines do not sum to zero in each currency, or fewer than two are left."""

    code = "unbalanced_journal"
    title = said("The journal does not balance")


@dataclass(frozen=True, slots=True)
class Posting:
    """One line: `amount_minor` in minor units of `currency`, debit positive, credit negative.

    Raises PostingInvalidError for zero, for anything but an int, and beyond a BIGINT.
    """

    account: AccountRef
    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        # A bool is an int to Python; an amount of True would be one cent.
        amount = self.amount_minor
        if type(amount) is not int or amount == 0 or abs(amount) > MAX_MINOR:
            raise PostingInvalidError(
                said(
                    "{amount} cannot be posted to {account}.",
                    amount=repr(amount),
                    account=self.account.code,
                ),
                account=self.account.code,
            )


@dataclass(frozen=True, slots=True)
class JournalDraft:
    """A journal to be written: no account twice in a currency, zero in sum per currency.

    Lines of the same account and currency are merged, and left out if they cancel each other.
    Raises UnbalancedJournalError if the rest does not balance or has fewer than two lines.
    """

    kind: JournalKind
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "postings", _merged(self.postings))
        sums: Counter[str] = Counter()
        for posting in self.postings:
            sums[posting.currency] += posting.amount_minor
        uneven = {currency: amount for currency, amount in sums.items() if amount}
        if uneven:
            raise UnbalancedJournalError(
                said("A {kind} is off by {uneven}.", kind=self.kind, uneven=uneven), uneven=uneven
            )
        if not self.postings:
            raise UnbalancedJournalError(said("A {kind} moves nothing.", kind=self.kind))


def drafted(
    kind: JournalKind, currency: str, lines: Iterable[tuple[AccountRef, int]]
) -> JournalDraft:
    """A draft in one currency from (account, amount) pairs; zero lines are left out."""
    return JournalDraft(
        kind, tuple(Posting(account, amount, currency) for account, amount in lines if amount != 0)
    )


def mirrored(draft: JournalDraft, kind: JournalKind) -> JournalDraft:
    """The journal that undoes `draft`: the same accounts, every sign turned."""
    return JournalDraft(
        kind, tuple(Posting(p.account, -p.amount_minor, p.currency) for p in draft.postings)
    )


def _merged(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    amounts: Counter[tuple[AccountRef, str]] = Counter()
    for posting in postings:
        amounts[posting.account, posting.currency] += posting.amount_minor
    return tuple(
        Posting(account, amount, currency)
        for (account, currency), amount in amounts.items()
        if amount != 0
    )
