"""When the figures of a busy machine may be compared, and when they may not."""

from __future__ import annotations

import pytest

from benchmarks.steady import Effort, drift, repetitions

QUIET = [1.0, 1.02, 0.99, 1.01, 1.0, 1.03]
SLOWER = [1.0, 1.1, 1.2, 1.4, 1.5, 1.7]
HOPPING = [1.0, 1.5, 1.0, 1.5, 1.0, 1.5]


def _drift(walls: list[float], cpus: list[float]) -> tuple[bool, bool]:
    found = drift([Effort(wall, cpu) for wall, cpu in zip(walls, cpus, strict=True)])
    return found.accepted, found.by_clock


@pytest.mark.parametrize("busy", [SLOWER, HOPPING])
def test_floors_that_agree_on_processors_only_are_not_trusted_by_the_clock(
    busy: list[float],
) -> None:
    assert _drift(QUIET, QUIET) == (True, True)
    assert _drift(busy, QUIET) == (True, False)
    assert _drift(QUIET, busy) == (True, True)
    assert _drift(busy, busy) == (False, False)


def test_one_outlier_is_no_drift() -> None:
    assert _drift([1.0, 1.0, 9.0, 1.0, 1.0, 1.0], SLOWER) == (True, True)


def test_what_is_short_is_repeated_until_it_lasts() -> None:
    assert [repetitions(seconds, 0.2) for seconds in (0.0005, 0.15, 3.0)] == [400, 2, 1]
    assert repetitions(0.0005, 0) == 1
