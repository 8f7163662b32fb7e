"""The rules of a payments file, row by row: what is taken, and every cell that is not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from app.domain.bulk_cells import CellError, Cells, RowErrors
from app.domain.bulk_header import METADATA_PREFIX, Header, HeaderError, read_header
from app.domain.bulk_links import LINK, LinkTerms, read_terms
from app.domain.bulk_methods import METHODS, read_method
from app.domain.card_numbers import scrub_text
from app.domain.currencies import UnknownCurrencyError, parse_currency
from app.domain.emails import MAX_EMAIL, is_email
from app.domain.money import (
    AmountInvalidError,
    AmountNotPositiveError,
    AmountTooLargeError,
    DecimalMark,
    Money,
    TooManyDecimalsError,
    parse_major,
)
from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

__all__ = [
    "DEFAULT_METHODS",
    "LINK",
    "MAX_EMAIL",
    "METHODS",
    "CellError",
    "Header",
    "HeaderError",
    "PaymentRow",
    "RowErrors",
    "error_csv_cell",
    "is_email",
    "parse_row",
    "read_header",
]

DEFAULT_METHODS = frozenset({"card"})
MAX_REFERENCE = 64
MAX_AMOUNT = 64
MAX_CODE = 24
MAX_NAME = 128
MAX_PHONE = 32
MAX_DESCRIPTION = 255
MAX_CARD_TOKEN = 255
MAX_METADATA_VALUE = 500

_CHOICES = (*METHODS, LINK)
Capture = Literal["automatic", "manual"]
_CAPTURES: dict[str, Capture] = {"automatic": "automatic", "manual": "manual"}
# Where the currency is bad, the amount is still read as one with many decimals: every bad cell is
# named at once, and only what no currency would allow is held against it.
_FINEST = "ETH@ethereum"
_FORMULA_STARTS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One payment as the file asks for it; a blank cell is None, or left out of the metadata.

    With `link` it becomes a payment link, by which its payer makes the payment.
    """

    line: int
    reference: str
    amount: Money
    method: str
    customer_name: str | None = None
    customer_email: str | None = None
    customer_phone: str | None = None
    description: str | None = None
    method_name: str = ""
    details: dict[str, str] = field(default_factory=dict, repr=False)
    card_token: str | None = field(default=None, repr=False)
    capture: Capture = "automatic"
    metadata: dict[str, str] = field(default_factory=dict)
    link: LinkTerms | None = None

    def content_digest(self) -> bytes:
        """SHA-256 of what the row asks for, wherever it stands in the file.

        Blank cells are left out, so that a column added later does not change what rows without it
        digest to.
        """
        content = {
            "reference": self.reference,
            "amount_minor": self.amount.amount_minor,
            "currency": self.amount.currency,
            "method": self.method,
            "method_name": self.method_name or None,
            "details": self.details or None,
            "customer_name": self.customer_name,
            "customer_email": self.customer_email,
            "customer_phone": self.customer_phone,
            "description": self.description,
            "card_token": self.card_token,
            "capture": self.capture,
            "metadata": self.metadata or None,
            "link": self.link.content() if self.link else None,
        }
        filled = {name: value for name, value in content.items() if value is not None}
        return hashlib.sha256(
            json.dumps(filled, sort_keys=True, separators=(",", ":")).encode()
        ).digest()


