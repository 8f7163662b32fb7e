"""The form of one payment: read by the same rules as a row of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain.bulk_rows import METHODS, Header, PaymentRow, parse_row
from app.domain.card_numbers import scrub_text
from app.domain.methods import upi
from app.errors import Said
from app.services.payments import NewPayment
from app.views.amounts import decimal_mark
from app.views.forms import sentence
from app.views.locales import told, translate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.domain.bulk_rows import CellError
    from app.domain.methods.rows import MethodRow
    from app.errors import PayAgencyError

LABELS = {
    "reference": lazy_gettext("Reference"),
    "amount": lazy_gettext("Amount"),
    "currency": lazy_gettext("Currency"),
    "method": lazy_gettext("Method"),
    "card_token": lazy_gettext("Card token"),
    "vpa": lazy_gettext("The payer's UPI address"),
    "asset": lazy_gettext("Crypto asset"),
    "apm_name": lazy_gettext("Alternative method"),
    "capture": lazy_gettext("Capture"),
    "customer_name": lazy_gettext("Customer's name"),
    "customer_email": lazy_gettext("Customer's e-mail"),
    "customer_phone": lazy_gettext("Customer's phone"),
    "description": lazy_gettext("Description"),
}
FIELDS = tuple(LABELS)
FORM = "form"
"""The place of what is wrong with no field in particular."""

FLOW = "upi_flow"
"""How the payer of a UPI payment is asked; it stands beside the fields of a file's row."""

_HEADER = Header(FIELDS)
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
    ("tok_silent", lazy_gettext("It took effect, and no answer ever tells so")),
)


# UPI address and what the sandbox provider makes of a request to it.
SANDBOX_VPAS = (
    ("success@sandbox", lazy_gettext("Confirmed")),
    ("failure@sandbox", lazy_gettext("Declined")),
    ("late@sandbox", lazy_gettext("Declined, and paid a little later")),
)


def filled(form: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, by field."""
    typed = {name: form.get(name, "") for name in (*FIELDS, FLOW)}
    return {**typed, "method": typed["method"] or "card", FLOW: typed[FLOW] or upi.QR}


def choices(rows: Sequence[MethodRow]) -> dict[str, list[tuple[str, str]]]:
    """Return what may be chosen by family: (name, title) of each method."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        found.setdefault(row.family, []).append((row.name, row.title))
    return found


def read(values: dict[str, str]) -> tuple[NewPayment | None, dict[str, str]]:
    """Return the payment asked for, or what is wrong by field.

    Empties the token and scrubs what will be shown again: no card number goes back to a screen.
    """
    flow = values[FLOW]
    cells = [values[name] if _is_asked(name, values) else "" for name in FIELDS]
    row = parse_row(_HEADER, cells, line=1, decimal_mark=decimal_mark(), enabled_methods=METHODS)
    for name in FIELDS:
        values[name] = "" if name == _NEVER_SHOWN_AGAIN else scrub_text(values[name])
    if not isinstance(row, PaymentRow):
        return None, {error.column: _beside(error) for error in row.errors}
    return _asked(row, flow), {}


def _asked(row: PaymentRow, flow: str) -> NewPayment:
    return NewPayment(
        amount=row.amount,
        method=row.method,
        reference=row.reference,
        origin="form",
        method_name=flow if row.method == "upi" else row.method_name,
        details=row.details,
        card_token=row.card_token,
        capture=row.capture,
        customer_name=row.customer_name or "",
        customer_email=row.customer_email or "",
        customer_phone=row.customer_phone or "",
        description=row.description or "",
    )


def _is_asked(name: str, values: Mapping[str, str]) -> bool:
    """Whether a field counts; those of another method may still hold what was typed before."""
    if name == "vpa":
        return values[FLOW] == upi.COLLECT
    return name != "card_token" or values["method"] == "card"


def _beside(error: CellError) -> str:
    """Return what is wrong with a cell, for a place where its column is named already."""
    message = error.message
    reason = message.values.get("reason", message) if isinstance(message, Said) else message
    text = translate(str(reason) if not isinstance(reason, Said) else reason)
    return text[:1].upper() + text[1:]


def refused(error: PayAgencyError) -> dict[str, str]:
    """Return what the service finds wrong, beside its field where it names one."""
    place = error.data.get("place", FORM)
    return {place: sentence(error)} if place in FIELDS else {FORM: told(error)}


def faults(errors: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is wrong as (field, sentence), for the summary above the form."""
    return [
        (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
        for place, text in errors.items()
    ]
