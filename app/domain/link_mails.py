"""Mails of payment links: what may be said in one, and how many there may be in a day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.domain.card_numbers import refuse
from app.domain.locales import DEFAULT, LOCALES
from app.domain.notifications import is_address, one_line
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_MESSAGE: Final = 500
MOST_OF_LINK: Final = 20
"""How many mails of one link are sent in a day at most, whoever asks."""
MOST_OF_MERCHANT: Final = 500
"""How many mails of all links of a merchant are sent in a day at most, in one book."""

_ADDRESS: Final = re.compile(r"://|\bwww\.", re.IGNORECASE)
# What mail programs take for the name of a host: letters right behind a point within a word.
_HOST_POINT: Final = re.compile(r"(?<=\w)\.(?=[^\W\d_]{2})")
_NO_BREAK: Final = "\N{WORD JOINER}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkMail:
    """A mail of a link to be: to whom, in which language, and what its sender adds."""

    to: str
    locale: str = DEFAULT
    message: str = ""


def check(wanted: LinkMail) -> LinkMail:
    """Return a mail in the form in which it is sent: its message is one line.

    Raises BadInputError at `to`, `locale` or `message`, and CardNumberRefusedError.
    """
    to = wanted.to.strip()
    refuse(to, "to")
    if not to:
        raise BadInputError("to", said("is missing."), said("Give one."))
    if not is_address(to):
        raise BadInputError("to", said("is no e-mail address."), said("Correct it."))
    if wanted.locale not in LOCALES:
        raise BadInputError(
            "locale",
            said("is no language that we write."),
            said("Choose one of {known}.", known=", ".join(LOCALES)),
        )
    return replace(wanted, to=to, message=_check_message(wanted.message))


def day_of(now: datetime) -> str:
    """Return the day by which mails are counted, that of UTC."""
    return now.date().isoformat()


def inert(message: str) -> str:
    """Return a message in which no mail program finds an address to be pressed."""
    return _HOST_POINT.sub(f".{_NO_BREAK}", message).replace("@", f"@{_NO_BREAK}")


def _check_message(text: str) -> str:
    message = one_line(text)
    refuse(message, "message")
    if len(message) > LONGEST_MESSAGE:
        raise BadInputError(
            "message", said("is longer than {count} characters.", count=LONGEST_MESSAGE)
        )
    if _ADDRESS.search(message):
        raise BadInputError(
            "message",
            said("has a web address in it."),
            said("Leave it out: the mail leads to the payment by itself."),
        )
    return message
