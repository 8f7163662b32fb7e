"""The form of one payment: read by the same rules as a row of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.bulk_rows import Header, PaymentRow, parse_row
from app.domain.card_numbers import scrub_text
from app.services.payments import NewPayment

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = (
    "reference",
    "amount",
    "currency",
    "card_token",
    "capture",
    "customer_name",
    "customer_email",
    "customer_phone",
    "description",
)
_HEADER = Header((*FIELDS, "method"))
_NEVER_SHOWN_AGAIN = "card_token"
# Token and what the sandbox provider makes of it.
SANDBOX_TOKENS = (
    ("tok_approve", "approved"),
    ("tok_decline", "declined"),
    ("tok_insufficient", "declined for insufficient funds"),
    ("tok_challenge", "the payer must act on a page"),
    ("tok_dispute", "approved, disputed later"),
    ("tok_error", "declined by a processing error"),
    ("tok_hang", "no answer comes although it took effect"),
)


def filled(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, by field."""
    return {name: form.get(name, "") for name in FIELDS}


def read(values: dict[str, str]) -> tuple[NewPayment | None, dict[str, str]]:
    """Return the payment asked for, or what is wrong by field.

    Empties the token and scrubs what will be shown again: no card number goes back to a screen.
    """
    row = parse_row(_HEADER, [*(values[name] for name in FIELDS), "card"], line=1)
    for name in FIELDS:
        values[name] = "" if name == _NEVER_SHOWN_AGAIN else scrub_text(values[name])
    if not isinstance(row, PaymentRow):
        return None, {error.column: f"{error.message}" for error in row.errors}
    asked = NewPayment(
        amount=row.amount,
        method=row.method,
        reference=row.reference,
        origin="form",
        card_token=row.card_token,
        capture=row.capture,
        customer_name=row.customer_name or "",
        customer_email=row.customer_email or "",
        customer_phone=row.customer_phone or "",
        description=row.description or "",
    )
    return asked, {}
