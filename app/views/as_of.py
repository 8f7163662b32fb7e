"""The moment as of which a page is shown, as its address says it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from app.errors import BadInputError, said
from app.views.lists import arguments
from app.views.locales import reader

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ARGUMENT: Final = "as_of"

_EARLIEST, _LATEST = date(1970, 1, 2), date(9998, 12, 31)


def moment() -> datetime | None:
    """Return the moment asked for, in UTC; none where the page is shown as it is now.

    Without an offset it is one of the reader's zone. Raises BadInputError for what is no moment.
    """
    text = arguments.text(ARGUMENT)
    return read(text, reader().zone) if text else None


def read(text: str, zone: ZoneInfo) -> datetime:
    """Read a moment as browsers write it; raises BadInputError."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            ARGUMENT, said("is no moment."), said("Write it as 2026-01-31T23:59.")
        ) from None
    # Beyond these the time zone's arithmetic would leave the calendar.
    if not _EARLIEST <= found.date() <= _LATEST:
        raise BadInputError(ARGUMENT, said("is out of range."), said("Choose a day since 1970."))
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
