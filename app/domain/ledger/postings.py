"""What each event posts: pure builders of journals, amounts in minor units of one currency.

G gross, F fee, A the agent's share of it, T tax on the fee, R reserve. Every amount is positive
unless a builder says otherwise; PostingInvalidError and UnbalancedJournalError refuse the rest.
"""

from __future__ import annotations

from app.domain.ledger.accounts import (
    AGENT_COMMISSION,
    EXPENSE_CHARGEBACK_LOSS,
    MERCHANT_AVAILABLE,
    MERCHANT_DISPUTED,
    MERCHANT_IN_REFUND,
    MERCHANT_PENDING,
    MERCHANT_RESERVE,
    PROVIDER_DISPUTED,
    PROVIDER_RECEIVABLE,
    REVENUE_CHARGEBACK_FEE,
    REVENUE_FIXED,
    REVENUE_MDR,
    REVENUE_REFUND_FEE,
    SUSPENSE,
    TAX,
    AccountOwner,
    AccountRef,
)
from app.domain.ledger.journals import (
    JournalDraft,
    JournalKind,
    Posting,
    PostingInvalidError,
    drafted,
    mirrored,
)
from app.domain.ledger.own_money import OwnMoney, draw
from app.domain.money import MAX_MINOR, round_half_even
from app.errors import said

BASIS_POINTS = 10_000


def capture(
    gross_minor: int,
    currency: str,
    *,
    fee_percent_minor: int,
    fee_fixed_minor: int,
    agent_minor: int = 0,
    tax_minor: int = 0,
    reserve_bps: int = 0,
) -> JournalDraft:
    """Dr receivable G / Cr pending G-F-T-R, reserve R, revenue F-A, agent A, tax T.

    R = max(0, min(rate·G, G-F-T)), rounded half-even; the remainder stays in pending. Where fee
    and tax exceed the gross, available owes the rest: a pending lot is never below zero. The agent
    is paid out of the percentage first. Raises PostingInvalidError for a negative part, a share
    above the fee, and a rate outside 0 to 10,000 basis points.
    """
    earned = _earned(fee_percent_minor, fee_fixed_minor, agent_minor, tax_minor)
    _require(gross_minor, 1, MAX_MINOR)
    _require(reserve_bps, 0, BASIS_POINTS)
    net_minor = gross_minor - sum(part for _, part in earned)
    wanted_minor = round_half_even(gross_minor * reserve_bps, BASIS_POINTS)
    reserve_minor = max(0, min(wanted_minor, net_minor))
    return drafted(
        JournalKind.CAPTURE,
        currency,
        (
            (PROVIDER_RECEIVABLE, gross_minor),
            (MERCHANT_PENDING, reserve_minor - max(0, net_minor)),
            (MERCHANT_AVAILABLE, -min(0, net_minor)),
            (MERCHANT_RESERVE, -reserve_minor),
            *((account, -part) for account, part in earned),
        ),
    )


def capture_reversal(captured: JournalDraft, own: OwnMoney | None = None) -> JournalDraft:
    """The mirror of a capture that un-happened.

    Without `own` it is the plain mirror, right while nothing was released or taken from the
    payment's lots. With `own`, what the merchant was credited is taken from what is left of the
    lots, then from available, so that no lot falls below zero.
    """
    mirror = mirrored(captured, JournalKind.CAPTURE_REVERSAL)
    merchants = [p for p in mirror.postings if p.account.owner == AccountOwner.MERCHANT]
    owed_minor = sum(posting.amount_minor for posting in merchants)
    if own is None or owed_minor <= 0:
        return mirror
    currency = merchants[0].currency
    taken = tuple(Posting(account, part, currency) for account, part in draw(owed_minor, own))
    others = tuple(posting for posting in mirror.postings if posting not in merchants)
    return JournalDraft(mirror.kind, others + taken)


def release(lot_minor: int, currency: str) -> JournalDraft:
    """The rest of a payment's lot becomes available: Dr pending / Cr available."""
    return _move(JournalKind.RELEASE, lot_minor, currency, MERCHANT_PENDING, MERCHANT_AVAILABLE)


