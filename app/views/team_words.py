"""Teams, invitations and mails in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext

from app.domain.notifications import NotificationKind, NotificationState
from app.domain.person_tokens import InvitationState
from app.services.person_links import state_of
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

INVITATIONS: Final[Mapping[str, Badge]] = {
    InvitationState.PENDING: Badge(lazy_gettext("Invited"), "info", "hourglass-split"),
    InvitationState.ACCEPTED: Badge(lazy_gettext("Accepted"), "success", "check-lg"),
    InvitationState.REVOKED: Badge(lazy_gettext("Taken back"), "secondary", "slash-circle"),
    InvitationState.LAPSED: Badge(lazy_gettext("Lapsed"), "secondary", "x-lg"),
}
MAILS: Final[Mapping[str, Badge]] = {
    NotificationState.WAITING: Badge(lazy_gettext("On its way"), "info", "hourglass-split"),
    NotificationState.SENT: Badge(lazy_gettext("Sent"), "success", "check-lg"),
    NotificationState.FAILED: Badge(
        lazy_gettext("Is tried again"), "warning", "exclamation-triangle"
    ),
    NotificationState.GIVEN_UP: Badge(lazy_gettext("Given up"), "danger", "x-lg"),
}
KINDS: Final[Mapping[str, str]] = {
    NotificationKind.RECEIPT: lazy_gettext("Receipt"),
    NotificationKind.UPLOAD_FINISHED: lazy_gettext("File is done"),
    NotificationKind.WEBHOOK_DISABLED: lazy_gettext("Webhook endpoint disabled"),
    NotificationKind.INVITATION: lazy_gettext("Invitation"),
    NotificationKind.RESET: lazy_gettext("Link to a new password"),
    NotificationKind.RESET_DONE: lazy_gettext("Password changed"),
    NotificationKind.SIGN_UP_CONFIRM: lazy_gettext("Link that proves an address"),
    NotificationKind.SIGN_UP_KNOWN: lazy_gettext("An account is there already"),
    NotificationKind.SIGN_UP_REJECTED: lazy_gettext("Application rejected"),
    NotificationKind.PAYMENT_LINK: lazy_gettext("Payment link"),
}


def invitation_badge(row: Any, now: datetime) -> Badge:
    """Return how an invitation stands."""
    return INVITATIONS[state_of(row, now)]


def invitation_word(state: str) -> str:
    """Return what a state of an invitation is called."""
    return str(INVITATIONS[state].word)


def mail_word(state: str) -> str:
    """Return what a state of a mail is called."""
    return str(MAILS[state].word)


def kind_word(kind: str) -> str:
    """Return what a mail says."""
    return str(KINDS.get(kind, kind))
