"""The cells of one row of a file, and what is found wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.bulk_header import CONTROL_CHARACTER, Header
from app.domain.card_numbers import find
from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class CellError:
    """One bad cell. `line` is the physical line, `column` is empty where the whole line is meant.

    `code` is stable; `message` says the reason and the way out and never repeats the cell.
    """

    line: int
    column: str
    code: str
    message: str


def error_of(line: int, column: str, code: str, reason: str) -> CellError:
    """What is wrong with a cell; an empty column means the whole line."""
    where = column or said("the line")
    return CellError(line, column, code, said("{column}: {reason}", column=where, reason=reason))


@dataclass(frozen=True, slots=True)
class RowErrors:
    """Every bad cell of one row, in the order of its columns."""

    line: int
    errors: tuple[CellError, ...]


class Cells:
    """The cells of one row by column, and what was found wrong with them."""

    def __init__(self, header: Header, cells: Sequence[str], line: int) -> None:
        self.errors: list[CellError] = []
        self.columns = header.columns
        self._line = line
        self._surplus = any(cell.strip() for cell in cells[len(header.columns) :])
        self._lacking = len(cells) < len(header.columns)
        stripped = [cell.strip() for cell in cells]
        self._values = dict(zip(header.columns, stripped, strict=False))
        self._bad: set[str] = set()
        # Most rows are clean: one look at the whole of it, cell by cell only if that finds a thing.
        whole = "|".join(stripped)
        if CONTROL_CHARACTER.search(whole) or find(whole):
            for column, value in self._values.items():
                self._inspect(column, value)
            for value in stripped[len(header.columns) :]:
                self._inspect("", value)

    def fits(self) -> bool:
        """Whether there are as many cells as columns; blank cells behind them do no harm."""
        if self._surplus:
            self.fail("", "too_many_cells", said("has more cells than the header has columns."))
        if self._lacking:
            self.fail("", "too_few_cells", said("has fewer cells than the header has columns."))
        return not (self._surplus or self._lacking)

    def required(self, column: str, longest: int, *, too_long: str = "too_long") -> str | None:
        """The cell; where it is blank or absent, `missing` is held against it."""
        value = self.optional(column, longest, too_long=too_long)
        if value is None and column not in self._bad:
            self.fail(column, "missing", said("is empty. Fill it in."))
        return value

    def optional(self, column: str, longest: int, *, too_long: str = "too_long") -> str | None:
        """The cell; None where it is blank, absent or bad."""
        value = self._values.get(column, "")
        if column in self._bad or not value:
            return None
        if len(value) > longest:
            self.fail(
                column,
                too_long,
                said("is longer than {count} characters. Shorten it.", count=longest),
            )
            return None
        return value

    def is_bad(self, column: str) -> bool:
        """Whether something was held against that column before."""
        return column in self._bad

    def fail(self, column: str, code: str, reason: str) -> None:
        """Hold `code` against a column; an empty name means the whole line."""
        self._bad.add(column)
        self.errors.append(error_of(self._line, column, code, reason))

    def refused(self) -> RowErrors:
        """What was found, in the order of the columns, the whole line last."""
        places = {column: place for place, column in enumerate(self.columns)}
        ordered = sorted(self.errors, key=lambda error: places.get(error.column, len(places)))
        return RowErrors(self._line, tuple(ordered))

    def _inspect(self, column: str, value: str) -> None:
        if find(value):
            reason = said("contains what looks like a full card number. Use a card token instead.")
            self.fail(column, "card_number_refused", reason)
        elif CONTROL_CHARACTER.search(value):
            reason = said("contains a control character or line break. Remove it.")
            self.fail(column, "control_character", reason)
