from __future__ import annotations

from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger import postings
from app.domain.ledger.journals import JournalDraft, PostingInvalidError, UnbalancedJournalError
from app.domain.ledger.own_money import OwnMoney

AMOUNTS = st.integers(1, 10**12)
SHARES = st.integers(0, 10**12)
NOTHING_LEFT = OwnMoney(0, 0)


class Parts(TypedDict, total=False):
    fee_percent_minor: int
    fee_fixed_minor: int
    agent_minor: int
    tax_minor: int
    reserve_bps: int


def lines(draft: JournalDraft) -> dict[str, int]:
    return {posting.account.code: posting.amount_minor for posting in draft.postings}


class Book:
    """Balances by account, as the ledger would keep them; a liability shows as negative."""

    def __init__(self, *drafts: JournalDraft) -> None:
        self.balances: dict[str, int] = {}
        for draft in drafts:
            self.post(draft)

    def post(self, draft: JournalDraft) -> dict[str, int]:
        for code, amount_minor in lines(draft).items():
            self.balances[code] = self.balances.get(code, 0) + amount_minor
        return {code: amount for code, amount in self.balances.items() if amount}

    def own(self) -> OwnMoney:
        reserve, pending = (
            -self.balances.get(f"merchant:{lot}", 0) for lot in ("reserve", "pending")
        )
        return OwnMoney(reserve, pending)


def example_capture() -> JournalDraft:
    return postings.capture(
        6000, "EUR", fee_percent_minor=150, fee_fixed_minor=0, tax_minor=27, reserve_bps=1000
    )


def test_the_worked_example_step_by_step() -> None:
    earned = {"revenue:mdr": -150, "tax:fee": -27}
    book = Book()
    assert book.post(example_capture()) == earned | {
        "provider:receivable": 6000,
        "merchant:pending": -5223,
        "merchant:reserve": -600,
    }
    assert book.post(postings.refund_asked(2000, "EUR", book.own())) == earned | {
        "provider:receivable": 6000,
        "merchant:pending": -3823,
        "merchant:in_refund": -2000,
    }
    assert book.post(postings.refund_succeeded(2000, "EUR")) == earned | {
        "provider:receivable": 4000,
        "merchant:pending": -3823,
    }
    assert book.post(postings.dispute_opened(4000, "EUR", book.own())) == earned | {
        "provider:receivable": 4000,
        "merchant:available": 177,
        "merchant:disputed": -4000,
    }
    left = book.post(postings.dispute_lost(4000, "EUR", withdrawn=False))
    assert left == earned | {"merchant:available": 177}
    assert sum(left.values()) == 0


def test_a_capture_without_fees_is_two_lines() -> None:
    draft = postings.capture(6000, "EUR", fee_percent_minor=0, fee_fixed_minor=0)
    assert lines(draft) == {"provider:receivable": 6000, "merchant:pending": -6000}


def test_the_agent_is_paid_out_of_the_percentage_first() -> None:
    def shared(agent_minor: int) -> dict[str, int]:
        return lines(
            postings.capture(
                6000, "EUR", fee_percent_minor=150, fee_fixed_minor=30, agent_minor=agent_minor
            )
        )

    assert shared(50) == {
        "provider:receivable": 6000,
        "merchant:pending": -5820,
        "revenue:mdr": -100,
        "revenue:fixed": -30,
        "agent:commission": -50,
    }
    assert (shared(170)["revenue:fixed"], shared(170)["agent:commission"]) == (-10, -170)


@pytest.mark.parametrize("gross_minor, reserve_minor", [(250, 2), (350, 4), (351, 4), (149, 1)])
def test_the_reserve_is_rounded_half_even(gross_minor: int, reserve_minor: int) -> None:
    draft = postings.capture(
        gross_minor, "EUR", fee_percent_minor=0, fee_fixed_minor=0, reserve_bps=100
    )
    assert lines(draft)["merchant:reserve"] == -reserve_minor