def reserve_release(lot_minor: int, currency: str) -> JournalDraft:
    """The rest of a payment's reserve becomes available: Dr reserve / Cr available."""
    return _move(
        JournalKind.RESERVE_RELEASE, lot_minor, currency, MERCHANT_RESERVE, MERCHANT_AVAILABLE
    )


def refund_asked(amount_minor: int, currency: str, own: OwnMoney) -> JournalDraft:
    """Dr own money / Cr in_refund."""
    return _from_own(JournalKind.REFUND_ASKED, amount_minor, currency, own, MERCHANT_IN_REFUND)


def refund_succeeded(amount_minor: int, currency: str) -> JournalDraft:
    """Dr in_refund / Cr receivable."""
    kind = JournalKind.REFUND_SUCCEEDED
    return _move(kind, amount_minor, currency, MERCHANT_IN_REFUND, PROVIDER_RECEIVABLE)


def refund_failed(asked: JournalDraft) -> JournalDraft:
    """Dr in_refund / Cr the accounts that `asked` had debited."""
    return mirrored(asked, JournalKind.REFUND_FAILED)


def refund_failed_late(amount_minor: int, currency: str) -> JournalDraft:
    """A refund that failed after it had succeeded: Dr receivable / Cr available."""
    kind = JournalKind.REFUND_FAILED_LATE
    return _move(kind, amount_minor, currency, PROVIDER_RECEIVABLE, MERCHANT_AVAILABLE)


def refund_fee(fee_minor: int, currency: str, *, tax_minor: int = 0) -> JournalDraft:
    """Dr available / Cr revenue:refund_fee, tax."""
    return _fee(JournalKind.REFUND_FEE, fee_minor, currency, REVENUE_REFUND_FEE, tax_minor)


def fee_returned(
    currency: str,
    *,
    fee_percent_minor: int,
    fee_fixed_minor: int,
    agent_minor: int = 0,
    tax_minor: int = 0,
) -> JournalDraft:
    """What the price list gives back on a refund: Dr revenue, agent, tax / Cr available."""
    earned = _earned(fee_percent_minor, fee_fixed_minor, agent_minor, tax_minor)
    returned_minor = sum(part for _, part in earned)
    lines = (*earned, (MERCHANT_AVAILABLE, -returned_minor))
    return drafted(JournalKind.FEE_RETURNED, currency, lines)


def dispute_opened(amount_minor: int, currency: str, own: OwnMoney) -> JournalDraft:
    """A dispute beyond the inquiry: Dr own money / Cr merchant:disputed."""
    return _from_own(JournalKind.DISPUTE_OPENED, amount_minor, currency, own, MERCHANT_DISPUTED)


def dispute_withdrawn(amount_minor: int, currency: str) -> JournalDraft:
    """The provider takes the money: Dr provider:disputed / Cr receivable."""
    kind = JournalKind.DISPUTE_WITHDRAWN
    return _move(kind, amount_minor, currency, PROVIDER_DISPUTED, PROVIDER_RECEIVABLE)


def dispute_lost(amount_minor: int, currency: str, *, withdrawn: bool) -> JournalDraft:
    """Dr merchant:disputed / Cr provider:disputed, or receivable if it was not yet withdrawn."""
    taken_from = PROVIDER_DISPUTED if withdrawn else PROVIDER_RECEIVABLE
    return _move(JournalKind.DISPUTE_LOST, amount_minor, currency, MERCHANT_DISPUTED, taken_from)


def dispute_won(amount_minor: int, currency: str, *, withdrawn: bool) -> JournalDraft:
    """Dr merchant:disputed / Cr available; if withdrawn, Dr receivable / Cr provider:disputed."""
    _require(amount_minor, 1, MAX_MINOR)
    returned_minor = amount_minor if withdrawn else 0
    return drafted(
        JournalKind.DISPUTE_WON,
        currency,
        (
            (PROVIDER_RECEIVABLE, returned_minor),
            (PROVIDER_DISPUTED, -returned_minor),
            (MERCHANT_DISPUTED, amount_minor),
            (MERCHANT_AVAILABLE, -amount_minor),
        ),
    )


