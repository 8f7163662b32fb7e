"""Journals that people write by hand: what they may touch, and that they balance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.domain.ledger import accounts as chart
from app.domain.ledger import postings
from app.domain.ledger.accounts import AccountOwner
from app.domain.ledger.journals import JournalDraft, JournalKind, Posting
from app.domain.money import MAX_MINOR, Money
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.domain.ledger.accounts import AccountRef

FEWEST_LINES: Final = 2
MOST_LINES: Final = 6

ADJUSTABLE: Final[Mapping[str, AccountRef]] = MappingProxyType(
    {
        ref.code: ref
        for ref in (
            chart.MERCHANT_AVAILABLE,
            chart.MERCHANT_DISPUTED,
            chart.MERCHANT_IN_REFUND,
            chart.MERCHANT_IN_PAYOUT,
            chart.PROVIDER_RECEIVABLE,
            chart.PROVIDER_DISPUTED,
            chart.SUSPENSE,
            chart.REVENUE_MDR,
            chart.REVENUE_FIXED,
            chart.REVENUE_REFUND_FEE,
            chart.REVENUE_CHARGEBACK_FEE,
            chart.EXPENSE_PROVIDER_FEE,
            chart.EXPENSE_NETWORK_FEE,
            chart.EXPENSE_CHARGEBACK_LOSS,
            chart.TAX,
        )
    }
)
"""By code. Pending and reserve are missing: what lies there belongs to lots of single payments."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was written: a code of ADJUSTABLE, minor units (debit positive), currency."""

    account: str
    amount_minor: int
    currency: str

    @property
    def is_debit(self) -> bool:
        """Whether it is a debit."""
        return self.amount_minor > 0

    @property
    def money(self) -> Money:
        """Its amount, without the side."""
        return Money(abs(self.amount_minor), self.currency)


def adjustment(lines: Sequence[Line]) -> JournalDraft:
    """The journal of these lines.

    Raises BadInputError naming what is wrong: too few or too many lines, an account that may not be
    adjusted, an amount that is none, a currency in which debits and credits differ,
    an account that is named twice.
    """
    if not FEWEST_LINES <= len(lines) <= MOST_LINES:
        raise BadInputError(
            "lines",
            said("are not between {fewest} and {most}.", fewest=FEWEST_LINES, most=MOST_LINES),
            said("Write a debit and a credit at least."),
        )
    made = tuple(Posting(_account(line), _amount(line), line.currency) for line in lines)
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.currency] += line.amount_minor
    for currency, off_minor in sums.items():
        if off_minor:
            raise BadInputError(
                "lines",
                said(
                    "do not balance: they are off by {amount}.", amount=Money(off_minor, currency)
                ),
                said("Debits and credits of each currency must be the same."),
            )
    if len({(line.account, line.currency) for line in lines}) != len(lines):
        raise BadInputError(
            "lines",
            said("name an account twice."),
            said("Write one line for each account and currency."),
        )
    return JournalDraft(JournalKind.ADJUSTMENT, made)


def write_off(amount: Money) -> JournalDraft:
    """The journal that gives up what a merchant owes. Raises BadInputError for no amount."""
    if not 0 < amount.amount_minor <= MAX_MINOR:
        raise BadInputError(
            "amount", said("must be more than zero."), said("Give the amount that is given up.")
        )
    return postings.write_off(amount.amount_minor, amount.currency)


def needs_connector(draft: JournalDraft) -> bool:
    """Whether a line is of an account that is kept per connector account."""
    return any(each.account.owner is AccountOwner.CONNECTOR for each in draft.postings)


def _account(line: Line) -> AccountRef:
    if line.account not in ADJUSTABLE:
        raise BadInputError(
            "lines",
            said("name {account}, which is not adjusted by hand.", account=line.account),
            said("Choose an account from the list."),
        )
    return ADJUSTABLE[line.account]


def _amount(line: Line) -> int:
    if line.amount_minor == 0 or abs(line.amount_minor) > MAX_MINOR:
        raise BadInputError(
            "lines", said("have one without an amount."), said("Leave out lines without an amount.")
        )
    return line.amount_minor
