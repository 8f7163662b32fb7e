"""Mails that people are sent: their kinds, how they stand, when they are tried again; addresses."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class NotificationKind(StrEnum):
    """What a mail says."""

    RECEIPT = "receipt"
    UPLOAD_FINISHED = "upload_finished"
    WEBHOOK_DISABLED = "webhook_disabled"
    INVITATION = "invitation"
    RESET = "password_reset"
    RESET_DONE = "password_changed"
    SIGN_UP_CONFIRM = "sign_up_confirm"
    SIGN_UP_KNOWN = "sign_up_known"
    SIGN_UP_REJECTED = "sign_up_rejected"
    PAYMENT_LINK = "payment_link"


class NotificationState(StrEnum):
    """How a mail stands.

    waiting was never tried, failed was tried in vain and is tried again, given_up is not.
    """

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    GIVEN_UP = "given_up"


OPEN_STATES: Final = frozenset({NotificationState.WAITING, NotificationState.FAILED})
WAITS_SECONDS: Final = (0, 60, 300, 1800, 7200, 21600)
"""Seconds before each attempt, the first at once; after the last it is given up."""
MOST_ROUNDS: Final = 5
"""How often people may have one mail sent again."""
MOST_ADDRESS: Final = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3, without the angle brackets)."""

_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,255}")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def next_wait(attempts: int) -> int | None:
    """Return the seconds until the next attempt after so many in vain; None when it is given up."""
    return WAITS_SECONDS[attempts] if attempts < len(WAITS_SECONDS) else None


def is_address(text: str) -> bool:
    """Answer whether mail can be sent there: one plain address, without a name around it."""
    return len(text) <= MOST_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text) is not None


def one_line(text: str) -> str:
    """Return a text that cannot break out of a line: no breaks, controls or turns of direction.

    What looks like an encoded word (RFC 2047) could hold a break, and is taken apart.
    """
    return _BREAKS.sub(" ", text).replace("=?", "= ?").strip()


def masked(address: str) -> str:
    """Return an address as it is shown in lists: its first letter and its host."""
    name, at, host = address.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else "…"
