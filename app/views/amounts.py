"""Amounts as they are typed: with the reader's decimal mark, read exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.money import parse_major
from app.views import formats
from app.views.locales import reader

if TYPE_CHECKING:
    from app.domain.money import DecimalMark, Money


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
