"""Spans of days that a list offers by name, counted from the reader's today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

CUSTOM: Final = "custom"
_DAY: Final = timedelta(days=1)

WORDS: Final = {
    "today": lazy_gettext("Today"),
    "yesterday": lazy_gettext("Yesterday"),
    "7d": lazy_gettext("Last 7 days"),
    "30d": lazy_gettext("Last 30 days"),
    "90d": lazy_gettext("Last 90 days"),
    "month": lazy_gettext("This month"),
    "last_month": lazy_gettext("Last month"),
    CUSTOM: lazy_gettext("Chosen days"),
}


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


_SPANS: Final[dict[str, Callable[[date], tuple[date, date]]]] = {
    "today": lambda today: (today, today),
    "yesterday": lambda today: (today - _DAY, today - _DAY),
    "7d": lambda today: (today - 6 * _DAY, today),
    "30d": lambda today: (today - 29 * _DAY, today),
    "90d": lambda today: (today - 89 * _DAY, today),
    "month": lambda today: (today.replace(day=1), today),
    "last_month": _last_month,
}


def span(name: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a span, both of them in it."""
    return _SPANS[name](today)
