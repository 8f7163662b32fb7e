"""Where the marks of an axis stand, in whole numbers: the figures' own script knows no locale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

_Item = TypeVar("_Item")

MOST_STEPS: Final = 4
_NICE: Final = (1, 2, 5)


def steps(highest: int) -> list[int]:
    """Return round numbers from 0 that reach `highest`, at most MOST_STEPS of them above 0."""
    size, number = 1, 0
    while size * MOST_STEPS < highest:
        number += 1
        size = _NICE[number % len(_NICE)] * 10 ** (number // len(_NICE))
    return [size * step for step in range(max(-(-highest // size), 1) + 1)]


def spread(items: Sequence[_Item], most: int) -> list[_Item]:
    """Return at most so many of the items, evenly apart, the last one included."""
    every = max(-(-len(items) // most), 1)
    return list(items)[::-1][::every][::-1]
