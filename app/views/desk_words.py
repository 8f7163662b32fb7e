"""The desk in words: why a case waits, how it may end, and since when."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from flask_babel import lazy_gettext

from app.domain.desk import BY_ITSELF, CaseKind, Ending, resolution
from app.domain.payments import PaymentStatus
from app.queries.desk import EVERY, OPEN, RESOLVED
from app.views.locales import translate
from app.views.words import Badge

CONFLICTED: Final = PaymentStatus.CONFLICTED
_K = CaseKind
KINDS: Final = {
    _K.UNKNOWN: Badge(lazy_gettext("Outcome unknown"), "danger", "question-circle"),
    _K.CONFLICTED: Badge(lazy_gettext("Contradiction"), "danger", "exclamation-triangle"),
    _K.SECOND: Badge(lazy_gettext("Paid twice"), "warning", "copy"),
    _K.LATE: Badge(lazy_gettext("Late money"), "warning", "clock"),
    _K.OVER_PAID: Badge(lazy_gettext("Paid too much"), "warning", "plus-lg"),
    _K.UNDER_PAID: Badge(lazy_gettext("Paid too little"), "warning", "dash-lg"),
    _K.UNMATCHED: Badge(lazy_gettext("Unmatched"), "info", "patch-question"),
    _K.NEGATIVE_BALANCE: Badge(lazy_gettext("Balance below zero"), "info", "wallet2"),
}
HAPPENED: Final = {
    _K.UNKNOWN: lazy_gettext(
        "We asked the provider, and no answer came. It may have done it, or not; "
        "until somebody finds out, nothing else is tried."
    ),
    _K.CONFLICTED: lazy_gettext(
        "The provider reports something else than what we know: another amount, another currency, "
        "or an outcome that cannot follow. Nothing was changed by it."
    ),
    _K.SECOND: lazy_gettext(
        "The payment had been paid already when this money came. It is held apart and belongs "
        "neither to the merchant nor to us."
    ),
    _K.LATE: lazy_gettext(
        "The money came after the payment was over, and this merchant does not take late money "
        "by itself. It is held apart."
    ),
    _K.OVER_PAID: lazy_gettext(
        "The payer has sent more than was asked for. The payment is captured; the rest is held "
        "apart."
    ),
    _K.UNDER_PAID: lazy_gettext(
        "The payer has sent less than was asked for, and the time is over. What came is held apart."
    ),
    _K.UNMATCHED: lazy_gettext(
        "A provider has reported something that belongs to none of our operations."
    ),
    _K.NEGATIVE_BALANCE: lazy_gettext("A merchant owes more than they have with us."),
}
"""What happened, for somebody who meets such a case for the first time."""

STATES: Final = {
    OPEN: Badge(lazy_gettext("Open"), "warning", "inbox"),
    RESOLVED: Badge(lazy_gettext("Ended"), "success", "check-lg"),
}
STATE_CHOICES: Final = {
    OPEN: lazy_gettext("Open"),
    RESOLVED: lazy_gettext("Ended"),
    EVERY: lazy_gettext("Open and ended"),
}
AGES: Final = {
    "hour": (timedelta(hours=1), lazy_gettext("Longer than an hour")),
    "day": (timedelta(days=1), lazy_gettext("Longer than a day")),
    "week": (timedelta(days=7), lazy_gettext("Longer than a week")),
}
MINE, NOBODY = "mine", "nobody"
CLAIMS: Final = {
    MINE: lazy_gettext("Claimed by me"),
    NOBODY: lazy_gettext("Claimed by nobody"),
}
SOURCES: Final = {
    "answer": lazy_gettext("Answer to our call"),
    "look_up": lazy_gettext("Look-up"),
    "event": lazy_gettext("Message of the provider"),
    "person": lazy_gettext("Found out by people"),
}
OUTCOMES: Final = {
    "success": lazy_gettext("It happened"),
    "pending": lazy_gettext("At the provider"),
    "action": lazy_gettext("Payer must act"),
    "failed": lazy_gettext("It did not happen"),
    "unknown": lazy_gettext("No answer"),
    "not_sent": lazy_gettext("Not sent"),
    "not_found": lazy_gettext("The provider does not know it"),
}
TELLS_MORE: Final = frozenset({_K.CONFLICTED, _K.UNMATCHED, _K.NEGATIVE_BALANCE})
"""Kinds whose cases have a text of their own beside what happened to all of them."""

POSTS_LATER: Final = frozenset({Ending.SEND_BACK})
"""Endings that post only when the provider has done what it is asked for."""


def kind_badge(kind: str) -> Badge:
    """Return how a kind of case is shown."""
    return KINDS[CaseKind(kind)]


def state_badge(state: str) -> Badge:
    """Return how the state of a case is shown."""
    return STATES[state]


def ending_word(kind: str, ending: str) -> str:
    """Return what the ending of a case is called."""
    if ending == BY_ITSELF:
        return str(lazy_gettext("the reason went away"))
    found = resolution(kind, ending)
    return translate(found.name) if found else ending


def outcome_word(outcome: str) -> str:
    """Return what a piece of evidence says became of an operation."""
    return str(OUTCOMES.get(outcome, outcome))


def source_word(source: str) -> str:
    """Return how a piece of evidence came to us."""
    return str(SOURCES.get(source, source))