def test_the_reserve_is_never_more_than_what_is_left() -> None:
    draft = postings.capture(
        6000, "EUR", fee_percent_minor=150, fee_fixed_minor=0, tax_minor=27, reserve_bps=10_000
    )
    assert lines(draft)["merchant:reserve"] == -5823
    assert "merchant:pending" not in lines(draft)


def test_a_fee_beyond_the_gross_is_owed_by_available() -> None:
    draft = postings.capture(
        100, "EUR", fee_percent_minor=0, fee_fixed_minor=100, tax_minor=18, reserve_bps=1000
    )
    assert lines(draft) == {
        "provider:receivable": 100,
        "merchant:available": 18,
        "revenue:fixed": -100,
        "tax:fee": -18,
    }
    assert lines(postings.capture_reversal(draft, NOTHING_LEFT))["merchant:available"] == -18


@pytest.mark.parametrize(
    "gross_minor, parts",
    [
        (0, Parts()),
        (-1, Parts()),
        (100, Parts(fee_percent_minor=-1)),
        (100, Parts(fee_fixed_minor=-1)),
        (100, Parts(tax_minor=-1)),
        (100, Parts(agent_minor=-1)),
        (100, Parts(fee_percent_minor=5, fee_fixed_minor=5, agent_minor=11)),
        (100, Parts(reserve_bps=-1)),
        (100, Parts(reserve_bps=10_001)),
    ],
)
def test_a_capture_of_impossible_parts_is_refused(gross_minor: int, parts: Parts) -> None:
    with pytest.raises(PostingInvalidError):
        postings.capture(
            gross_minor, "EUR", **(Parts(fee_percent_minor=0, fee_fixed_minor=0) | parts)
        )


def test_a_capture_that_un_happened_leaves_nothing() -> None:
    captured = example_capture()
    assert Book(captured).post(postings.capture_reversal(captured)) == {}
    book = Book(captured)
    assert book.post(postings.capture_reversal(captured, book.own())) == {}


def test_a_reversal_after_release_and_refund_is_owed_by_available() -> None:
    captured = example_capture()
    book = Book(captured)
    book.post(postings.refund_asked(2000, "EUR", book.own()))
    book.post(postings.refund_succeeded(2000, "EUR"))
    book.post(postings.release(book.own().pending_lot_minor, "EUR"))
    left = book.post(postings.capture_reversal(captured, book.own()))
    assert left == {"provider:receivable": -2000, "merchant:available": 2000}


def test_releases_make_the_lots_available() -> None:
    book = Book(example_capture())
    book.post(postings.release(5223, "EUR"))
    left = book.post(postings.reserve_release(600, "EUR"))
    assert left["merchant:available"] == -5823
    assert book.own() == NOTHING_LEFT


def test_a_failed_refund_gives_back_where_it_took() -> None:
    book = Book(example_capture())
    before = dict(book.balances)
    asked = postings.refund_asked(5900, "EUR", book.own())
    assert lines(asked) == {
        "merchant:reserve": 600,
        "merchant:pending": 5223,
        "merchant:available": 77,
        "merchant:in_refund": -5900,
    }
    book.post(asked)
    assert book.post(postings.refund_failed(asked)) == before


def test_a_refund_that_failed_late_becomes_available() -> None:
    book = Book(postings.refund_asked(2000, "EUR", NOTHING_LEFT))
    book.post(postings.refund_succeeded(2000, "EUR"))
    assert book.post(postings.refund_failed_late(2000, "EUR")) == {}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_dispute_that_was_won_leaves_nothing(withdrawn: bool) -> None:
    book = Book(postings.dispute_opened(2000, "EUR", NOTHING_LEFT))
    if withdrawn:
        left = book.post(postings.dispute_withdrawn(2000, "EUR"))
        assert (left["provider:disputed"], left["provider:receivable"]) == (2000, -2000)
    assert book.post(postings.dispute_won(2000, "EUR", withdrawn=withdrawn)) == {}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_dispute_that_was_lost_is_the_merchants_loss(withdrawn: bool) -> None:
    book = Book(postings.dispute_opened(2000, "EUR", NOTHING_LEFT))
    if withdrawn:
        book.post(postings.dispute_withdrawn(2000, "EUR"))
    left = book.post(postings.dispute_lost(2000, "EUR", withdrawn=withdrawn))
    assert left == {"merchant:available": 2000, "provider:receivable": -2000}


