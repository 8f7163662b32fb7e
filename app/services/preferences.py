"""What a person chooses for themselves: language, time zone, look, columns of lists.

No audit entry is written: how a screen looks to one person moves no money and gives no right.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from sqlalchemy.exc import IntegrityError

from app.domain.locales import LOCALES
from app.errors import BadInputError, ForbiddenError, said
from app.models import Preference
from app.models.tenancy import actor_of
from app.queries import preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

LOCALE, TIME_ZONE, THEME = "locale", "timezone", "theme"
COLUMNS: Final = "columns."
"""Begins the name under which the columns of a list are kept, as in `columns.payments`."""

THEMES: Final = ("auto", "light", "dark")

_LONGEST = 255
_LIST = re.compile(r"[a-z][a-z_]{0,31}")
_COLUMN_NAMES = re.compile(r"[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*")
_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Names of the time zones that can be chosen: those of places, and UTC."""
    places = {name for name in available_timezones() if name.startswith(_REGIONS)}
    return frozenset(places | {"UTC"})


def keep(session: Session, now: datetime, user_id: int, name: str, value: str) -> None:
    """Keep a choice of the actor's own; an empty value takes it back.

    Names: `locale`, `timezone`, `theme`, and `columns.` with a list's name (column names with
    commas between). Raises BadInputError (place: the name), and ForbiddenError for somebody else.
    """
    _check(name, value)
    if actor_of(session).user_id != user_id:
        raise ForbiddenError(said("Everybody chooses for themselves only."))
    row = preferences.row(session, user_id, name)
    if not value:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = _added(session, now, user_id, name, value)
    row.value, row.changed_at = value, now


def _added(session: Session, now: datetime, user_id: int, name: str, value: str) -> Preference:
    row = Preference(user_id=user_id, name=name, value=value, changed_at=now)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        # The same choice was made in another window meanwhile; the later one counts.
        found = preferences.row(session, user_id, name)
        if found is None:
            raise
        return found
    return row


def _check(name: str, value: str) -> None:
    if name.startswith(COLUMNS) and _LIST.fullmatch(name.removeprefix(COLUMNS)):
        is_known: Callable[[str], object] = _COLUMN_NAMES.fullmatch
    elif name in _CHOICES:
        is_known = _CHOICES[name]().__contains__
    else:
        raise BadInputError(name, said("is nothing that can be chosen."))
    if value and (len(value) > _LONGEST or not is_known(value)):
        raise BadInputError(
            name, said("is none of the values offered."), said("Choose one from the list.")
        )


_CHOICES: Final[dict[str, Callable[[], Collection[str]]]] = {
    LOCALE: lambda: LOCALES,
    TIME_ZONE: time_zones,
    THEME: lambda: THEMES,
}
