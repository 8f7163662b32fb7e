"""Which characters the bytes of a file stand for: UTF-8, UTF-16 with its mark, or Windows-1252.

Everything else is refused: a name read in the wrong alphabet would be sent to a provider.
"""

from __future__ import annotations

import codecs
import re
from enum import StrEnum

from charset_normalizer import from_bytes

from app.errors import said
from app.services.bulk.refusals import SAVE_AS_CSV, SAVE_AS_UTF_8, FileRefusedError

_SAMPLE_BYTES = 16 * 1024
_SHORTEST_SAMPLE = 256
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_KINDS = {
    b"PK\x03\x04": said("is an Excel workbook or another zip archive, not CSV text."),
    b"\xd0\xcf\x11\xe0": said("is an old Excel workbook, not CSV text."),
    b"\x89PNG": said("is a picture, not CSV text."),
    b"\xff\xd8\xff": said("is a picture, not CSV text."),
    b"GIF8": said("is a picture, not CSV text."),
    b"%PDF": said("is a PDF document, not CSV text."),
    b"\x1f\x8b": said("is compressed, not CSV text."),
}
# What Western European text hardly ever holds, but what other code pages look like when they are
# read as Windows-1252: rare signs, a capital inside a word, a sign between letters.
_ODD = re.compile(
    "[\u0192\u02c6\u02dc\u2020\u2021\u201a\u2030\u2039\u203a\u00a2\u00a4\u00a6\u00a8\u00ac\u00ad"
    "\u00af\u00b1\u00b5\u00b6\u00b8\u00b9\u00bc\u00be\u00d7\u00f7]"
    "|[a-z\u00df-\u00ff][\u00c0-\u00de\u0152\u0160\u0178\u017d]"
    "|[A-Z][\u00c0-\u00de\u0152\u0160\u0178\u017d][a-z]"
    "|[A-Za-z\u00c0-\u00ff][\u201c\u201d\u201e\u2026\u20ac\u00a1\u00a3\u00a5\u00a7\u00a9\u00ab"
    "\u00b0\u00bb\u00bf\u2022][A-Za-z\u00c0-\u00ff]"
    "|[\u00a3\u00a5\u20ac][a-z\u00df-\u00ff]"
)
# Characters of UTF-8: a file that holds them, and breaks elsewhere, is damaged and nothing else.
_UTF_8_CHARACTER = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2\x80[\x80-\xbf]")


class Encoding(StrEnum):
    """How a file was written, in the words that people see."""

    UTF_8 = "UTF-8"
    UTF_16 = "UTF-16"
    WINDOWS_1252 = "Windows-1252"


CODECS = {
    Encoding.UTF_8: "utf-8-sig",
    Encoding.UTF_16: "utf-16",
    Encoding.WINDOWS_1252: "cp1252",
}


class Detector:
    """Looks at every block of a file once, in order, keeping a small sample only."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._head = b""
        self._lines = 0
        self._bad_line: int | None = None
        self._sample = bytearray()

    def feed(self, block: bytes) -> None:
        """Take the next block; raises FileRefusedError when it is no text at all."""
        if not self._head:
            self._head = block[:4]
            self._refuse_other_kinds()
        if self._bad_line is None:
            self._decode(block)
        if not block.isascii() and len(self._sample) < _SAMPLE_BYTES:
            foreign = (line for line in block.split(b"\n") if not line.isascii())
            self._sample += b"\n".join(foreign)[:_SAMPLE_BYTES]

    def end(self) -> Encoding:
        """Return the encoding of the whole file; raises FileRefusedError for one not of ours."""
        if self._head.startswith(_UTF_16_MARKS):
            return Encoding.UTF_16
        if self._bad_line is None:
            self._decode(b"", final=True)
        if self._bad_line is None:
            return Encoding.UTF_8
        if _is_windows_1252(bytes(self._sample)):
            return Encoding.WINDOWS_1252
        raise FileRefusedError(
            said("line {line}", line=self._bad_line),
            said("holds characters that are neither UTF-8 nor Windows-1252."),
            SAVE_AS_UTF_8,
        )

    def _decode(self, block: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(block, final=final)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            self._bad_line = self._lines + 1 + before.count(b"\n")
        else:
            self._lines += block.count(b"\n")

    def _refuse_other_kinds(self) -> None:
        for start, reason in _OTHER_KINDS.items():
            if self._head.startswith(start):
                raise FileRefusedError("file", reason, SAVE_AS_CSV)


def _is_windows_1252(sample: bytes) -> bool:
    if _UTF_8_CHARACTER.search(sample):
        return False
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    if _ODD.search(text):
        return False
    # A few names are too little to judge by; the same names several times are judged alike.
    times = max(1, _SHORTEST_SAMPLE // max(1, len(sample)))
    return from_bytes(sample * times, cp_isolation=["cp1252"]).best() is not None
