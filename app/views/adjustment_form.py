"""What is typed into the forms of adjustments and write-offs, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.currencies import parse_currency
from app.domain.ledger.adjustments import MOST_LINES, Line
from app.domain.ledger.journals import JournalKind
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.queries import adjustments as rows
from app.services import adjustments
from app.views.amounts import read_amount
from app.views.forms import sentence
from app.views.locales import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from app.services.adjustments import Checked

FORM: Final = "form"
CHANGE, CONFIRMED = "change", "confirmed"
"""What a button of the question sends: show the form again, or ask."""

LABELS: Final = {
    "merchant": lazy_gettext("Merchant"),
    "connector_account": lazy_gettext("Connector account"),
    "lines": lazy_gettext("Lines"),
    "amount": lazy_gettext("Amount"),
    "currency": lazy_gettext("Currency"),
    "reason": lazy_gettext("Reason"),
}
PLAIN: Final = ("merchant", "connector_account", "amount", "currency", "reason")
CELLS: Final = ("account", "side", "amount", "currency")
SIDES: Final = {"debit": 1, "credit": -1}


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is shown: values, errors by place, or (`checked`) the question before it."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200
    checked: Checked | None = None
    payload: dict[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (_target(place), f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
            for place, text in self.errors.items()
        ]


def names(kind: JournalKind) -> list[str]:
    """Return the names of all fields of a form."""
    if kind is JournalKind.WRITE_OFF:
        return [name for name in PLAIN if name != "connector_account"]
    plain = ["merchant", "connector_account", "reason"]
    return [*plain, *(f"{cell}-{row}" for row in range(1, MOST_LINES + 1) for cell in CELLS)]


def typed(kind: JournalKind, given: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed, by field, without card numbers."""
    return {name: scrub_text(" ".join(given.get(name, "").split())) for name in names(kind)}


def read(session: Session, kind: JournalKind, given: Mapping[str, str]) -> Filled:
    """Return the question what to ask, or the form with what is wrong or is to be changed."""
    values = typed(kind, given)
    if CHANGE in given:
        return Filled(values)
    try:
        payload = payload_of(session, kind, given)
        return Filled(values, checked=adjustments.check(session, payload), payload=payload)
    except PayAgencyError as error:
        return refused(values, error)


def payload_of(session: Session, kind: JournalKind, given: Mapping[str, str]) -> dict[str, Any]:
    """Read what was typed; raises BadInputError, NotFoundError."""
    key = given.get("merchant", "").strip()
    merchant = rows.merchant_by_key(session, key)
    if merchant is None:
        raise BadInputError(
            "merchant", said("is unknown."), said("Write its short name, such as acme.")
        )
    lines = [_credit(given)] if kind is JournalKind.WRITE_OFF else _lines(given)
    return adjustments.payload_of(
        kind,
        merchant.public_id,
        lines,
        given.get("reason", ""),
        connector_account=given.get("connector_account", "").strip(),
    )


def refused(values: dict[str, str], error: PayAgencyError) -> Filled:
    """Return the form as it was typed, with what is wrong beside its field."""
    place = error.place if isinstance(error, BadInputError) else FORM
    if place in LABELS:
        return Filled(values, {place: sentence(error)}, error.status)
    status = 422 if isinstance(error, NotFoundError) else error.status
    return Filled(values, {FORM: told(error)}, status)


def _credit(given: Mapping[str, str]) -> Line:
    currency = parse_currency(given.get("currency", ""))
    amount = read_amount(given.get("amount", ""), currency)
    return Line("merchant:available", -amount.amount_minor, currency)


def _lines(given: Mapping[str, str]) -> list[Line]:
    found = []
    for row in range(1, MOST_LINES + 1):
        account, side, amount, currency = (given.get(f"{cell}-{row}", "").strip() for cell in CELLS)
        if not account and not amount:
            continue
        if side not in SIDES:
            raise BadInputError(
                "lines", said("have one without a side."), said("Choose debit or credit.")
            )
        code = parse_currency(currency, place="lines")
        money = read_amount(amount, code, "lines")
        found.append(Line(account, SIDES[side] * money.amount_minor, code))
    return found


def _target(place: str) -> str:
    return "account-1" if place == "lines" else place
