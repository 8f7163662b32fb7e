"""Webhooks in the reader's words: what is told, how endpoints and deliveries stand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext, lazy_gettext

from app.domain.webhooks_out import CHOICES, DeliveryState, EndpointState, EventType
from app.queries.webhooks_out import FAILING, STATES
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ENDPOINTS: Final[Mapping[str, Badge]] = {
    EndpointState.ENABLED: Badge(lazy_gettext("Works"), "success", "check-lg"),
    FAILING: Badge(lazy_gettext("Does not answer well"), "warning", "exclamation-triangle"),
    EndpointState.DISABLED: Badge(lazy_gettext("Disabled"), "danger", "slash-circle"),
}
DELIVERIES: Final[Mapping[str, Badge]] = {
    DeliveryState.WAITING: Badge(lazy_gettext("On its way"), "info", "hourglass-split"),
    DeliveryState.DELIVERED: Badge(lazy_gettext("Delivered"), "success", "check-lg"),
    DeliveryState.FAILED: Badge(lazy_gettext("Given up"), "danger", "x-lg"),
}
FAMILIES: Final[Mapping[str, str]] = {
    "payment": lazy_gettext("Payments"),
    "refund": lazy_gettext("Refunds"),
    "dispute": lazy_gettext("Disputes"),
    "bulk_upload": lazy_gettext("Uploads"),
}
EVENTS: Final[Mapping[str, str]] = {
    EventType.PAYMENT_CREATED: lazy_gettext("A payment was made"),
    EventType.PAYMENT_REQUIRES_ACTION: lazy_gettext("The payer must act"),
    EventType.PAYMENT_PROCESSING: lazy_gettext("A payment is being processed"),
    EventType.PAYMENT_AUTHORIZED: lazy_gettext("A payment was authorized"),
    EventType.PAYMENT_PARTIALLY_CAPTURED: lazy_gettext("A part of a payment was captured"),
    EventType.PAYMENT_SUCCEEDED: lazy_gettext("A payment succeeded"),
    EventType.PAYMENT_FAILED: lazy_gettext("A payment failed"),
    EventType.PAYMENT_BLOCKED: lazy_gettext("A payment was blocked"),
    EventType.PAYMENT_IN_REVIEW: lazy_gettext("A payment is being reviewed"),
    EventType.PAYMENT_CANCELED: lazy_gettext("A payment was canceled"),
    EventType.PAYMENT_EXPIRED: lazy_gettext("The time of a payment was over"),
    EventType.PAYMENT_PARTIALLY_REFUNDED: lazy_gettext("A part of a payment went back"),
    EventType.PAYMENT_REFUNDED: lazy_gettext("A payment went back"),
    EventType.PAYMENT_CHARGED_BACK: lazy_gettext("The bank took a payment back"),
    EventType.REFUND_CREATED: lazy_gettext("A refund was asked for"),
    EventType.REFUND_REQUIRES_ACTION: lazy_gettext("A refund needs the payer"),
    EventType.REFUND_SUCCEEDED: lazy_gettext("A refund succeeded"),
    EventType.REFUND_FAILED: lazy_gettext("A refund failed"),
    EventType.DISPUTE_OPENED: lazy_gettext("A payer disputes a payment"),
    EventType.DISPUTE_UPDATED: lazy_gettext("A dispute goes on"),
    EventType.DISPUTE_CLOSED: lazy_gettext("A dispute is over"),
    EventType.BULK_UPLOAD_COMPLETED: lazy_gettext("All rows of a file are done"),
    EventType.TEST: lazy_gettext("A test"),
}
OVERLAPS: Final = {
    "0": lazy_gettext("Now"),
    "86400": lazy_gettext("In 24 hours"),
    "604800": lazy_gettext("In 7 days"),
}
"""When the former secret stops signing, by seconds."""

USUAL_OVERLAP: Final = "86400"
WHICH: Final = {
    "failed": lazy_gettext("Only what was given up"),
    "all": lazy_gettext("Everything that this endpoint takes"),
}


def overlap(text: str) -> timedelta:
    """Return how long the former secret signs; one that was not offered the service refuses."""
    return timedelta(seconds=int(text)) if text in OVERLAPS else timedelta(seconds=-1)


def endpoint_badge(row: Any) -> Badge:
    """Return how an endpoint stands."""
    failing = row.state == EndpointState.ENABLED and row.failing_since is not None
    return ENDPOINTS[FAILING if failing else row.state]


def delivery_badge(row: Any) -> Badge:
    """Return how a delivery stands."""
    return DELIVERIES[row.state]


def endpoint_choices() -> list[tuple[str, str]]:
    """Return (state, word) of what endpoints are narrowed by."""
    return [(state, str(ENDPOINTS[state].word)) for state in STATES]


def delivery_choices() -> list[tuple[str, str]]:
    """Return (state, word) of every state of a delivery."""
    return [(state, str(badge.word)) for state, badge in DELIVERIES.items()]


def event_word(kind: str) -> str:
    """Return what an event says."""
    return str(EVENTS.get(kind, kind))


def event_choices() -> list[tuple[str, str]]:
    """Return (type, word) of every type that there is."""
    return [(kind, f"{word} ({kind})") for kind, word in EVENTS.items()]


def families() -> list[tuple[str, str, Sequence[tuple[str, str]]]]:
    """Return (family, word, [(type, word)]) of what an endpoint may choose from."""
    return [
        (
            family,
            str(word),
            [(kind, event_word(kind)) for kind in CHOICES if kind.startswith(f"{family}.")],
        )
        for family, word in FAMILIES.items()
    ]


def in_short(events: str) -> str:
    """Return what an endpoint takes, in one line of a list."""
    return str(gettext("Everything")) if events == "*" else events.replace(" ", ", ")
