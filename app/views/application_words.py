"""Applications of merchants in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.domain.applications import ApplicationState
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES: Final[Mapping[str, Badge]] = {
    ApplicationState.UNCONFIRMED: Badge(lazy_gettext("Address not proved"), "neutral", "hourglass"),
    ApplicationState.WAITING: Badge(lazy_gettext("Waits for us"), "info", "hourglass-split"),
    ApplicationState.APPROVED: Badge(lazy_gettext("Approved"), "success", "check-lg"),
    ApplicationState.REJECTED: Badge(lazy_gettext("Rejected"), "danger", "x-lg"),
    ApplicationState.LAPSED: Badge(lazy_gettext("Lapsed"), "neutral", "slash-circle"),
}


def state_word(state: str) -> str:
    """Return what a state of an application is called."""
    return str(STATES[state].word)
