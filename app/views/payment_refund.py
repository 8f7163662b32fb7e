"""Refunding on screen: what was typed, what would happen, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain import policies
from app.domain.card_numbers import scrub_text
from app.errors import BadInputError, LimitExceededError, PayAgencyError
from app.queries import approvals, operations
from app.services import fees, refunds
from app.services.approvals import refund
from app.services.approvals.requests import asked_already
from app.views import fee_words, payment_page
from app.views.amounts import read_amount
from app.views.forms import sentence
from app.views.locales import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from app.models import Payment

AMOUNT, REASON, FORM = "amount", "reason", "form"
LABELS = {AMOUNT: lazy_gettext("Amount"), REASON: lazy_gettext("Reason")}
CHANGE = "change"
"""The argument with which what was typed is shown to be changed."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Amount and reason as they came; scrubbed they may be shown again."""

    amount: str
    reason: str

    @property
    def shown(self) -> dict[str, str]:
        """What may be put back into the fields."""
        return {AMOUNT: scrub_text(self.amount), REASON: scrub_text(self.reason)}


@dataclass(frozen=True, slots=True)
class RefundPage:
    """The form, or (`amount_minor`) the question before the refund; amounts in minor units."""

    payment: Payment
    refundable_minor: int
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200
    amount_minor: int = 0
    last4: str = ""
    fee_minor: int = 0
    returned_minor: int = 0
    cost_minor: int = 0
    needs_second: bool = False

    @property
    def left_minor(self) -> int:
        """What could be refunded after this one."""
        return self.refundable_minor - self.amount_minor

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
            for place, text in self.errors.items()
        ]


def typed(values: Mapping[str, str]) -> Typed:
    """Return what was typed, without blanks that mean nothing."""
    return Typed(values.get(AMOUNT, "").strip(), " ".join(values.get(REASON, "").split()))


def asked(session: Session, payment: Payment, values: Mapping[str, str]) -> RefundPage:
    """Return what the address asks for: the form, the question, or the form with its errors."""
    kept = typed(values)
    if AMOUNT not in values or CHANGE in values:
        return _form(payment, kept)
    try:
        wanted = read_amount(kept.amount, payment.currency, AMOUNT)
        amount_minor, _ = refunds.check(payment, wanted.amount_minor, kept.reason)
        needs_second = refund.needs_second(payment, amount_minor)
        if needs_second:
            _refuse_second_request(session, payment)
    except PayAgencyError as error:
        return refused(payment, kept, error)
    taken = fee_words.of_operations(operations.of_payment(session, payment.id))
    terms = fees.of_refund(session, payment, amount_minor)
    return RefundPage(
        payment=payment,
        refundable_minor=payment_page.refundable_minor(payment),
        values=kept.shown,
        amount_minor=amount_minor,
        last4=payment_page.last4(operations.attempts(session, payment.id)),
        fee_minor=sum(fee.total_minor + fee.tax_minor for fee in taken),
        returned_minor=terms.returned_minor,
        cost_minor=terms.cost_minor,
        needs_second=needs_second,
    )


def refused(payment: Payment, kept: Typed, error: PayAgencyError, instead: str = "") -> RefundPage:
    """Return the form as it was typed, with what is wrong beside its field."""
    place = _place(error)
    text = sentence(error) if place != FORM else told(error)
    return _form(payment, kept, {place: instead or text}, status=error.status)


def _refuse_second_request(session: Session, payment: Payment) -> None:
    for each in approvals.waiting_for(session, [payment.public_id]):
        if each.command == policies.REFUND:
            raise asked_already(each)


def _form(
    payment: Payment, kept: Typed, errors: dict[str, str] | None = None, *, status: int = 200
) -> RefundPage:
    left = payment_page.refundable_minor(payment)
    return RefundPage(payment, left, kept.shown, errors or {}, status)


def _place(error: PayAgencyError) -> str:
    if isinstance(error, LimitExceededError):
        return AMOUNT
    place = error.place if isinstance(error, BadInputError) else FORM
    return place if place in {AMOUNT, REASON} else FORM
