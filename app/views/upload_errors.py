"""The bad cells of a file, the same problem of many lines in one row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.domain.bulk_rows import CellError

READ_ERRORS: Final = 1000
MOST_PROBLEMS: Final = 100
_NAMED_LINES: Final = 8


@dataclass(slots=True)
class Problem:
    """What is wrong with the same column of some lines."""

    column: str
    code: str
    message: str
    lines: list[int] = field(default_factory=list)

    @property
    def named(self) -> list[int]:
        """The first of the lines."""
        return self.lines[:_NAMED_LINES]

    @property
    def unnamed(self) -> int:
        """How many lines more."""
        return len(self.lines) - len(self.named)


def grouped(errors: Iterable[CellError]) -> list[Problem]:
    """Put the same problem of many lines together, the most frequent first, then by line."""
    found: dict[tuple[str, str, str], Problem] = {}
    for error in errors:
        message = error.message.removeprefix(f"{error.column}: ")
        key = (error.column, error.code, message)
        found.setdefault(key, Problem(*key)).lines.append(error.line)
    ordered = sorted(found.values(), key=lambda each: (-len(each.lines), each.lines[0]))
    return ordered[:MOST_PROBLEMS]