def chargeback_fee(fee_minor: int, currency: str, *, tax_minor: int = 0) -> JournalDraft:
    """Dr available / Cr revenue:chargeback_fee, tax."""
    return _fee(JournalKind.CHARGEBACK_FEE, fee_minor, currency, REVENUE_CHARGEBACK_FEE, tax_minor)


def surplus(
    amount_minor: int, currency: str, kind: JournalKind = JournalKind.SURPLUS
) -> JournalDraft:
    """Late or surplus money: Dr receivable / Cr suspense.

    `kind` is REFUND_FAILED_LATE where a refund of such money had succeeded and did not last.
    """
    return _move(kind, amount_minor, currency, PROVIDER_RECEIVABLE, SUSPENSE)


def surplus_returned(
    amount_minor: int, currency: str, kind: JournalKind = JournalKind.SURPLUS_RETURNED
) -> JournalDraft:
    """Money held apart leaves again, to the payer or into a capture: Dr suspense / Cr receivable.

    `kind` is REFUND_SUCCEEDED where a refund of it has succeeded.
    """
    return _move(kind, amount_minor, currency, SUSPENSE, PROVIDER_RECEIVABLE)


def surplus_credited(amount_minor: int, currency: str) -> JournalDraft:
    """Money held apart is the merchant's after all: Dr suspense / Cr available."""
    kind = JournalKind.SURPLUS_CREDITED
    return _move(kind, amount_minor, currency, SUSPENSE, MERCHANT_AVAILABLE)


def write_off(amount_minor: int, currency: str) -> JournalDraft:
    """What a merchant will not repay: Dr chargeback_loss / Cr available."""
    kind = JournalKind.WRITE_OFF
    return _move(kind, amount_minor, currency, EXPENSE_CHARGEBACK_LOSS, MERCHANT_AVAILABLE)


def _move(
    kind: JournalKind, amount_minor: int, currency: str, debit: AccountRef, credit: AccountRef
) -> JournalDraft:
    _require(amount_minor, 1, MAX_MINOR)
    return drafted(kind, currency, ((debit, amount_minor), (credit, -amount_minor)))


def _from_own(
    kind: JournalKind, amount_minor: int, currency: str, own: OwnMoney, credit: AccountRef
) -> JournalDraft:
    return drafted(kind, currency, (*draw(amount_minor, own), (credit, -amount_minor)))


def _fee(
    kind: JournalKind, fee_minor: int, currency: str, revenue: AccountRef, tax_minor: int
) -> JournalDraft:
    _require(fee_minor, 0, MAX_MINOR)
    _require(tax_minor, 0, MAX_MINOR)
    lines = (
        (MERCHANT_AVAILABLE, fee_minor + tax_minor),
        (revenue, -fee_minor),
        (TAX, -tax_minor),
    )
    return drafted(kind, currency, lines)


def _earned(
    percent_minor: int, fixed_minor: int, agent_minor: int, tax_minor: int
) -> tuple[tuple[AccountRef, int], ...]:
    """Who gets which part of fee and tax; the agent's share comes out of the percentage first."""
    _require(percent_minor, 0, MAX_MINOR)
    _require(fixed_minor, 0, MAX_MINOR)
    _require(agent_minor, 0, percent_minor + fixed_minor)
    _require(tax_minor, 0, MAX_MINOR)
    from_percent_minor = min(agent_minor, percent_minor)
    return (
        (REVENUE_MDR, percent_minor - from_percent_minor),
        (REVENUE_FIXED, fixed_minor - (agent_minor - from_percent_minor)),
        (AGENT_COMMISSION, agent_minor),
        (TAX, tax_minor),
    )


def _require(value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise PostingInvalidError(
            said("{value} is not within {least} and {most}.", value=value, least=least, most=most),
            value=value,
        )
