"""Which numbers the card schemes issue: leading digits and lengths.

Sources: ISO/IEC 7812-1 and the schemes' published ranges. Wide rather than narrow, with one
exception: Maestro's 12 to 15 digits are kept to the ranges that were ever issued that short,
because the reference numbers of UPI (12 digits, the first one the last of the year) and many phone
numbers begin with 5 or 6 as well.
"""

from __future__ import annotations

from typing import NamedTuple

MIN_LENGTH = 12
PREFIX_LENGTH = 4


class Issued(NamedTuple):
    """A range of first four digits, both ends included, and the lengths of its numbers."""

    scheme: str
    first: int
    last: int
    shortest: int
    longest: int


ISSUED = (
    Issued("visa", 4000, 4999, 13, 19),
    Issued("mastercard", 5100, 5599, 16, 16),
    Issued("mastercard", 2221, 2720, 16, 16),
    Issued("amex", 3400, 3499, 15, 15),
    Issued("amex", 3700, 3799, 15, 15),
    Issued("discover", 6011, 6011, 16, 19),
    Issued("discover", 6440, 6599, 16, 19),
    Issued("diners", 3000, 3059, 14, 19),
    Issued("diners", 3095, 3095, 14, 19),
    Issued("diners", 3600, 3699, 14, 19),
    Issued("diners", 3800, 3999, 14, 19),
    Issued("jcb", 3528, 3589, 16, 19),
    Issued("unionpay", 6200, 6299, 16, 19),
    Issued("unionpay", 8100, 8171, 16, 19),
    Issued("rupay", 6000, 6099, 16, 16),
    Issued("rupay", 8100, 8299, 16, 16),
    Issued("rupay", 5080, 5089, 16, 16),
    Issued("mir", 2200, 2204, 16, 19),
    Issued("troy", 9792, 9792, 16, 16),
    Issued("maestro", 5000, 5099, 16, 19),
    Issued("maestro", 5600, 5899, 16, 19),
    Issued("maestro", 6000, 6999, 16, 19),
    Issued("maestro", 5018, 5018, 12, 19),
    Issued("maestro", 5020, 5020, 12, 19),
    Issued("maestro", 5038, 5038, 12, 19),
    Issued("maestro", 5893, 5893, 12, 19),
    Issued("maestro", 6759, 6759, 12, 19),
    Issued("maestro", 6761, 6763, 12, 19),
)


def _longest_first() -> tuple[tuple[int, ...], ...]:
    lengths: list[set[int]] = [set() for _ in range(10**PREFIX_LENGTH)]
    for issued in ISSUED:
        for prefix in range(issued.first, issued.last + 1):
            lengths[prefix].update(range(issued.shortest, issued.longest + 1))
    known = {frozenset(each): tuple(sorted(each, reverse=True)) for each in lengths}
    return tuple(known[frozenset(each)] for each in lengths)


# First four digits → the possible lengths, longest first; an array, since it is asked per digit.
LENGTHS = _longest_first()
