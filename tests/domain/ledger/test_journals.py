from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger.accounts import MERCHANT_AVAILABLE, MERCHANT_PENDING, SUSPENSE, AccountRef
from app.domain.ledger.journals import (
    JournalDraft,
    JournalKind,
    Posting,
    PostingInvalidError,
    UnbalancedJournalError,
    drafted,
    mirrored,
)

ACCOUNTS = (MERCHANT_AVAILABLE, MERCHANT_PENDING, SUSPENSE)
AMOUNTS = st.integers(-(10**15), 10**15).filter(bool)
POSTINGS = st.builds(Posting, st.sampled_from(ACCOUNTS), AMOUNTS, st.sampled_from(["EUR", "JPY"]))


def adjustment(*lines: tuple[AccountRef, int, str]) -> JournalDraft:
    return JournalDraft(JournalKind.ADJUSTMENT, tuple(Posting(*line) for line in lines))


@pytest.mark.parametrize("amount", [0, True, 1.0, "1", 2**63, -(2**63)])
def test_what_is_no_amount_cannot_be_posted(amount: int) -> None:
    with pytest.raises(PostingInvalidError, match="suspense"):
        Posting(SUSPENSE, amount, "EUR")


def test_the_largest_amount_can_be_posted() -> None:
    assert Posting(SUSPENSE, 2**63 - 1, "EUR").amount_minor == 2**63 - 1


def test_lines_that_do_not_balance_are_refused() -> None:
    with pytest.raises(UnbalancedJournalError) as refusal:
        adjustment((SUSPENSE, 5, "EUR"), (MERCHANT_PENDING, -4, "EUR"))
    assert refusal.value.data == {"uneven": {"EUR": 1}}


def test_currencies_do_not_balance_each_other() -> None:
    with pytest.raises(UnbalancedJournalError):
        adjustment((SUSPENSE, 5, "EUR"), (MERCHANT_PENDING, -5, "USD"))


def test_a_journal_may_balance_in_two_currencies() -> None:
    draft = adjustment(
        (SUSPENSE, 5, "EUR"),
        (MERCHANT_PENDING, -5, "EUR"),
        (SUSPENSE, 6, "USD"),
        (MERCHANT_PENDING, -6, "USD"),
    )
    assert len(draft.postings) == 4


def test_lines_of_one_account_are_merged() -> None:
    draft = adjustment((SUSPENSE, 5, "EUR"), (MERCHANT_PENDING, -8, "EUR"), (SUSPENSE, 3, "EUR"))
    assert draft == adjustment((SUSPENSE, 8, "EUR"), (MERCHANT_PENDING, -8, "EUR"))


@pytest.mark.parametrize(
    "lines", [(), ((SUSPENSE, 5, "EUR"), (SUSPENSE, -5, "EUR"))], ids=["none", "cancelled out"]
)
def test_a_journal_that_moves_nothing_is_refused(lines: tuple[tuple[AccountRef, int, str]]) -> None:
    with pytest.raises(UnbalancedJournalError, match="moves nothing"):
        adjustment(*lines)


def test_a_single_line_is_refused() -> None:
    with pytest.raises(UnbalancedJournalError):
        adjustment((SUSPENSE, 5, "EUR"))


def test_zero_lines_are_left_out_of_a_draft() -> None:
    lines = [(SUSPENSE, 5), (MERCHANT_PENDING, 0), (MERCHANT_AVAILABLE, -5)]
    draft = drafted(JournalKind.SURPLUS, "EUR", lines)
    assert [p.account for p in draft.postings] == [SUSPENSE, MERCHANT_AVAILABLE]


@given(st.lists(POSTINGS, max_size=8))
def test_every_draft_balances_names_no_account_twice_and_is_undone_by_its_mirror(
    postings: list[Posting],
) -> None:
    try:
        draft = JournalDraft(JournalKind.ADJUSTMENT, tuple(postings))
    except UnbalancedJournalError:
        draft = closed_by(postings)
    keys = [(p.account, p.currency) for p in draft.postings]
    assert len(set(keys)) == len(keys) >= 2
    mirror = mirrored(draft, JournalKind.CAPTURE_REVERSAL)
    with pytest.raises(UnbalancedJournalError, match="moves nothing"):
        JournalDraft(JournalKind.ADJUSTMENT, draft.postings + mirror.postings)


def closed_by(postings: list[Posting]) -> JournalDraft:
    """The same lines, balanced against an account that they do not use."""
    other = AccountRef("expense:network_fee", SUSPENSE.owner)
    lines = postings or [Posting(SUSPENSE, 1, "EUR")]
    against = [Posting(other, -p.amount_minor, p.currency) for p in lines]
    closing = [Posting(MERCHANT_PENDING, 1, "INR"), Posting(other, -1, "INR")]
    return JournalDraft(JournalKind.ADJUSTMENT, (*lines, *against, *closing))
