"""API keys in the reader's words: what one may do, where it stands, how long it overlaps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain import api_keys
from app.domain.api_keys import KeyState, Scope
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping

BADGES: Final = {
    KeyState.ACTIVE: Badge(lazy_gettext("Works"), "success", "check-lg"),
    KeyState.ENDING: Badge(lazy_gettext("Is being replaced"), "warning", "hourglass-split"),
    KeyState.EXPIRED: Badge(lazy_gettext("Expired"), "neutral", "clock"),
    KeyState.ENDED: Badge(lazy_gettext("Ended"), "neutral", "slash-circle"),
}
SCOPES: Mapping[Scope, str] = {
    Scope.PAYMENTS_READ: lazy_gettext("See payments"),
    Scope.PAYMENTS_WRITE: lazy_gettext("Create, capture and void payments"),
    Scope.LINKS_READ: lazy_gettext("See payment links"),
    Scope.LINKS_WRITE: lazy_gettext("Make payment links and switch them off"),
    Scope.REFUNDS_READ: lazy_gettext("See refunds"),
    Scope.REFUNDS_WRITE: lazy_gettext("Refund payments"),
    Scope.BALANCE_READ: lazy_gettext("See balances"),
    Scope.DISPUTES_READ: lazy_gettext("See disputes"),
    Scope.UPLOADS_READ: lazy_gettext("See uploaded files"),
    Scope.UPLOADS_WRITE: lazy_gettext("Upload files of payments, confirm and cancel them"),
    Scope.WEBHOOKS_READ: lazy_gettext("See webhook endpoints"),
    Scope.WEBHOOKS_WRITE: lazy_gettext("Make and change webhook endpoints"),
}
OVERLAPS: Final = {
    "0": lazy_gettext("Now"),
    "3600": lazy_gettext("In 1 hour"),
    "86400": lazy_gettext("In 24 hours"),
    "604800": lazy_gettext("In 7 days"),
}
"""When the old key ends, by seconds."""

USUAL_OVERLAP: Final = "86400"


def overlap(text: str) -> timedelta:
    """Return how long an old key works on; one that was not offered is refused by the service."""
    return timedelta(seconds=int(text)) if text in OVERLAPS else timedelta(seconds=-1)


def state_of(row: Any) -> KeyState:
    """Return where a key stands now."""
    return api_keys.state(row.expires_at, row.ended_at, clock.now())


def works(row: Any) -> bool:
    """Tell whether a key is let in now."""
    return state_of(row) in {KeyState.ACTIVE, KeyState.ENDING}


def state_word(state: str) -> str:
    """Return where a key stands, in a word."""
    return str(BADGES[KeyState(state)].word)


def scope_words(scopes: str) -> list[str]:
    """Return what a key may do, a sentence each, in the order of the form."""
    known = api_keys.kept(scopes)
    return [str(word) for scope, word in SCOPES.items() if scope in known]


def in_short(scopes: str) -> str:
    """Return what a key may do, in one line of a list."""
    known = api_keys.kept(scopes)
    if known == frozenset(Scope):
        return str(gettext("Everything"))
    return ", ".join(scope for scope in Scope if scope in known)