def test_fees_are_owed_by_available() -> None:
    refund = postings.refund_fee(30, "EUR", tax_minor=5)
    assert lines(refund) == {"merchant:available": 35, "revenue:refund_fee": -30, "tax:fee": -5}
    dispute = postings.chargeback_fee(1500, "EUR")
    assert lines(dispute) == {"merchant:available": 1500, "revenue:chargeback_fee": -1500}


def test_a_returned_fee_undoes_what_was_earned() -> None:
    returned = postings.fee_returned(
        "EUR", fee_percent_minor=150, fee_fixed_minor=30, agent_minor=50, tax_minor=27
    )
    assert lines(returned) == {
        "revenue:mdr": 100,
        "revenue:fixed": 30,
        "agent:commission": 50,
        "tax:fee": 27,
        "merchant:available": -207,
    }


def test_surplus_and_write_off() -> None:
    late = postings.surplus(500, "EUR")
    assert lines(late) == {"provider:receivable": 500, "suspense": -500}
    loss = postings.write_off(177, "EUR")
    assert lines(loss) == {"expense:chargeback_loss": 177, "merchant:available": -177}


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_no_builder_moves_nothing_or_less(amount_minor: int) -> None:
    for builder in (postings.release, postings.refund_succeeded, postings.surplus):
        with pytest.raises(PostingInvalidError):
            builder(amount_minor, "EUR")
    with pytest.raises((PostingInvalidError, UnbalancedJournalError)):
        postings.refund_asked(amount_minor, "EUR", NOTHING_LEFT)
    with pytest.raises(PostingInvalidError):
        postings.dispute_won(amount_minor, "EUR", withdrawn=True)
    with pytest.raises((PostingInvalidError, UnbalancedJournalError)):
        postings.refund_fee(amount_minor, "EUR")


@given(AMOUNTS, SHARES, SHARES, SHARES, st.integers(0, 10_000))
def test_a_capture_keeps_the_gross_whole_and_the_lots_positive(
    gross_minor: int, percent_minor: int, fixed_minor: int, tax_minor: int, reserve_bps: int
) -> None:
    posted = lines(
        postings.capture(
            gross_minor,
            "EUR",
            fee_percent_minor=percent_minor,
            fee_fixed_minor=fixed_minor,
            agent_minor=(percent_minor + fixed_minor) // 3,
            tax_minor=tax_minor,
            reserve_bps=reserve_bps,
        )
    )
    assert posted.pop("provider:receivable") == gross_minor == -sum(posted.values())
    debits = {code for code, amount_minor in posted.items() if amount_minor > 0}
    assert debits <= {"merchant:available"}
    assert not debits or not {"merchant:pending", "merchant:reserve"} & set(posted)


def draft_of(event: str, amount_minor: int, own: OwnMoney) -> JournalDraft:
    if event == "refund":
        return postings.refund_asked(amount_minor, "EUR", own)
    if event == "dispute":
        return postings.dispute_opened(amount_minor, "EUR", own)
    if event == "failed late":
        return postings.refund_failed_late(amount_minor, "EUR")
    return postings.dispute_lost(amount_minor, "EUR", withdrawn=event == "lost withdrawn")


EVENTS = st.sampled_from(["refund", "dispute", "failed late", "lost", "lost withdrawn"])


@given(st.lists(st.tuples(EVENTS, st.integers(1, 4000))))
def test_any_sequence_of_drafts_sums_to_zero_and_overdraws_no_lot(
    events: list[tuple[str, int]],
) -> None:
    book = Book(example_capture())
    for event, amount_minor in events:
        book.post(draft_of(event, amount_minor, book.own()))
        assert sum(book.balances.values()) == 0
        assert min(book.own().reserve_lot_minor, book.own().pending_lot_minor) >= 0
