"""Trying a payment again on screen, with another card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext

from app.domain.card_numbers import refuse
from app.domain.permissions import Permission
from app.errors import BadInputError, PayAgencyError, said
from app.queries import operations
from app.services import attempts, routing
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views import form_keys, payment_asks, payment_form, payment_page, payment_steps
from app.views.base import current_actor, needs, read_session
from app.views.payment_steps import TOKEN, Step, StepScreen

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import Operation, Payment
    from app.views.payment_commands import Asked

_VERB: Final = "again"
_METHOD: Final = "card"
"""What can be tried again without the payer: a stored card. The others start at the payer's."""


class PaymentAgainView(StepScreen):
    """`/payments/{id}/again`: one page, since a token must not stand in an address."""

    @expose("/<string:public_id>/again")
    @needs(Permission.PAYMENTS_CREATE)
    def form(self, public_id: str) -> ResponseReturnValue:
        """Say what will happen and ask for the card; nothing is changed yet."""
        return self._page(_step(payment_steps.get(public_id), {}))

    @expose("/<string:public_id>/again", methods=["POST"])
    @needs(Permission.PAYMENTS_CREATE)
    def again(self, public_id: str) -> ResponseReturnValue:
        """Start another attempt, once for each form that was given out."""
        payment = payment_steps.get(public_id)
        try:
            key = form_keys.read(payment_steps.purpose(_VERB, payment))
            made = _try_again(payment, key, request.form.get(TOKEN, "").strip())
        except PayAgencyError as error:
            errors = payment_steps.wrong({TOKEN: ""}, error)
            return self._page(_step(payment_steps.get(public_id), errors, error.status))
        told = gettext("Another attempt has been made. Its outcome stands in the operations.")
        return payment_steps.done(made, told)

    def _page(self, page: Step) -> tuple[str, int]:
        title = gettext("Try payment %(reference)s again", reference=page.payment.reference)
        tokens = () if page.payment.livemode else payment_form.SANDBOX_TOKENS
        return self.step("again", title, _VERB, page, tokens=tokens)


def _try_again(payment: Payment, key: str, token: str) -> Asked:
    refuse(token, TOKEN)
    if not token:
        raise BadInputError(TOKEN, said("is missing."), said("Give the token of a stored card."))
    public_id, livemode = payment.public_id, payment.livemode
    route = routing.choose(_METHOD, livemode=livemode)

    def write(session: Session, now: datetime) -> Operation:
        return attempts.try_again(
            session,
            now,
            public_id,
            route,
            card_token=token,
            head_start_seconds=WEB_HEAD_START_SECONDS,
        )

    body = {"method": _METHOD, "card_token": token}
    return payment_asks.once(current_actor(), key, payment, _VERB, body, write)


def _step(payment: Payment, errors: dict[str, str], status: int = 200) -> Step:
    session = read_session()
    asked = operations.of_payment(session, payment.id)
    possible = attempts.may_try_again(payment, asked)
    return Step(
        payment,
        {},
        errors,
        status,
        possible=possible,
        asks=possible,
        amount_minor=payment.amount_minor,
        last4=payment_page.last4(operations.attempts(session, payment.id)),
    )
