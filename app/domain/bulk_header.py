"""The header of a payments file: which columns there are and in what order they stand."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.card_numbers import refuse, scrub_text
from app.errors import BadInputError, joined, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REQUIRED_COLUMNS = ("reference", "amount", "currency", "method")
OPTIONAL_COLUMNS = (
    "customer_name",
    "customer_email",
    "customer_phone",
    "description",
    "vpa",
    "asset",
    "apm_name",
    "card_token",
    "capture",
    "expires",
    "locale",
    "send",
)
METADATA_PREFIX = "metadata."
MAX_METADATA_KEYS = 20
MAX_METADATA_KEY = 40

# C0, C1, line separators, marks that reverse the reading order, lone surrogates.
CONTROL_CHARACTER = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_KNOWN = frozenset(REQUIRED_COLUMNS + OPTIONAL_COLUMNS)
_SHOWN_NAMES = 10
_SHOWN_LENGTH = 40


class HeaderError(BadInputError):
    """The first line does not name the columns as it should; tells all that is wrong at once."""

    code = "header_invalid"

    def __init__(
        self,
        *,
        unknown: Sequence[str] = (),
        missing: Sequence[str] = (),
        doubled: Sequence[str] = (),
        too_much: Sequence[str] = (),
    ) -> None:
        """Name the unknown, missing and doubled columns, and what goes past a limit."""
        named = (
            (said("unknown"), unknown),
            (said("missing"), missing),
            (said("doubled"), doubled),
        )
        reasons = [
            said("{what}: {columns}", what=what, columns=joined(columns, ", "))
            for what, columns in named
            if columns
        ]
        super().__init__(
            "header",
            joined([*reasons, *too_much], "; ", "."),
            said(
                "The first line names the columns: {required}; and, if wanted, "
                "{optional} or metadata.NAME.",
                required=", ".join(REQUIRED_COLUMNS),
                optional=", ".join(OPTIONAL_COLUMNS),
            ),
        )
        self.unknown = tuple(unknown)
        self.missing = tuple(missing)
        self.doubled = tuple(doubled)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns by position, in their one spelling; a metadata name keeps its case."""

    columns: tuple[str, ...]


def read_header(cells: Sequence[str]) -> Header:
    """Read the first line: any order, any case, a byte order mark and trailing blanks dropped.

    Raises HeaderError, and CardNumberRefusedError where a card number stands in it (then the first
    line is data).
    """
    for position, cell in enumerate(cells, start=1):
        refuse(cell, said("header, column {position}", position=position))
    columns = [_canonical(cell.removeprefix("\ufeff")) for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    faults = {
        "unknown": _shown([column for column in columns if not _is_known(column)]),
        "missing": [column for column in REQUIRED_COLUMNS if column not in columns],
        "doubled": _shown(_doubled(columns)),
        "too_much": list(_past_limits(columns)),
    }
    if any(faults.values()):
        raise HeaderError(**faults)
    return Header(tuple(columns))


def _doubled(columns: Sequence[str]) -> list[str]:
    return [column for column, times in Counter(columns).items() if times > 1]


def _canonical(cell: str) -> str:
    name = cell.strip()
    prefix, dot, key = name.partition(".")
    if dot and prefix.strip().lower() == "metadata":
        return METADATA_PREFIX + key.strip()
    return name.lower()


def _is_known(column: str) -> bool:
    if column.startswith(METADATA_PREFIX):
        return column != METADATA_PREFIX and not CONTROL_CHARACTER.search(column)
    return column in _KNOWN


def _past_limits(columns: Sequence[str]) -> Iterable[str]:
    metadata = [column for column in columns if column.startswith(METADATA_PREFIX)]
    if len(metadata) > MAX_METADATA_KEYS:
        yield said("more than {count} metadata columns", count=MAX_METADATA_KEYS)
    longest = len(METADATA_PREFIX) + MAX_METADATA_KEY
    if any(len(column) > longest for column in metadata):
        yield said("a metadata name longer than {count} characters", count=MAX_METADATA_KEY)


def _shown(columns: Sequence[str]) -> list[str]:
    """A stranger's names, safe to repeat: short, few, without control characters or numbers."""
    names = [
        scrub_text(CONTROL_CHARACTER.sub("?", column))[:_SHOWN_LENGTH]
        or said("(a column without name)")
        for column in columns[:_SHOWN_NAMES]
    ]
    return [*names, "…"] if len(columns) > _SHOWN_NAMES else names
