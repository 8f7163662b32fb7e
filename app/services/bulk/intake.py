"""Receiving a file: what cannot be used is refused before anything of it is kept.

What is kept is UTF-8 text with every full card number taken out; a file never holds one at rest.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from app.domain.card_numbers import scrub_text
from app.errors import said
from app.services.bulk.encodings import CODECS, Detector, Encoding
from app.services.bulk.refusals import (
    SAVE_AS_CSV,
    SAVE_AS_UTF_8,
    FileRefusedError,
    FileTooLargeError,
)
from app.services.bulk.table import Head, read_head

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK_BYTES = 256 * 1024
MOST_LINE_CHARACTERS = 131_072
"""The longest physical line; it is also what the csv module takes as one cell."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file is; `digest` is the SHA-256 of the bytes as they came."""

    size_bytes: int
    digest: bytes
    encoding: Encoding
    head: Head


def examine(source: IO[bytes], most_bytes: int) -> Examined:
    """Look through a file and rewind it.

    Raises FileTooLargeError as soon as the cap is passed, FileRefusedError for what is no text of
    ours, HeaderError, or CardNumberRefusedError when data stands in place of a header.
    """
    size, sha, detector = 0, hashlib.sha256(), Detector()
    while block := source.read(_BLOCK_BYTES):
        size += len(block)
        if size > most_bytes:
            raise FileTooLargeError(most_bytes)
        sha.update(block)
        detector.feed(block)
    encoding = detector.end()
    source.seek(0)
    first_line = next((line for line in lines(source, encoding) if line.strip()), None)
    if first_line is None:
        raise FileRefusedError(
            "file", said("is empty."), said("Write a header line and a line a payment.")
        )
    source.seek(0)
    return Examined(size, sha.digest(), encoding, read_head(first_line))


def lines(source: IO[bytes], encoding: Encoding) -> Iterator[str]:
    """Yield physical lines with their ends.

    Raises FileRefusedError at a line that is too long, holds a NUL byte or cannot be decoded.
    """
    text = io.TextIOWrapper(source, encoding=CODECS[encoding], newline="")
    number = 0
    try:
        while line := text.readline(MOST_LINE_CHARACTERS + 1):
            number += 1
            _check_line(line, number)
            yield line
    except UnicodeError as error:
        raise FileRefusedError(
            said("after line {line}", line=number),
            said("there is no {encoding} text any more.", encoding=encoding),
            SAVE_AS_UTF_8,
        ) from error
    finally:
        text.detach()


def _check_line(line: str, number: int) -> None:
    if "\0" in line:
        raise FileRefusedError(
            said("line {line}", line=number), said("contains a NUL byte."), SAVE_AS_CSV
        )
    if len(line) > MOST_LINE_CHARACTERS:
        raise FileRefusedError(
            said("line {line}", line=number),
            said(
                "is longer than {most} characters.",
                most=MOST_LINE_CHARACTERS,
            ),
            said("Check that the file is CSV with a line a payment."),
        )


def copy(source: IO[bytes], encoding: Encoding, target: IO[bytes]) -> None:
    """Write the text to `target` as UTF-8, without any full card number."""
    for line in lines(source, encoding):
        target.write(scrub_text(line).encode())
