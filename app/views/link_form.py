"""The forms of a payment link: what was typed, read exactly, each fault at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.currencies import parse_currency
from app.domain.payment_links import MOST_PAYMENTS, LinkKind, NewLink, Price
from app.errors import BadInputError, PayAgencyError, said
from app.views.amounts import read_amount
from app.views.forms import faults_of, sentence
from app.views.locales import reader, told

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from app.models import PaymentLink

LABELS: Final = {
    "title": lazy_gettext("Title"),
    "description": lazy_gettext("Description"),
    "asks": lazy_gettext("How much"),
    "amount": lazy_gettext("Amount"),
    "least": lazy_gettext("At least"),
    "most": lazy_gettext("At most"),
    "currency": lazy_gettext("Currency"),
    "kind": lazy_gettext("How often it is paid"),
    "most_payments": lazy_gettext("Most payments"),
    "reference": lazy_gettext("Reference"),
    "expires_at": lazy_gettext("Last day"),
    "customer_email": lazy_gettext("Customer's e-mail"),
    "return_url": lazy_gettext("Address to go on to"),
}
ASKS: Final = {
    "fixed": lazy_gettext("A fixed amount"),
    "entered": lazy_gettext("The payer enters it"),
}
KINDS: Final = {
    LinkKind.ONE_OFF.value: lazy_gettext("Once: for one payer, such as an invoice"),
    LinkKind.REUSABLE.value: lazy_gettext("Again and again: for many payers, such as a poster"),
}
FORM: Final = "form"
_LAST_DAY: Final = date(9998, 12, 31)
_A_MOMENT: Final = timedelta(microseconds=1)


@dataclass(slots=True)
class LinkForm:
    """What was typed, as it may be shown again, and what is wrong with it by field."""

    values: dict[str, str]
    version: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return faults_of(self.errors, LABELS)


def empty(currency: str) -> LinkForm:
    """Return the form of a one-off link with an amount in the merchant's currency."""
    kind = LinkKind.ONE_OFF.value
    return LinkForm({"asks": "fixed", "kind": kind, "currency": currency})


def of(row: PaymentLink) -> LinkForm:
    """Return the form of what may be changed of a link, as it stands."""
    return LinkForm({"title": row.title, "expires_at": _day_of(row.expires_at)}, row.version)


def filled(form: MultiDict[str, str]) -> LinkForm:
    """Return what was typed."""
    values = {name: form.get(name, "").strip() for name in LABELS}
    return LinkForm(values, _number(form.get("version", "")) or 0)


def read(form: LinkForm) -> NewLink:
    """Return the link that was asked for; the service checks it. Raises BadInputError."""
    values = form.values
    if values["kind"] not in KINDS:
        raise BadInputError("kind", said("is missing."), said("Choose one."))
    kind = LinkKind(values["kind"])
    return NewLink(
        kind=kind,
        title=values["title"],
        description=values["description"],
        price=_price(form),
        reference=values["reference"],
        most_payments=_most_payments(form) if kind is LinkKind.REUSABLE else None,
        expires_at=_end_of(values["expires_at"]),
        customer_email=values["customer_email"] if kind is LinkKind.ONE_OFF else "",
        return_url=values["return_url"],
    )


def read_end(form: LinkForm, row: PaymentLink) -> datetime | None:
    """Return the end that was typed; the same day as before means the same moment."""
    typed = form.values["expires_at"]
    return row.expires_at if typed == _day_of(row.expires_at) else _end_of(typed)


def refuse(form: LinkForm, error: PayAgencyError) -> None:
    """Put what is wrong beside its field, or above the form; card numbers are taken out of it."""
    form.values = {name: scrub_text(text) for name, text in form.values.items()}
    place = error.place if isinstance(error, BadInputError) else FORM
    is_field = place in LABELS
    form.errors[place if is_field else FORM] = sentence(error) if is_field else told(error)
    form.status = error.status


def _price(form: LinkForm) -> Price:
    values = form.values
    currency = parse_currency(values["currency"])
    if values["asks"] == "fixed":
        amount = read_amount(values["amount"], currency, "amount")
        return Price(currency=currency, amount_minor=amount.amount_minor)
    if values["asks"] != "entered":
        raise BadInputError("asks", said("is missing."), said("Choose one."))
    return Price(
        currency=currency,
        least_minor=_minor(values["least"], currency, "least"),
        most_minor=_minor(values["most"], currency, "most"),
    )


def _minor(text: str, currency: str, place: str) -> int | None:
    return read_amount(text, currency, place).amount_minor if text else None


def _most_payments(form: LinkForm) -> int | None:
    text = form.values["most_payments"]
    if not text:
        return None
    number = _number(text)
    if number is None:
        raise BadInputError("most_payments", said("is no whole number."), said("Correct it."))
    return number


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PAYMENTS))
    return int(text) if is_number else None


def _day_of(moment: datetime | None) -> str:
    """Return the reader's last day before a moment."""
    return (
        "" if moment is None else (moment - _A_MOMENT).astimezone(reader().zone).date().isoformat()
    )


def _end_of(text: str) -> datetime | None:
    """Return the moment at which a day of the reader's is over; None for no day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day > _LAST_DAY:
        raise BadInputError("expires_at", said("is no day."), said("Write it as 2026-01-31."))
    begins = datetime.combine(day + timedelta(days=1), time(), reader().zone)
    return begins.astimezone(UTC)
