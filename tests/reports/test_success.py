from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import PaymentStatus
from app.reports.success import CAPTURED, NOT_PAID, PAID, RETURNED, part, share

COUNTS = st.integers(0, 10**9)
OPEN = {
    PaymentStatus.CREATED,
    PaymentStatus.REQUIRES_ACTION,
    PaymentStatus.PROCESSING,
    PaymentStatus.IN_REVIEW,
    PaymentStatus.CONFLICTED,
}


def test_every_status_is_paid_not_paid_or_open() -> None:
    assert not PAID & NOT_PAID
    assert set(PaymentStatus) == PAID | NOT_PAID | OPEN


def test_each_stage_lies_within_the_one_before() -> None:
    assert RETURNED < CAPTURED < PAID


def test_shares_are_exact_to_a_tenth_of_a_percent() -> None:
    assert share(0, 0) is None
    assert [str(share(1, 0)), str(share(0, 1))] == ["1.000", "0.000"]
    assert [str(share(1, 2)), str(share(2, 1))] == ["0.333", "0.667"]


def test_a_part_of_nothing_is_nothing() -> None:
    assert part(0, 0) == 0
    assert part(3, 4) == Decimal("0.750")


@given(paid=COUNTS, not_paid=COUNTS)
def test_a_share_is_within_half_a_tenth_of_a_percent(paid: int, not_paid: int) -> None:
    found = share(paid, not_paid)
    if found is not None:
        off = int(found.scaleb(3)) * (paid + not_paid) - paid * 1000
        assert abs(off) * 2 <= paid + not_paid
