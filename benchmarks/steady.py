"""Whether the machine was quiet enough: what the floors of a scenario say about each other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_DRIFT: Final = 0.15
"""Floors may differ by so much; else the machine had other things to do."""
SAMPLE_SECONDS: Final = 0.2
"""A sample is repeated until it has lasted so long: what is shorter measures the scheduler."""
TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class Effort:
    """What one operation cost: seconds by the clock, and on processors (client and database)."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Drift:
    """By how much the floors differ, by the clock and on processors, at the n-th try."""

    wall: float
    cpu: float
    tries: int = 1

    @property
    def by_clock(self) -> bool:
        """Whether figures by the clock may be compared."""
        return self.wall <= MOST_DRIFT

    @property
    def accepted(self) -> bool:
        """Whether any figure may be: where only the processors agree, those of processors."""
        return min(self.wall, self.cpu) <= MOST_DRIFT


def drift(floors: Sequence[Effort], tries: int = 1) -> Drift:
    """Compare floors that were measured in turn with what they are the floor of."""
    walls, cpus = [each.wall for each in floors], [each.cpu for each in floors]
    return Drift(_difference(walls), _difference(cpus), tries)


def _difference(values: Sequence[float]) -> float:
    """Return the larger of two: from the first half to the second, and from round to round."""
    half = (len(values) + 1) // 2
    trend = _apart(median(values[:half]), median(values[-half:]))
    neighbours = [_apart(one, other) for one, other in pairwise(values)]
    return max(trend, median(neighbours) if neighbours else 0)


def _apart(one: float, other: float) -> float:
    least = min(one, other)
    return abs(one - other) / least if least > 0 else 0


def repetitions(seconds: float, wanted: float = SAMPLE_SECONDS) -> int:
    """Return how often to repeat what takes so long once; the caller has warmed up."""
    return max(1, ceil(wanted / max(seconds, 1e-6)))
