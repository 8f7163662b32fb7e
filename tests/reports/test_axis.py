from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.axis import MOST_STEPS, spread, steps


@pytest.mark.parametrize(
    "highest,found",
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (45_000, [0, 20_000, 40_000, 60_000]),
        (10**20, [0, 5 * 10**19, 10**20]),
    ],
)
def test_marks_are_round(highest: int, found: list[int]) -> None:
    assert steps(highest) == found


@given(st.integers(0, 10**30))
def test_marks_reach_the_highest_and_are_few(highest: int) -> None:
    found = steps(highest)
    assert found[0] == 0
    assert found[-1] >= highest
    assert found[-2] < max(highest, 1)
    assert len(found) <= MOST_STEPS + 1


@given(st.lists(st.integers(), max_size=400), st.integers(1, 12))
def test_days_are_spread_and_end_with_the_last(items: list[int], most: int) -> None:
    found = spread(items, most)
    assert len(found) <= most
    assert found[-1:] == items[-1:]
