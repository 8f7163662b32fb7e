"""A CSV text as records: delimiter, header, and the physical line on which each record starts."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from app.adapters import storage
from app.domain.bulk_header import Header, HeaderError, read_header
from app.errors import said
from app.services.bulk.refusals import FileRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_ROWS = 250_000
"""More rows than this in one file are refused, so that a check always ends in bounded memory."""


class Delimiter(StrEnum):
    """What stands between cells, by its name."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"

    @property
    def mark(self) -> str:
        """The character itself."""
        return {"comma": ",", "semicolon": ";", "tab": "\t"}[self.value]


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row; `line` is the physical line (from 1) on which it starts."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Head:
    """What the first line that is not empty says."""

    delimiter: Delimiter
    header: Header


def read_head(first_line: str) -> Head:
    """Find the delimiter by the header that it makes sense of.

    Raises HeaderError (of the delimiter that cuts most) or CardNumberRefusedError.
    """
    failed: dict[int, HeaderError] = {}
    for delimiter in Delimiter:
        cells = _cut(first_line, delimiter)
        try:
            return Head(delimiter, read_header(cells))
        except HeaderError as error:
            failed.setdefault(len(cells), error)
    raise failed[max(failed)]


def _cut(line: str, delimiter: Delimiter) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter.mark), [])


def records(text: Iterable[str], delimiter: Delimiter) -> Iterator[Record]:
    """Yield the records that are not blank, the header first.

    `text` yields physical lines with their ends. Raises FileRefusedError at a record whose
    quotation marks cannot be told apart: what follows could be read in two ways.
    """
    reader = csv.reader(text, delimiter=delimiter.mark, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefusedError(
                said("line {line}", line=line),
                said(
                    "has quotation marks that do not match, from here on the cells are not clear."
                ),
                said(
                    "Put a cell that holds quotation marks into quotation marks "
                    'and double those: "".'
                ),
            ) from error
        if any(cell.strip() for cell in cells):
            yield Record(line, cells)


def rows(text: Iterable[str], delimiter: Delimiter) -> tuple[Header, Iterator[Record]]:
    """Return the header and the data rows; raises HeaderError or FileRefusedError."""
    found = records(text, delimiter)
    first = next(found, None)
    if first is None:
        raise FileRefusedError(
            "file", said("is empty."), said("Write a header line and a line a payment.")
        )
    return read_header(first.cells), _capped(found)


def _capped(found: Iterator[Record]) -> Iterator[Record]:
    yield from islice(found, MOST_ROWS)
    surplus = next(found, None)
    if surplus is not None:
        raise FileRefusedError(
            said("line {line}", line=surplus.line),
            said("is beyond {most} rows, the most of one file.", most=MOST_ROWS),
            said("Split the file into smaller ones."),
        )


@contextmanager
def stored(name: str) -> Iterator[io.TextIOWrapper]:
    """Open a file that was received: always UTF-8, its line ends as they were sent."""
    with storage.open_read(name) as source:
        text = io.TextIOWrapper(source, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()
