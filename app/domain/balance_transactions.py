"""What moved a merchant's balances, in the words of the API: ids of ledger lines, places of money.

The id is the line's number in the letters of other ids, behind a prefix of its own: its text sorts
as lines were written.
"""

from __future__ import annotations

from typing import Final

PREFIX: Final = "btx"
PLACES: Final = ("available", "pending", "reserve", "in_refund", "in_payout", "disputed")
"""Where a merchant's money can stand: the last part of its accounts' codes."""

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH: Final = 13
_BIGGEST: Final = 2**63 - 1


def id_of(number: int) -> str:
    """Return the public id of the line of this number, from 1 to 2**63 - 1."""
    if not 0 < number <= _BIGGEST:
        raise ValueError("no line has this number")
    body = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LENGTH - 1, -1, -1))
    return f"{PREFIX}_{body}"


def number_of(text: str) -> int | None:
    """Return the number of a line by its public id; None where that is none."""
    head, _, body = text.partition("_")
    if head != PREFIX or len(body) != _LENGTH or not set(body) <= set(_ALPHABET):
        return None
    number = 0
    for letter in body:
        number = number << 5 | _ALPHABET.index(letter)
    return number if 0 < number <= _BIGGEST else None


def place_of(code: str) -> str:
    """Return where the money of a merchant's account stands, by the account's code."""
    return code.rpartition(":")[2]
