"""Amounts as they are typed: with the reader's decimal mark, read exactly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from app.domain.money import parse_major
from app.errors import BadInputError, said
from app.reports import formats
from app.views.locales import reader

if TYPE_CHECKING:
    from app.domain.money import DecimalMark, Money

MOST_BASIS_POINTS: Final = 10_000
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?", re.ASCII)


def decimal_mark() -> DecimalMark:
    """Return what this reader writes before the decimals."""
    return formats.decimal_mark(reader().formats)


def read_amount(
    text: str, currency: str, place: str = "amount", *, allow_zero: bool = False
) -> Money:
    """Read what was typed in major units; raises as `parse_major`, saying how to write it here."""
    return parse_major(
        text, currency, decimal_mark=decimal_mark(), place=place, allow_zero=allow_zero
    )


def read_percent(text: str, place: str) -> int:
    """Read a percentage with at most two decimals as basis points. Raises BadInputError."""
    mark = decimal_mark()
    match = _PERCENT.fullmatch(text.strip().replace(mark, "."))
    if match is None or (mark != "." and "." in text):
        raise BadInputError(
            place,
            said("is no percentage."),
            said("Write it like {example}.", example=f"2{mark}50"),
        )
    basis_points = int(match[1] + (match[2] or "").ljust(2, "0"))
    if basis_points > MOST_BASIS_POINTS:
        raise BadInputError(place, said("is not between 0 and 100."))
    return basis_points


def plain_percent(basis_points: int) -> str:
    """Return basis points as a percentage is typed, without decimals that say nothing."""
    whole, part = divmod(basis_points, 100)
    decimals = f"{part:02}".rstrip("0")
    return f"{whole}{decimal_mark()}{decimals}" if decimals else str(whole)
