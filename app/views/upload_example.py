"""The columns of a file of payments, explained, and a small file to begin with."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.domain import bulk_rows
from app.domain.bulk_header import MAX_METADATA_KEYS, METADATA_PREFIX, REQUIRED_COLUMNS
from app.domain.bulk_links import LINK
from app.domain.bulk_methods import MAX_APM_NAME
from app.domain.currencies import MAX_CODE_LENGTH
from app.domain.methods import upi
from app.domain.money import Money, format_major

if TYPE_CHECKING:
    from app.domain.money import DecimalMark

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Explained:
    """One column; `most` is how many characters it takes, 0 where that says nothing."""

    name: str
    meaning: str
    most: int = 0

    @property
    def is_required(self) -> bool:
        """Whether every file must have it."""
        return self.name in REQUIRED_COLUMNS


COLUMNS: Final = (
    Explained(
        "reference",
        lazy_gettext("Your own number of the payment; each one once."),
        bulk_rows.MAX_REFERENCE,
    ),
    Explained("amount", lazy_gettext("In major units, without grouping, such as 10.50 or 10,50.")),
    Explained("currency", lazy_gettext("The code of the currency, such as EUR.")),
    Explained(
        "method",
        lazy_gettext(
            "How it is paid: card, upi, crypto or apm; or link, for a payment link by which the "
            "payer chooses."
        ),
    ),
    Explained(
        "card_token",
        lazy_gettext("The token of a stored card, never a card number; needed for cards."),
        bulk_rows.MAX_CARD_TOKEN,
    ),
    Explained(
        "vpa",
        lazy_gettext(
            "For UPI, where a request to the payer's address is allowed; without it the payer scans"
            " a code."
        ),
        upi.MAX_VPA,
    ),
    Explained("asset", lazy_gettext("For crypto: such as BTC or USDC@ethereum."), MAX_CODE_LENGTH),
    Explained(
        "apm_name", lazy_gettext("For alternative methods: the name, such as ideal."), MAX_APM_NAME
    ),
    Explained("capture", lazy_gettext("automatic: charged at once; manual: only reserved.")),
    Explained(
        "expires",
        lazy_gettext(
            "For links: until when they can be paid, as a number of days or the last day, such as "
            "14 or 2026-01-31."
        ),
    ),
    Explained(
        "locale", lazy_gettext("For links: the language of mails to the payer: en, hi or de.")
    ),
    Explained(
        "send", lazy_gettext("For links: yes, if the link is sent to customer_email by mail.")
    ),
    Explained("customer_name", lazy_gettext("The payer's name."), bulk_rows.MAX_NAME),
    Explained("customer_email", lazy_gettext("The payer's e-mail address."), bulk_rows.MAX_EMAIL),
    Explained("customer_phone", lazy_gettext("The payer's phone number."), bulk_rows.MAX_PHONE),
    Explained("description", lazy_gettext("What is paid for."), bulk_rows.MAX_DESCRIPTION),
    Explained(
        f"{METADATA_PREFIX}NAME",
        lazy_gettext("Whatever you want to find again, in columns of your own naming."),
        bulk_rows.MAX_METADATA_VALUE,
    ),
)
MOST_METADATA: Final = MAX_METADATA_KEYS
_HEADER = tuple(column.name for column in COLUMNS if not column.name.startswith(METADATA_PREFIX))


def content(decimal_mark: DecimalMark, *, livemode: bool) -> bytes:
    """Return a file that passes the check as it is; in the test book its payments succeed.

    It has a byte order mark, and a semicolon where decimals have a comma, so that a spreadsheet of
    that language opens it in columns.
    """
    token = "token-of-the-card" if livemode else "tok_approve"
    rows = [
        {
            "reference": f"EXAMPLE-{number}",
            "amount": format_major(Money(amount_minor, "EUR"), decimal_mark=decimal_mark),
            "currency": "EUR",
            "method": "card",
            "card_token": token,
            "capture": capture,
            "customer_name": "Jo Example",
            "customer_email": "jo@example.com",
            "description": "Cotton curtains",
        }
        for number, amount_minor, capture in ((1, 1050, "automatic"), (2, 129900, "manual"))
    ]
    rows.append(
        {
            "reference": "EXAMPLE-3",
            "amount": format_major(Money(4900, "EUR"), decimal_mark=decimal_mark),
            "currency": "EUR",
            "method": LINK,
            "expires": "14",
            "locale": "en",
            "send": "no",
            "customer_name": "Jo Example",
            "customer_email": "jo@example.com",
            "description": "Curtain rail",
        }
    )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(
        out, _HEADER, delimiter=";" if decimal_mark == "," else ",", lineterminator="\r\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return f"{_BYTE_ORDER_MARK}{out.getvalue()}".encode()
