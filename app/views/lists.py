"""What the address of a list says: filters, dates in the reader's zone, the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request, url_for

from app.errors import BadInputError
from app.queries.home import midnight
from app.queries.listing import Slice, Window
from app.views.show import reader_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

EMPTY = Slice([], None, None)
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a list, the addresses around it, and what was wrong with the filters."""

    found: Slice
    older: str | None = None
    newer: str | None = None
    fault: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status that it is shown with."""
        return 400 if self.fault else 200


def read(find: Callable[[Window], Slice]) -> Listed:
    """Read one page by what the address says; a filter that makes no sense is shown as a fault."""
    chosen = {name: request.args.getlist(name) for name in request.args}
    try:
        found = find(Window(older=text("older"), newer=text("newer")))
    except BadInputError as error:
        return Listed(EMPTY, fault=error.detail, chosen=chosen)
    return Listed(
        found,
        older=address(older=found.older, newer=None) if found.older else None,
        newer=address(newer=found.newer, older=None) if found.newer else None,
        chosen=chosen,
    )


def text(name: str) -> str:
    """Return a filter's text, without blanks around it; BadInputError where it is too long."""
    value = request.args.get(name, "").strip()
    if len(value) > _LONGEST or not value.isprintable():
        raise BadInputError(name, "is too long or cannot be printed.", "Shorten the filter.")
    return value


def one_of(name: str, known: Collection[str]) -> str:
    """Return a filter's value; BadInputError where it is none of those offered."""
    value = text(name)
    if value and value not in known:
        raise BadInputError(name, "is none of the values offered.", "Choose one from the list.")
    return value


def many_of(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return a filter's values; BadInputError where one is none of those offered."""
    values = tuple(value for value in request.args.getlist(name) if value)
    if not set(values) <= set(known):
        raise BadInputError(name, "is none of the values offered.", "Choose from the list.")
    return values


def moments() -> tuple[datetime | None, datetime | None]:
    """Return the beginning of the day `from` and the end of the day `to`, in UTC."""
    first, last = day("from"), day("to")
    if first and last and last < first:
        raise BadInputError("to", "lies before the first day.", "Exchange the two days.")
    zone = reader_zone()
    return (
        midnight(first, zone) if first else None,
        midnight(last + timedelta(days=1), zone) if last else None,
    )


def day(name: str) -> date | None:
    """Return a filter's day; BadInputError where it is none."""
    value = text(name)
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise BadInputError(name, "is no day.", "Write it as 2026-01-31.") from None
    # Beyond these the time zone's arithmetic would leave the calendar.
    if not date(1970, 1, 2) <= found <= date(9998, 12, 31):
        raise BadInputError(name, "is out of range.", "Choose a day since 1970.")
    return found


def link(endpoint: str, arguments: Mapping[str, str | Sequence[str]]) -> str:
    """Return the address of a list with these filters."""
    return f"{url_for(endpoint)}?{urlencode(arguments, doseq=True)}"


def address(**changes: str | None) -> str:
    """Return this page's address with some of its arguments changed, or (None) left out."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    new = [(name, value) for name, value in changes.items() if value is not None]
    arguments = urlencode([pair for pair in (*kept, *new) if pair[1]])
    return f"{request.path}?{arguments}" if arguments else request.path
