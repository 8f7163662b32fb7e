"""The calculator: what an amount would cost a merchant at a moment, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.adapters import clock
from app.domain.actors import ActorKind
from app.domain.card_numbers import scrub_text
from app.domain.currencies import parse_currency
from app.errors import BadInputError, PayAgencyError, said
from app.queries import prices
from app.services import fees
from app.views import codes
from app.views.amounts import read_amount
from app.views.fee_words import Fee, of_stored
from app.views.forms import faults_of, sentence
from app.views.locales import told
from app.views.price_form import read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor

LABELS: Final = {
    "merchant": lazy_gettext("Merchant"),
    "method": lazy_gettext("Method"),
    "brand": lazy_gettext("Brand or name of the method"),
    "amount": lazy_gettext("Amount"),
    "currency": lazy_gettext("Currency"),
    "at": lazy_gettext("Captured at"),
}


@dataclass(frozen=True, slots=True)
class Calculation:
    """What was asked, and (`fee`) the answer; `errors` by field."""

    values: dict[str, str]
    fee: Fee | None = None
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return faults_of(self.errors, LABELS)


def calculate(session: Session, actor: Actor, asked: Mapping[str, str]) -> Calculation:
    """Return the form, or what the address asks for; nothing is changed."""
    values = {name: scrub_text(asked.get(name, "").strip()) for name in LABELS}
    if "amount" not in asked:
        return Calculation(values)
    try:
        fee = _fee(session, actor, values)
    except PayAgencyError as error:
        place = error.place if isinstance(error, BadInputError) else ""
        words = sentence(error) if place in LABELS else told(error)
        return Calculation(values, errors={place or "form": words}, status=error.status)
    return Calculation(values, fee)


def _fee(session: Session, actor: Actor, values: Mapping[str, str]) -> Fee:
    if values["method"] not in codes.METHODS:
        raise BadInputError("method", said("is not chosen."), said("Choose one."))
    currency = parse_currency(values["currency"])
    gross = read_amount(values["amount"], currency)
    at = read_moment(values["at"], "at") or clock.now()
    quote = fees.quote(
        session, _merchant(session, actor, values), values["method"], values["brand"], gross, at
    )
    return of_stored(gross.amount_minor, fees.stored(quote))


def _merchant(session: Session, actor: Actor, values: Mapping[str, str]) -> int:
    if actor.kind is ActorKind.MERCHANT and actor.merchant_id is not None:
        return actor.merchant_id
    return merchant_named(session, values["merchant"])


def merchant_named(session: Session, text: str) -> int:
    """Return the key of a merchant by its short name or id; raises BadInputError."""
    found = prices.merchant(session, text) if text else None
    if found is None:
        raise BadInputError("merchant", said("is unknown."), said("Write its short name."))
    return found.id
