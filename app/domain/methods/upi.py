"""UPI: payment addresses, links, and what NPCI allows by a merchant's category and by date.

Sources: NPCI, "UPI Linking Specifications" 1.6 (links, addresses); the circulars named beside each
row of LIMITS; Razorpay, "Migrate from UPI Collect" (withdrawn from 28 February 2026 except MCC 6012
and 6211).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

from app.domain.money import Money, format_major, parse_major
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Mapping

CURRENCY: Final = "INR"
QR: Final = "qr"
INTENT: Final = "intent"
COLLECT: Final = "collect"
LINK: Final = "upi://pay?"
MAX_VPA: Final = 255

COLLECT_ENDS: Final = date(2026, 2, 28)
COLLECT_GOES_ON: Final = frozenset({"6012", "6211"})

_VPA = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,190}@[A-Za-z][A-Za-z0-9]{1,63}")
_RRN = re.compile(r"[0-9]{12}")
_MCC = re.compile(r"[0-9]{4}")
_SHOWN_OF_VPA = 2
_LAKH_MINOR = 100_000 * 100


@dataclass(frozen=True, slots=True)
class Limit:
    """The most of a single payment from a day on, for verified merchants of some categories."""

    since: date
    mccs: frozenset[str]
    most_minor: int


BASE_MINOR: Final = _LAKH_MINOR
"""One lakh rupees, in paise, which any merchant may take at once (UPI Procedural Guidelines)."""

_HOSPITALS = (
    ("0742", "8011", "8021", "8031", "8041", "8042"),
    ("8049", "8050", "8062", "8071", "8099"),
)
_SCHOOLS = ("8211", "8220", "8241", "8244", "8249", "8299")

LIMITS: Final[tuple[Limit, ...]] = (
    # NPCI/UPI/OC-185/2023-24 of 19 December 2023: hospitals and education.
    Limit(
        date(2024, 1, 10), frozenset({*_HOSPITALS[0], *_HOSPITALS[1], *_SCHOOLS}), 5 * _LAKH_MINOR
    ),
    # NPCI/UPI/2024-25/OC-185A of 24 August 2024: taxes.
    Limit(date(2024, 9, 15), frozenset({"9311"}), 5 * _LAKH_MINOR),
    # NPCI's circular of 28 August 2025: capital markets, insurance, government, travel, credit card
    # bills, collections, term deposits; and jewellery, initial funding of accounts.
    Limit(
        date(2025, 9, 15),
        frozenset({"6211", "5960", "6300", "6529", "9311", "4722", "5413", "7322", "7410"}),
        5 * _LAKH_MINOR,
    ),
    Limit(date(2025, 9, 15), frozenset({"5944", "7409"}), 2 * _LAKH_MINOR),
)
"""By day of coming into force. What NPCI ties to a purpose code (IPO, forex) is not in it."""


def limit_minor(mcc: str, on: date, *, verified: bool) -> int:
    """Return the most of a single payment, in paise, to a merchant of a category on a day.

    `mcc` is the ISO 18245 category, empty where it is not known; `on` a day in India.
    """
    if not verified:
        return BASE_MINOR
    found = [limit for limit in LIMITS if mcc in limit.mccs and limit.since <= on]
    return max(found, key=lambda limit: limit.since).most_minor if found else BASE_MINOR


def collect_allowed(mcc: str, on: date) -> bool:
    """Whether the payer may be asked by their address (a collect request) on a day in India."""
    return on < COLLECT_ENDS or mcc in COLLECT_GOES_ON


def parse_vpa(text: str, place: str = "vpa") -> str:
    """Return a payment address as it is kept: without blanks around it, in lower case.

    Raises BadInputError.
    """
    stripped = text.strip()
    if not _VPA.fullmatch(stripped):
        raise BadInputError(
            place,
            said("is no UPI address.") if stripped else said("is empty."),
            said("Write it like name@bank."),
        )
    return stripped.lower()


def mask_vpa(text: str) -> str:
    """Return an address as it may be shown: its beginning and the bank behind the @."""
    name, at, bank = text.partition("@")
    return f"{name[:_SHOWN_OF_VPA]}…{at}{bank}" if at else "…"


def is_rrn(text: str) -> bool:
    """Whether it is a retrieval reference number: twelve digits, by which banks find a payment."""
    return _RRN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpiLink:
    """What a link or a QR code asks an app to pay; `amount_minor` in paise, None: the payer says.

    `payee` is the address (pa), `name` the payee's name (pn), `mcc` the category (mc), `reference`
    the payee's own (tr), `note` a text for the payer (tn). Raises BadInputError.
    """

    payee: str
    name: str = ""
    mcc: str = ""
    reference: str = ""
    note: str = ""
    amount_minor: int | None = None

    def __post_init__(self) -> None:
        """Refuse what no app would read."""
        if not _VPA.fullmatch(self.payee):
            raise _unreadable(said("has no payee's address."))
        if self.mcc and not _MCC.fullmatch(self.mcc):
            raise _unreadable(said("has a category that is not four digits."))
        if self.amount_minor is not None and self.amount_minor <= 0:
            raise _unreadable(said("asks for nothing."))


def write_link(link: UpiLink) -> str:
    """Return the link: rupees with two decimals, spaces as %20, empty parts left out."""
    amount = link.amount_minor
    parts = {
        "pa": link.payee,
        "pn": link.name,
        "mc": link.mcc,
        "tr": link.reference,
        "tn": link.note,
        "am": "" if amount is None else format_major(Money(amount, CURRENCY)),
        "cu": CURRENCY,
    }
    return LINK + "&".join(f"{key}={quote(text, safe='@')}" for key, text in parts.items() if text)


def read_link(text: str) -> UpiLink:
    """Read a link; parts that we do not use are passed over.

    Raises BadInputError (place "link") for another scheme, a part that stands twice, another
    currency, and an amount that is not exact.
    """
    if not text.startswith(LINK):
        raise _unreadable(said("does not begin with {begin}.", begin=LINK))
    parts = _parts(text.removeprefix(LINK))
    if parts.get("cu", CURRENCY) != CURRENCY:
        raise _unreadable(said("asks for another currency than rupees."))
    amount = parts.get("am")
    return UpiLink(
        payee=parts.get("pa", ""),
        name=parts.get("pn", ""),
        mcc=parts.get("mc", ""),
        reference=parts.get("tr", ""),
        note=parts.get("tn", ""),
        amount_minor=None
        if amount is None
        else parse_major(amount, CURRENCY, place="link").amount_minor,
    )


def _parts(query: str) -> Mapping[str, str]:
    parts: dict[str, str] = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key in parts:
            raise _unreadable(said("says {part} twice.", part=key[:16]))
        parts[key] = _decoded(value)
    return parts


def _decoded(text: str) -> str:
    try:
        value = unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise _unreadable(said("is not written in UTF-8.")) from error
    if not value.isprintable():
        raise _unreadable(said("has characters that cannot be printed."))
    return value


def _unreadable(reason: str) -> BadInputError:
    return BadInputError("link", reason)