def parse_row(
    header: Header,
    cells: Sequence[str],
    *,
    line: int,
    decimal_mark: DecimalMark = ".",
    enabled_methods: Collection[str] = DEFAULT_METHODS,
) -> PaymentRow | RowErrors:
    """Read one row, or name every bad cell of it.

    `line` is the physical line on which the row starts, `enabled_methods` what the merchant may be
    paid by now. Raises BadInputError only for another decimal mark.
    """
    row = Cells(header, cells, line)
    if not row.fits():
        return row.refused()
    reference = row.required("reference", MAX_REFERENCE, too_long="reference_too_long")
    amount = _amount(row, decimal_mark)
    method = _method(row, enabled_methods)
    card_token = _card_token(row, method)
    name, details = read_method(row, method)
    customer_name = row.optional("customer_name", MAX_NAME)
    customer_email = _email(row)
    customer_phone = row.optional("customer_phone", MAX_PHONE)
    description = row.optional("description", MAX_DESCRIPTION)
    capture = _capture(row)
    metadata = _metadata(row)
    link = read_terms(row, method)
    if row.errors or reference is None or amount is None or method is None:
        return row.refused()
    return PaymentRow(
        line=line,
        reference=reference,
        amount=amount,
        method=method,
        customer_name=customer_name,
        customer_email=customer_email,
        customer_phone=customer_phone,
        description=description,
        method_name=name,
        details=details,
        card_token=card_token,
        capture=capture,
        metadata=metadata,
        link=link,
    )


def error_csv_cell(text: str) -> str:
    """A cell of the error file: no formula for a spreadsheet, no card number.

    Source: OWASP, CSV Injection.
    """
    text = scrub_text(text)
    starts_formula = text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS)
    return f"'{text}" if starts_formula else text


def _amount(row: Cells, decimal_mark: DecimalMark) -> Money | None:
    currency = _currency(row)
    text = row.required("amount", MAX_AMOUNT, too_long="amount_invalid")
    if text is None:
        return None
    try:
        return parse_major(text, currency or _FINEST, decimal_mark=decimal_mark)
    except (AmountInvalidError, AmountNotPositiveError) as error:
        row.fail("amount", error.code, error.without_place)
    except (AmountTooLargeError, TooManyDecimalsError) as error:
        if currency:
            row.fail("amount", error.code, error.without_place)
    return None


def _currency(row: Cells) -> str | None:
    text = row.required("currency", MAX_CODE, too_long="unknown_currency")
    if text is None:
        return None
    try:
        return parse_currency(text)
    except UnknownCurrencyError as error:
        row.fail("currency", error.code, error.without_place)
        return None


def _method(row: Cells, enabled: Collection[str]) -> str | None:
    text = row.required("method", MAX_CODE, too_long="method_unknown")
    method = text.lower() if text else None
    if method is None:
        return None
    if method not in _CHOICES:
        known = ", ".join(_CHOICES)
        row.fail("method", "method_unknown", said("is none of {known}.", known=known))
        return None
    if method not in enabled:
        row.fail(
            "method",
            "method_not_enabled",
            said("{method} is not enabled. Ask us to enable it.", method=method),
        )
        return None
    return method


def _card_token(row: Cells, method: str | None) -> str | None:
    token = row.optional("card_token", MAX_CARD_TOKEN)
    if method == "card" and token is None and not row.is_bad("card_token"):
        row.fail(
            "card_token", "card_token_missing", said("is empty. A card payment needs a token.")
        )
    return token


def _email(row: Cells) -> str | None:
    email = row.optional("customer_email", MAX_EMAIL, too_long="email_invalid")
    if email is not None and not is_email(email):
        row.fail(
            "customer_email", "email_invalid", said("is no e-mail address. Correct or empty it.")
        )
    return email


def _capture(row: Cells) -> Capture:
    text = row.optional("capture", MAX_CODE, too_long="capture_invalid")
    if text is None:
        return "automatic"
    if text.lower() not in _CAPTURES:
        row.fail("capture", "capture_invalid", said("is neither automatic nor manual. Empty it."))
    return _CAPTURES.get(text.lower(), "automatic")


def _metadata(row: Cells) -> dict[str, str]:
    metadata = {}
    for column in row.columns:
        if column.startswith(METADATA_PREFIX):
            value = row.optional(column, MAX_METADATA_VALUE)
            if value is not None:
                metadata[column.removeprefix(METADATA_PREFIX)] = value
    return metadata
