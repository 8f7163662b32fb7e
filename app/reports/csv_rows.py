"""Rows as a file for a spreadsheet: exact numbers, and no cell that is a formula.

UTF-8 with a byte order mark, without which Excel takes it for something else; RFC 4180 otherwise.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from app.domain.bulk_rows import error_csv_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Value: TypeAlias = str | int | Decimal | None
MARK = "\ufeff"


def lines(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return rows as lines; texts are made harmless, numbers stay numbers, None is empty."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(
        [_cell(value) for value in row] for row in rows
    )
    return text.getvalue().encode()


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return error_csv_cell(value) if isinstance(value, str) else str(value)
