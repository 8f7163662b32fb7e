"""Finding full card numbers in any text, in time linear in its length.

A card number is 12 to 19 digits of any script, with separators between them or none, that begin as
a scheme's numbers begin, have a length which that scheme issues, and pass the Luhn check (ISO/IEC
7812-1). It starts and ends where a run of digits does: inside a longer run (a barcode, a Swiss
payment reference) nothing is looked for, since one number in ten passes Luhn by chance.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from app.domain.card_ranges import LENGTHS, MIN_LENGTH, PREFIX_LENGTH
from app.domain.identifiers import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

# Blank, dashes, dot, slash, underscore, no-break, thin, ideographic and zero-width spaces, middle
# dot, bullet. Up to three in a row, as in "4242 - 4242".
_SEPARATORS = (
    r" \-./_\u00a0\u00ad\u00b7\u1680\u180e\u2000-\u2015\u2022\u202f\u205f\u2060-\u2064\u2212"
    r"\u3000\ufe58\ufe63\ufeff\uff0d"
)
_SEQUENCE = re.compile(rf"\d+(?:[{_SEPARATORS}]{{1,3}}\d+)*")
_RUN = re.compile(r"\d+")
# Shapes that are surely something else: UUIDs and digests that hold letters, and our own ids.
_SOMETHING_ELSE = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"(?=[0-9A-Fa-f]{8}-)(?=[0-9-]{0,35}[A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
    r"|(?=(?:[0-9]*[a-f]){4})(?:[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})"
    rf"|(?:{'|'.join(PREFIXES.values())})_[0-7][0-9a-hjkmnp-tv-z]{{25}}"
    r")(?![0-9A-Za-z])"
)
# With a leading plus, up to this many digits are a telephone number (ITU-T E.164): no scheme has
# issued a card number this short for many years, and every tenth German mobile would be refused.
_LONGEST_PHONE = 13
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a card number stands: `text[start:end]`."""

    start: int
    end: int


def find(text: str) -> list[Match]:
    """Every card number in `text`, in order; overlapping findings are joined into one."""
    if not _sequences(text):
        return []
    text = _SOMETHING_ELSE.sub(lambda shape: "x" * len(shape[0]), text)
    found: list[Match] = []
    for start, end in _sequences(text):
        for first, last in _in_sequence(text, start, end):
            if found and first < found[-1].end:
                found[-1] = Match(found[-1].start, max(last, found[-1].end))
            else:
                found.append(Match(first, last))
    return found


def _sequences(text: str) -> list[tuple[int, int]]:
    """Where digits stand that only separators part, if they are long enough to matter."""
    spans = (sequence.span() for sequence in _SEQUENCE.finditer(text))
    return [(start, end) for start, end in spans if end - start >= MIN_LENGTH]


def _in_sequence(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of the card numbers in such a sequence, each as long as it can be."""
    runs = [run.span() for run in _RUN.finditer(text, start, end)]
    digits = "".join([text[first:last] for first, last in runs])
    stops = list(accumulate([last - first for first, last in runs], initial=0))
    ends = {stop: last for stop, (_, last) in zip(stops[1:], runs, strict=True)}
    sums = _luhn_sums(digits)
    for offset, (first, last) in zip(stops, runs, strict=False):
        # Near the end the slice is short: then no length fits, whatever it looks up.
        for length in LENGTHS[int(digits[offset : offset + PREFIX_LENGTH])]:
            stop = offset + length
            if stop not in ends or (sums[stop % 2][stop] - sums[stop % 2][offset]) % 10:
                continue
            if not _is_phone_or_fraction(text, first, last, length):
                yield first, ends[stop]
                break


def _luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Running Luhn sums, so that any stretch is checked by one subtraction.

    Luhn doubles every second digit from the right, so which ones depends on where the number ends:
    the first list is for ends at an even offset (even places doubled), the second for odd ones.
    """
    values = list(map(int, digits))
    doubled = [_DOUBLED[value] for value in values]
    even, odd = values[:], values[:]
    even[::2] = doubled[::2]
    odd[1::2] = doubled[1::2]
    return list(accumulate(even, initial=0)), list(accumulate(odd, initial=0))


def _is_phone_or_fraction(text: str, first: int, last: int, length: int) -> bool:
    before = text[max(0, first - 3) : first]
    if before.endswith("+"):
        return length <= _LONGEST_PHONE
    is_fraction = before.endswith("0.") and not before[:-2].isdigit()
    return is_fraction and last - first >= MIN_LENGTH
