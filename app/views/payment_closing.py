"""Giving up on screen: releasing what is authorized, and closing a payment that nobody paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.errors import PayAgencyError, said
from app.queries import operations
from app.services import captures, closing, reasons
from app.services.operations import WEB_HEAD_START_SECONDS
from app.views import form_keys, payment_asks, payment_page, payment_steps
from app.views.base import current_actor, needs, read_session
from app.views.payment_steps import CHANGE, REASON, Step, StepScreen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import Operation, Payment


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to give a payment up; `write` takes its id and the reason, `way_out` asks for one."""

    verb: str
    done: str
    way_out: str
    may: Callable[[Session, Payment], bool]
    write: Callable[[Session, datetime, str, str], Operation | None]


def _may_void(_session: Session, payment: Payment) -> bool:
    return captures.can_void(payment)


def _void(session: Session, now: datetime, public_id: str, reason: str) -> Operation:
    return captures.ask_void(
        session, now, public_id, reason, head_start_seconds=WEB_HEAD_START_SECONDS
    )


def _cancel(session: Session, now: datetime, public_id: str, reason: str) -> None:
    closing.cancel(session, now, public_id, reason)


_VOID: Final = _Way(
    "void",
    lazy_gettext("The release has been asked for. Its outcome stands in the operations."),
    said("Say why the authorization is given up."),
    _may_void,
    _void,
)
_CANCEL: Final = _Way(
    "cancel",
    lazy_gettext("The payment has been canceled."),
    said("Say why the payment is given up."),
    closing.can_cancel,
    _cancel,
)


class PaymentClosingView(StepScreen):
    """`/payments/{id}/void` and `/payments/{id}/cancel`."""

    @expose("/<string:public_id>/void")
    @needs(Permission.PAYMENTS_VOID)
    def void_form(self, public_id: str) -> ResponseReturnValue:
        """Ask why, then say what would be released; nothing is changed yet."""
        return self._page(_VOID, _asked(_VOID, payment_steps.get(public_id)))

    @expose("/<string:public_id>/void", methods=["POST"])
    @needs(Permission.PAYMENTS_VOID)
    def void(self, public_id: str) -> ResponseReturnValue:
        """Ask for a void, once for each form that was given out."""
        return self._do(_VOID, public_id)

    @expose("/<string:public_id>/cancel")
    @needs(Permission.PAYMENTS_VOID)
    def cancel_form(self, public_id: str) -> ResponseReturnValue:
        """Ask why, then say what would happen; nothing is changed yet."""
        return self._page(_CANCEL, _asked(_CANCEL, payment_steps.get(public_id)))

    @expose("/<string:public_id>/cancel", methods=["POST"])
    @needs(Permission.PAYMENTS_VOID)
    def cancel(self, public_id: str) -> ResponseReturnValue:
        """Close a payment that nobody has paid, once for each form that was given out."""
        return self._do(_CANCEL, public_id)

    def _do(self, way: _Way, public_id: str) -> ResponseReturnValue:
        payment = payment_steps.get(public_id)
        typed = payment_steps.typed(request.form, REASON)

        def write(session: Session, now: datetime) -> Operation | None:
            return way.write(session, now, public_id, typed[REASON])

        try:
            key = form_keys.read(payment_steps.purpose(way.verb, payment))
            made = payment_asks.once(current_actor(), key, payment, way.verb, typed, write)
        except PayAgencyError as error:
            return self._page(way, _refused(way, payment_steps.get(public_id), typed, error))
        return payment_steps.done(made, str(way.done))

    def _page(self, way: _Way, page: Step) -> tuple[str, int]:
        reference = page.payment.reference
        title = (
            gettext("Void of payment %(reference)s", reference=reference)
            if way is _VOID
            else gettext("Cancel payment %(reference)s", reference=reference)
        )
        return self.step(way.verb, title, way.verb, page)


def _asked(way: _Way, payment: Payment) -> Step:
    """Return what the address asks for: the form, the question, or the form with its errors."""
    session, values = read_session(), request.args
    typed = payment_steps.typed(values, REASON)
    possible = way.may(session, payment)
    if REASON not in values or CHANGE in values or not possible:
        return _step(payment, typed, possible=possible)
    try:
        reasons.checked(typed[REASON], way.way_out)
    except PayAgencyError as error:
        return _refused(way, payment, typed, error)
    return _step(payment, typed, asks=True)


def _refused(way: _Way, payment: Payment, typed: dict[str, str], error: PayAgencyError) -> Step:
    return _step(
        payment,
        typed,
        payment_steps.wrong(typed, error),
        error.status,
        possible=way.may(read_session(), payment),
    )


def _step(
    payment: Payment,
    typed: dict[str, str],
    errors: dict[str, str] | None = None,
    status: int = 200,
    *,
    possible: bool = True,
    asks: bool = False,
) -> Step:
    return Step(
        payment,
        payment_steps.shown(typed),
        errors or {},
        status,
        possible=possible,
        asks=asks,
        amount_minor=payment.authorized_minor - payment.captured_minor,
        last4=payment_page.last4(operations.attempts(read_session(), payment.id)),
    )
