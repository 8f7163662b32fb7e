"""Capturing on screen: how much of what is authorized, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import operations
from app.services import captures, previews
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views import form_keys, payment_asks, payment_page, payment_steps
from app.views.amounts import read_amount
from app.views.base import current_actor, needs, read_session
from app.views.payment_steps import AMOUNT, CHANGE, Step, StepScreen

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import Operation, Payment

_VERB = "capture"


class PaymentCaptureView(StepScreen):
    """`/payments/{id}/capture`."""

    @expose("/<string:public_id>/capture")
    @needs(Permission.PAYMENTS_CAPTURE)
    def form(self, public_id: str) -> ResponseReturnValue:
        """Ask how much to capture, then say what would happen; nothing is changed yet."""
        return self._page(_asked(read_session(), payment_steps.get(public_id), request.args))

    @expose("/<string:public_id>/capture", methods=["POST"])
    @needs(Permission.PAYMENTS_CAPTURE)
    def capture(self, public_id: str) -> ResponseReturnValue:
        """Ask for a capture, once for each form that was given out."""
        payment = payment_steps.get(public_id)
        typed = payment_steps.typed(request.form, AMOUNT)
        try:
            key = form_keys.read(payment_steps.purpose(_VERB, payment))
            wanted = read_amount(typed[AMOUNT], payment.currency, AMOUNT).amount_minor

            def write(session: Session, now: datetime) -> Operation:
                return captures.ask_capture(
                    session, now, public_id, wanted, head_start_seconds=WEB_HEAD_START_SECONDS
                )

            body = {"amount_minor": wanted}
            made = payment_asks.once(current_actor(), key, payment, _VERB, body, write)
        except PayAgencyError as error:
            return self._page(_refused(payment_steps.get(public_id), typed, error))
        told = gettext("The capture has been asked for. Its outcome stands in the operations.")
        return payment_steps.done(made, told)

    def _page(self, page: Step) -> tuple[str, int]:
        title = gettext("Capture of payment %(reference)s", reference=page.payment.reference)
        return self.step("capture", title, _VERB, page)


def _asked(session: Session, payment: Payment, values: Mapping[str, str]) -> Step:
    """Return what the address asks for: the form, the question, or the form with its errors."""
    typed = payment_steps.typed(values, AMOUNT)
    if AMOUNT not in values or CHANGE in values:
        return _form(payment, typed)
    try:
        wanted = read_amount(typed[AMOUNT], payment.currency, AMOUNT)
        amount_minor = captures.check_capture(payment, wanted.amount_minor)
    except PayAgencyError as error:
        return _refused(payment, typed, error)
    split = previews.capture(session, clock.now(), payment, amount_minor)
    return Step(
        payment,
        payment_steps.shown(typed),
        asks=True,
        amount_minor=amount_minor,
        left_minor=captures.left_to_capture(payment),
        fee_minor=split.fee_minor,
        net_minor=split.net_minor,
        last4=payment_page.last4(operations.attempts(session, payment.id)),
    )


def _form(payment: Payment, typed: dict[str, str]) -> Step:
    left = captures.left_to_capture(payment)
    return Step(payment, payment_steps.shown(typed), possible=left > 0, left_minor=left)


def _refused(payment: Payment, typed: dict[str, str], error: PayAgencyError) -> Step:
    left = captures.left_to_capture(payment)
    return Step(
        payment,
        payment_steps.shown(typed),
        payment_steps.wrong(typed, error),
        error.status,
        possible=left > 0,
        left_minor=left,
    )
