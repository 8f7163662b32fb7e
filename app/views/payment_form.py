"""The form of one payment: read by the same rules as a row of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain.bulk_rows import Header, PaymentRow, parse_row
from app.domain.card_numbers import scrub_text
from app.errors import BadInputError, PayAgencyError, Said
from app.services.payments import NewPayment
from app.views.amounts import decimal_mark
from app.views.forms import sentence
from app.views.locales import told, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.domain.bulk_rows import CellError

LABELS = {
    "reference": lazy_gettext("Reference"),
    "amount": lazy_gettext("Amount"),
    "currency": lazy_gettext("Currency"),
    "card_token": lazy_gettext("Card token"),
    "capture": lazy_gettext("Capture"),
    "customer_name": lazy_gettext("Customer's name"),
    "customer_email": lazy_gettext("Customer's e-mail"),
    "customer_phone": lazy_gettext("Customer's phone"),
    "description": lazy_gettext("Description"),
}
FIELDS = tuple(LABELS)
FORM = "form"
"""The place of what is wrong with no field in particular."""

_HEADER = Header((*FIELDS, "method"))
_NEVER_SHOWN_AGAIN = "card_token"
# Token and what the sandbox provider makes of it.
SANDBOX_TOKENS = (
    ("tok_approve", lazy_gettext("Approved")),
    ("tok_decline", lazy_gettext("Declined")),
    ("tok_insufficient", lazy_gettext("Declined for insufficient funds")),
    ("tok_challenge", lazy_gettext("The payer must act on a page")),
    ("tok_dispute", lazy_gettext("Approved, disputed later")),
    ("tok_error", lazy_gettext("Declined by a processing error")),
    ("tok_hang", lazy_gettext("No answer comes although it took effect")),
)


def filled(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, by field."""
    return {name: form.get(name, "") for name in FIELDS}


def read(values: dict[str, str]) -> tuple[NewPayment | None, dict[str, str]]:
    """Return the payment asked for, or what is wrong by field.

    Empties the token and scrubs what will be shown again: no card number goes back to a screen.
    """
    cells = [*(values[name] for name in FIELDS), "card"]
    row = parse_row(_HEADER, cells, line=1, decimal_mark=decimal_mark())
    for name in FIELDS:
        values[name] = "" if name == _NEVER_SHOWN_AGAIN else scrub_text(values[name])
    if not isinstance(row, PaymentRow):
        return None, {error.column: _beside(error) for error in row.errors}
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


def _beside(error: CellError) -> str:
    """Return what is wrong with a cell, for a place where its column is named already."""
    message = error.message
    reason = message.values.get("reason", message) if isinstance(message, Said) else message
    text = translate(str(reason) if not isinstance(reason, Said) else reason)
    return text[:1].upper() + text[1:]


def refused(error: PayAgencyError) -> dict[str, str]:
    """Return what the service finds wrong, beside its field where it names one."""
    place = error.place if isinstance(error, BadInputError) else FORM
    return {place: sentence(error)} if place in FIELDS else {FORM: told(error)}


def faults(errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong as (field, sentence), for the summary above the form."""
    return [
        (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
        for place, text in errors.items()
    ]
