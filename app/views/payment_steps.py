"""What the screens of a payment's actions share: a form, the question before it, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, url_for
from flask_babel import gettext, lazy_gettext

from app.domain.card_numbers import scrub_text
from app.errors import (
    BadInputError,
    IdempotencyMismatchError,
    LimitExceededError,
    NotFoundError,
    PayAgencyError,
    said,
)
from app.queries import payments
from app.views import form_keys
from app.views.base import read_session
from app.views.forms import sentence
from app.views.locales import told, translate
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from app.models import Payment
    from app.views.payment_commands import Asked

AMOUNT, REASON, TOKEN, FORM = "amount", "reason", "card_token", "form"
LABELS = {
    AMOUNT: lazy_gettext("Amount"),
    REASON: lazy_gettext("Reason"),
    TOKEN: lazy_gettext("Card token"),
}
CHANGE = "change"
"""The argument with which what was typed is shown to be changed."""


@dataclass(frozen=True, slots=True)
class Step:
    """The form, or (`asks`) the question before it happens; amounts in minor units.

    `left_minor` is what may be asked for, `fee_minor` and `net_minor` what becomes of it.
    """

    payment: Payment
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200
    possible: bool = True
    asks: bool = False
    amount_minor: int = 0
    left_minor: int = 0
    fee_minor: int = 0
    net_minor: int = 0
    last4: str = ""

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
            for place, text in self.errors.items()
        ]


class StepScreen(Screen):
    """A screen below the page of a payment."""

    route_base = "/payments"
    class_permission_name = "payments"

    def step(
        self, template: str, title: str, verb: str, page: Step, **more: Any
    ) -> tuple[str, int]:
        """Render a step; the question carries a key of its own."""
        text = self.render(
            f"payments/{template}.html",
            title=title,
            page=page,
            payment=page.payment,
            form_key=form_keys.issue(purpose(verb, page.payment)) if page.asks else "",
            **more,
        )
        return text, page.status


def purpose(verb: str, payment: Payment) -> str:
    """Return what a form's key is for."""
    return f"{verb}:{payment.public_id}"


def get(public_id: str) -> Payment:
    """Return a payment that the reader may see; raises NotFoundError."""
    payment = payments.get(read_session(), public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {id}.", id=public_id))
    return payment


def typed(values: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return what was typed, without blanks that mean nothing."""
    return {name: " ".join(values.get(name, "").split()) for name in names}


def shown(values: Mapping[str, str]) -> dict[str, str]:
    """Return what may be put back into the fields: no card number, and no token."""
    return {name: scrub_text(text) for name, text in values.items() if name != TOKEN}


def wrong(values: Mapping[str, str], error: PayAgencyError) -> dict[str, str]:
    """Return what is wrong beside its field, where it is about one of those that were typed."""
    if isinstance(error, IdempotencyMismatchError):
        return {FORM: _sent_before(error)}
    place = error.place if isinstance(error, BadInputError) else FORM
    if isinstance(error, LimitExceededError):
        place = AMOUNT
    return {place: sentence(error)} if place in values else {FORM: told(error)}


def done(made: Asked, what: str) -> ResponseReturnValue:
    """Say what was asked for, and go back to the payment."""
    again = gettext("This form had been sent before; nothing was done twice.")
    flash(again if made.is_replay else what, "info")
    return redirect(url_for("PaymentsView.show", public_id=made.payment_id), 303)


def _sent_before(error: IdempotencyMismatchError) -> str:
    return str(
        gettext(
            "%(title)s: this form was sent before with other values, and that was done. "
            "Look at the payment before you send it again.",
            title=translate(error.title),
        )
    )
