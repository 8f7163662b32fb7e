from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger import lots, postings
from app.domain.ledger.lots import LotKind

AMOUNTS = st.lists(st.integers(1, 10**12), max_size=6)
HELD = st.integers(-(10**13), 10**13)


@pytest.mark.parametrize(
    "amounts,held,parts",
    [
        ((), 5, ()),
        ((600, 300), 900, (600, 300)),
        ((600, 300), 700, (400, 300)),
        ((600, 300), 100, (0, 100)),
        ((600, 300), 0, (0, 0)),
        ((600, 300), -5, (0, 0)),
        ((600, 300), 1000, (600, 300)),
    ],
)
def test_what_is_missing_is_taken_from_the_oldest_lot(
    amounts: tuple[int, ...], held: int, parts: tuple[int, ...]
) -> None:
    assert lots.left(amounts, held) == parts


@given(AMOUNTS, HELD)
def test_lots_never_release_more_than_is_held_nor_more_than_they_were(
    amounts: list[int], held: int
) -> None:
    parts = lots.left(amounts, held)
    assert all(0 <= part <= amount for part, amount in zip(parts, amounts, strict=True))
    assert sum(parts) + lots.returned(amounts, held) == max(0, held)


@given(AMOUNTS, st.integers(0, 10**13))
def test_releasing_the_oldest_leaves_the_others_as_they_were(amounts: list[int], held: int) -> None:
    parts = lots.left(amounts, held)
    for number, part in enumerate(parts):
        left = held - sum(parts[:number])
        assert lots.left(amounts[number:], left)[0] == part


def test_a_capture_puts_aside_what_its_journal_credits() -> None:
    captured = postings.capture(
        6000, "EUR", fee_percent_minor=150, fee_fixed_minor=0, tax_minor=27, reserve_bps=1000
    )
    assert lots.put_aside(captured, LotKind.PENDING) == (5223, "EUR")
    assert lots.put_aside(captured, LotKind.RESERVE) == (600, "EUR")
    free = postings.capture(6000, "EUR", fee_percent_minor=0, fee_fixed_minor=0)
    assert lots.put_aside(free, LotKind.RESERVE) == (0, "")


@pytest.mark.parametrize("kind", LotKind)
def test_a_release_moves_to_available(kind: LotKind) -> None:
    draft = lots.release(kind, 500, "EUR")
    assert {posting.account.code: posting.amount_minor for posting in draft.postings} == {
        f"merchant:{kind}": 500,
        "merchant:available": -500,
    }
