from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ledger.accounts import MERCHANT_AVAILABLE, MERCHANT_PENDING, MERCHANT_RESERVE
from app.domain.ledger.journals import PostingInvalidError
from app.domain.ledger.own_money import OwnMoney, draw

LOTS = st.builds(OwnMoney, st.integers(-1000, 10**15), st.integers(-1000, 10**15))


@pytest.mark.parametrize(
    "amount_minor, parts",
    [
        (0, ()),
        (600, ((MERCHANT_RESERVE, 600),)),
        (601, ((MERCHANT_RESERVE, 600), (MERCHANT_PENDING, 1))),
        (1000, ((MERCHANT_RESERVE, 600), (MERCHANT_PENDING, 300), (MERCHANT_AVAILABLE, 100))),
    ],
)
def test_reserve_goes_first_then_pending_then_available(
    amount_minor: int, parts: tuple[object, ...]
) -> None:
    assert draw(amount_minor, OwnMoney(600, 300)) == parts


def test_without_lots_available_pays_everything() -> None:
    assert draw(500, OwnMoney(0, 0)) == ((MERCHANT_AVAILABLE, 500),)


def test_less_than_nothing_cannot_be_drawn() -> None:
    with pytest.raises(PostingInvalidError):
        draw(-1, OwnMoney(600, 300))


@given(st.integers(0, 2**62), LOTS)
def test_the_parts_sum_to_the_amount_and_no_lot_is_overdrawn(
    amount_minor: int, own: OwnMoney
) -> None:
    parts = dict(draw(amount_minor, own))
    assert sum(parts.values()) == amount_minor
    assert all(part > 0 for part in parts.values())
    assert parts.get(MERCHANT_RESERVE, 0) <= max(0, own.reserve_lot_minor)
    assert parts.get(MERCHANT_PENDING, 0) <= max(0, own.pending_lot_minor)
