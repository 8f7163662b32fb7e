from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import PaymentStatus
from app.reports.success import NOT_PAID, PAID, rate

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


def test_rates_are_exact_to_a_tenth() -> None:
    assert rate(0, 0) == ""
    assert (rate(1, 0), rate(0, 1), rate(1, 2), rate(2, 1)) == ("100.0", "0.0", "33.3", "66.7")


@given(paid=COUNTS, not_paid=COUNTS)
def test_a_rate_is_within_half_a_tenth(paid: int, not_paid: int) -> None:
    if paid + not_paid:
        whole, tenth = rate(paid, not_paid).split(".")
        off = (int(whole) * 10 + int(tenth)) * (paid + not_paid) - paid * 1000
        assert abs(off) * 2 <= paid + not_paid
