"""The columns of a row that becomes a payment link, by which its payer chooses how to pay."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.domain.emails import MAX_EMAIL
from app.domain.locales import LOCALES
from app.domain.payment_links import LONGEST_LIFE, LONGEST_REFERENCE
from app.errors import said

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from app.domain.bulk_cells import Cells

LINK: Final = "link"
"""What stands in the column of the method."""
MAX_EXPIRES: Final = 10
_MAX_WORD: Final = 24
_SENDS: Final = {"yes": True, "no": False}
_DAYS: Final = re.compile(r"[0-9]{1,3}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LAST_DAY: Final = date(9998, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTerms:
    """Until when a link may be paid, in which language its payer is written to, and whether now.

    It ends `days` after it is made, or with the `day` of its merchant; without both by no time.
    """

    days: int | None = None
    day: date | None = None
    locale: str = ""
    send: bool = False

    def ends(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """Return when a link ends that is made now by a merchant of that time zone."""
        if self.days is not None:
            return now + timedelta(days=self.days)
        if self.day is None:
            return None
        return datetime.combine(self.day + timedelta(days=1), time(), zone).astimezone(UTC)

    def content(self) -> dict[str, Any]:
        """Return what a row is told apart by, without what was left out."""
        found = {
            "days": self.days,
            "day": self.day.isoformat() if self.day else None,
            "locale": self.locale or None,
            "send": self.send or None,
        }
        return {name: value for name, value in found.items() if value is not None}


def read_terms(row: Cells, method: str | None) -> LinkTerms | None:
    """Return what a row says of its link; None where it is none, whose columns are passed over."""
    if method != LINK:
        return None
    row.optional("reference", LONGEST_REFERENCE, too_long="reference_too_long")
    _refuse_manual(row)
    days, day = _end(row)
    return LinkTerms(days=days, day=day, locale=_locale(row), send=_send(row))


def _end(row: Cells) -> tuple[int | None, date | None]:
    text = row.optional("expires", MAX_EXPIRES, too_long="expires_invalid")
    if text is None:
        return None, None
    if _DAYS.fullmatch(text) and 0 < int(text) <= LONGEST_LIFE.days:
        return int(text), None
    day = _day(text)
    if day is None:
        row.fail(
            "expires",
            "expires_invalid",
            said(
                "is neither a number of days, 1 to {most}, nor a day such as 2026-01-31.",
                most=LONGEST_LIFE.days,
            ),
        )
    return None, day


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return found if found is not None and found <= _LAST_DAY else None


def _locale(row: Cells) -> str:
    text = (row.optional("locale", _MAX_WORD, too_long="locale_unknown") or "").lower()
    if text and text not in LOCALES:
        reason = said("is none of {known}. Empty it for English.", known=", ".join(LOCALES))
        row.fail("locale", "locale_unknown", reason)
        return ""
    return text


def _send(row: Cells) -> bool:
    text = (row.optional("send", _MAX_WORD, too_long="send_invalid") or "no").lower()
    if text not in _SENDS:
        row.fail("send", "send_invalid", said("is neither yes nor no. Empty it for no."))
        return False
    wants = _SENDS[text]
    if wants and row.optional("customer_email", MAX_EMAIL) is None:
        reason = said("is empty. A link that is sent by mail needs an address.")
        if not row.is_bad("customer_email"):
            row.fail("customer_email", "email_missing", reason)
    return wants


def _refuse_manual(row: Cells) -> None:
    if (row.optional("capture", _MAX_WORD, too_long="capture_invalid") or "").lower() == "manual":
        reason = said("is manual. What is paid by a link is charged at once: empty it.")
        row.fail("capture", "capture_not_possible", reason)
