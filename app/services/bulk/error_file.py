"""The error file: the merchant's own columns plus line, column, code and message, a line a cell.

It opens in a spreadsheet as it is: a byte order mark, the delimiter of the upload, no cell that is
a formula, no card number. Its lines are also what a run leaves out.
"""

from __future__ import annotations

import csv
import heapq
import io
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING

from app.adapters import storage
from app.domain.bulk_rows import CellError, error_csv_cell

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from app.services.bulk.table import Delimiter

OWN_COLUMNS = ("line", "column", "code", "message")
MOST_CELL_CHARACTERS = 32_000
"""Longer cells are cut: a spreadsheet takes no more than 32,767 characters."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How an error file is laid out: the merchant's columns and the delimiter of the upload."""

    columns: tuple[str, ...]
    delimiter: Delimiter


class ErrorFile:
    """Writes an error file to a binary stream; call `close` at the end, the stream stays open."""

    def __init__(self, target: IO[bytes], shape: Shape) -> None:
        """Write the header."""
        self._text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text, delimiter=shape.delimiter.mark, lineterminator="\r\n")
        self._width = len(shape.columns)
        self._writer.writerow(_inert([*shape.columns, *OWN_COLUMNS]))

    def add(self, cells: Sequence[str], errors: Iterable[CellError]) -> None:
        """Write a line for each bad cell of a row; cells without a column are left out."""
        own = [*cells[: self._width], *[""] * (self._width - len(cells))]
        for error in errors:
            found = [str(error.line), error.column, error.code, error.message]
            self._writer.writerow(_inert([*own, *found]))

    def copy(self, cells: Sequence[str]) -> None:
        """Write a line of another error file again."""
        self._writer.writerow(cells)

    def close(self) -> None:
        """Hand everything to the stream."""
        self._text.detach()


def _inert(cells: Iterable[str]) -> list[str]:
    return [error_csv_cell(cell)[:MOST_CELL_CHARACTERS] for cell in cells]


def _lines(name: str, delimiter: Delimiter) -> Generator[list[str], None, None]:
    with storage.open_read(name) as source:
        text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
        try:
            found = csv.reader(text, delimiter=delimiter.mark)
            next(found, None)
            yield from found
        finally:
            text.detach()


def first_errors(name: str, delimiter: Delimiter, most: int) -> list[CellError]:
    """Return the first bad cells of an error file."""
    with closing(_lines(name, delimiter)) as found:
        return [_error(cells) for cells in islice(found, most)]


def rejected_lines(name: str | None, delimiter: Delimiter) -> Iterator[int]:
    """Yield the lines of the upload that stand in its error file, ascending, some twice."""
    if name is not None:
        yield from (int(cells[-4]) for cells in _lines(name, delimiter))


def merge(
    name: str,
    shape: Shape,
    earlier: str | None,
    refused: Iterable[tuple[Sequence[str], CellError]],
) -> None:
    """Write an error file of the lines of `earlier` and of refused rows (cells, why), by line."""

    def fill(target: IO[bytes]) -> None:
        out = ErrorFile(target, shape)
        known = _lines(earlier, shape.delimiter) if earlier else iter(())
        before = ((int(cells[-4]), 0, cells, None) for cells in known)
        after = ((error.line, 1, cells, error) for cells, error in refused)
        for _, _, cells, error in heapq.merge(before, after, key=lambda entry: entry[:2]):
            if error is None:
                out.copy(cells)
            else:
                out.add(cells, [error])
        out.close()

    storage.write(name, fill)


def _error(cells: Sequence[str]) -> CellError:
    line, column, code, message = cells[-4:]
    return CellError(int(line), column, code, message)
