"""Merchants who ask to be taken on: how their application stands, what it says, what they get."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.domain.notifications import is_address, one_line
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class ApplicationState(StrEnum):
    """How an application stands.

    unconfirmed: nobody has proved the address. waiting: for the house to decide. lapsed: nobody
    proved the address in time, and who it was is forgotten.
    """

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    LAPSED = "lapsed"


_S = ApplicationState
EDGES: Final[Mapping[ApplicationState, frozenset[ApplicationState]]] = MappingProxyType(
    {
        _S.UNCONFIRMED: frozenset({_S.WAITING, _S.LAPSED}),
        _S.WAITING: frozenset({_S.APPROVED, _S.REJECTED}),
        _S.APPROVED: frozenset(),
        _S.REJECTED: frozenset(),
        _S.LAPSED: frozenset(),
    }
)
"""State → what it may become; nothing else happens to an application."""

UNCONFIRMED_LASTS: Final = timedelta(days=3)
"""How long the link that proves an address works, and an application waits for it."""
MOST_A_DAY: Final = 3
"""Mails about signing up that one address is sent within a day."""
MOST_LINE: Final = 255
MOST_NAME: Final = 64
MOST_BUSINESS: Final = 128
MOST_REASON: Final = 200
TEST_CAPABILITIES: Final = ("card", "upi", "apm", "crypto", "bulk")
"""What a merchant may do in the test book from its approval on; live is granted by people."""
MOST_KEY: Final = 40

_SHORTEST_KEY: Final = 2
_NO_KEY: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication:
    """What a business tells of itself: `country` by ISO 3166, `timezone` an IANA name."""

    business: str
    country: str
    currency: str
    timezone: str
    website: str
    sells: str
    first_name: str
    last_name: str
    email: str


def may_become(now: ApplicationState, then: ApplicationState) -> bool:
    """Answer whether an application of one state may get into another."""
    return then in EDGES[now]


def check(wanted: NewApplication) -> NewApplication:
    """Return the texts without blanks around them; raises BadInputError naming the field.

    Country, currency and time zone are those of a merchant, and checked where merchants are.
    """
    kept = replace(
        wanted,
        business=_line(wanted.business, "business", MOST_BUSINESS),
        sells=_line(" ".join(wanted.sells.split()), "sells", MOST_LINE),
        first_name=_line(wanted.first_name, "first_name", MOST_NAME),
        last_name=_line(wanted.last_name, "last_name", MOST_NAME),
        website=_website(wanted.website.strip()),
        email=wanted.email.strip(),
    )
    if not is_address(kept.email):
        raise BadInputError(
            "email", said("is not an address."), said("Write it like name@example.com.")
        )
    return kept


def reason(text: str) -> str:
    """Return why somebody is not taken on, as one line; raises BadInputError."""
    return _line(" ".join(text.split()), "reason", MOST_REASON)


def suggested_key(name: str, taken: Collection[str] = ()) -> str:
    """Return a short name for a business, made of its name: letters a-z, digits and dashes.

    What is taken gets a number behind it.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = _NO_KEY.sub("-", plain).strip("-").lstrip("0123456789-")[:MOST_KEY].rstrip("-")
    base = found if len(found) >= _SHORTEST_KEY else "merchant"
    key, number = base, 1
    while key in taken:
        number += 1
        ending = f"-{number}"
        key = base[: MOST_KEY - len(ending)].rstrip("-") + ending
    return key


def _line(text: str, place: str, most: int) -> str:
    """Return a text of one line that can be printed, and stand in a mail's head."""
    found = text.strip()
    if not found:
        raise BadInputError(place, said("is empty."), said("Write it down."))
    if len(found) > most:
        raise BadInputError(
            place, said("is too long."), said("Use at most {most} characters.", most=most)
        )
    if one_line(found) != found or not found.isprintable():
        raise BadInputError(
            place,
            said("holds line breaks or signs that cannot be printed."),
            said("Write plain text in one line."),
        )
    return found


def _website(text: str) -> str:
    if not text:
        return ""
    whole = text if "://" in text else f"https://{text}"
    if not _leads_somewhere(whole):
        raise BadInputError(
            "website", said("is no address of a website."), said("Write it like www.example.com.")
        )
    return _line(whole, "website", MOST_LINE)


def _leads_somewhere(address: str) -> bool:
    """Answer whether it names a host of the public kind, and nobody's password."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return is_plain and "." in host.strip(".") and not any(map(str.isspace, address))
