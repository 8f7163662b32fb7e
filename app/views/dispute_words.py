"""Disputes and provider's events in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.domain.payments import DisputeStage, DisputeStatus
from app.queries.inbound import STATES
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping

DISPUTE_BADGES: Final[Mapping[str, Badge]] = {
    DisputeStatus.OPEN: Badge(lazy_gettext("To be answered"), "warning", "hammer"),
    DisputeStatus.UNDER_REVIEW: Badge(lazy_gettext("Under review"), "info", "hourglass-split"),
    DisputeStatus.WON: Badge(lazy_gettext("Won"), "success", "check-lg"),
    DisputeStatus.LOST: Badge(lazy_gettext("Lost"), "danger", "arrow-return-left"),
    DisputeStatus.ACCEPTED: Badge(lazy_gettext("Accepted"), "neutral", "arrow-return-left"),
    DisputeStatus.EXPIRED: Badge(lazy_gettext("Not answered in time"), "danger", "clock"),
}
STAGES: Final[Mapping[str, str]] = {
    DisputeStage.INQUIRY: lazy_gettext("Inquiry"),
    DisputeStage.CHARGEBACK: lazy_gettext("Chargeback"),
    DisputeStage.PRE_ARBITRATION: lazy_gettext("Pre-arbitration"),
    DisputeStage.ARBITRATION: lazy_gettext("Arbitration"),
}
EVENT_BADGES: Final[Mapping[str, Badge]] = {
    "received": Badge(lazy_gettext("Waits to be applied"), "info", "hourglass-split"),
    "applied": Badge(lazy_gettext("Applied"), "success", "check-lg"),
    "unmatched": Badge(lazy_gettext("Nothing known for it"), "warning", "question-circle"),
    "ignored": Badge(lazy_gettext("Says nothing of money"), "neutral", "slash-circle"),
    "failed": Badge(lazy_gettext("Could not be applied"), "danger", "x-lg"),
}


def dispute_badge(status: str) -> Badge:
    """Return how a dispute's status is shown."""
    return DISPUTE_BADGES[status]


def stage_word(stage: str) -> str:
    """Return what a stage of a dispute is called."""
    return str(STAGES[stage])


def event_badge(state: str) -> Badge:
    """Return how the state of a provider's event is shown."""
    return EVENT_BADGES[state]


def dispute_choices() -> list[tuple[str, str]]:
    """Return (status, word) of every status of a dispute."""
    return [(status, str(badge.word)) for status, badge in DISPUTE_BADGES.items()]


def stage_choices() -> list[tuple[str, str]]:
    """Return (stage, word) of every stage of a dispute."""
    return [(stage, str(word)) for stage, word in STAGES.items()]


def event_choices() -> list[tuple[str, str]]:
    """Return (state, word) of every state of a provider's event."""
    return [(state, str(EVENT_BADGES[state].word)) for state in STATES]
