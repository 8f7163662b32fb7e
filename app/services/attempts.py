"""A try of a payment: the first one of an open payment, or another after one that did not pay."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.domain.card_numbers import refuse
from app.domain.identifiers import new_id, new_token
from app.domain.money import Money
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus
from app.errors import IllegalStateError, NotFoundError, said
from app.models import Attempt
from app.queries import operations, payments
from app.services import audit, card_entry, methods, outcomes
from app.services.new_payment import NewPayment
from app.services.operations import add_operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation, Payment
    from app.services.routing import Route

PAYING: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
_IN_DOUBT: Final = frozenset({OperationState.INIT, OperationState.PENDING, OperationState.UNKNOWN})
_GIVEN_UP: Final = frozenset({PaymentStatus.CREATED, PaymentStatus.FAILED})


def try_again(
    session: Session,
    now: datetime,
    public_id: str,
    route: Route,
    *,
    card_token: str | None = None,
    encrypted_cards: Mapping[str, str] | None = None,
    details: Mapping[str, str] | None = None,
    head_start_seconds: float = 0,
) -> Operation:
    """Write an attempt with its operation, by the method of `route`; nothing is sent yet.

    It is the first one of an open payment, or another one. `encrypted_cards` are compact JWEs by
    account, of which nothing is written. One at a time: the payment's row is locked first. Raises
    NotFoundError, what `methods.check` and `card_entry.check` raise, CardNumberRefusedError, and
    IllegalStateError while an earlier attempt may still pay, or when the payment is paid or over;
    then nothing was changed.
    """
    payment = payments.get(session, public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {payment}.", payment=public_id))
    refuse(card_token or "", "card_token")
    for place, text in (details or {}).items():
        refuse(text, place)
    payment = operations.lock_payment(session, payment.id)
    asked = operations.of_payment(session, payment.id)
    obstacle = _obstacle(payment, asked) or _too_late(now, payment)
    if obstacle is not None:
        raise IllegalStateError(obstacle)
    again = replace(
        _asked(payment, route),
        card_token=card_token,
        encrypted_cards=encrypted_cards or {},
        details=details or {},
    )
    merchant = operations.merchant_of(session, payment.merchant_id)
    methods.check(session, now, merchant, again, route.row)
    card_entry.check(again, route)
    number = 1 + max((each.number for each in operations.attempts(session, payment.id)), default=0)
    payment.method = again.method
    payment.return_nonce = new_token()  # the one before may be used up
    _give_time(now, payment, route)
    attempt = build_attempt(now, payment, again, route, number=number)
    session.add(attempt)
    session.flush()
    operation = add_operation(
        session,
        now,
        payment,
        attempt.id,
        kind_of(payment),
        payment.amount_minor,
        head_start_seconds=head_start_seconds,
    )
    outcomes.recompute(session, now, payment)
    _trace(session, now, payment, attempt, operation, route)
    return operation


def kind_of(payment: Payment) -> OperationKind:
    """Return what an attempt of this payment asks for first."""
    automatic = payment.capture_mode == "automatic"
    return OperationKind.PURCHASE if automatic else OperationKind.AUTHORIZE


def _trace(
    session: Session,
    now: datetime,
    payment: Payment,
    attempt: Attempt,
    operation: Operation,
    route: Route,
) -> None:
    is_first = attempt.number == 1
    title = route.row.title
    first, again = (
        said("Tried by {method}", method=title),
        said("Tried again by {method}", method=title),
    )
    audit.record(
        session,
        now,
        action="payments.try" if is_first else "payments.try_again",
        object_type="payment",
        object_id=payment.public_id,
        sentence=first if is_first else again,
        after={
            "attempt": attempt.number,
            "operation": operation.public_id,
            "method": attempt.method,
            "method_name": attempt.method_name,
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )


def may_try_again(payment: Payment, asked: Sequence[Operation]) -> bool:
    """Tell whether another attempt may start now."""
    return _obstacle(payment, asked) is None


def in_doubt(payment: Payment, asked: Sequence[Operation]) -> bool:
    """Tell whether an attempt may have paid, or may still be sent.

    What was not sent counts unless the payment's status says that nobody sends it any more.
    """
    tries = [each for each in asked if each.kind in PAYING]
    given_up = payment.status in _GIVEN_UP
    return any(
        each.state in _IN_DOUBT or (each.state == OperationState.NOT_SENT and not given_up)
        for each in tries
    )


def _obstacle(payment: Payment, asked: Sequence[Operation]) -> str | None:
    """Say what stands against another attempt: nobody may pay twice."""
    if payment.captured_minor or payment.authorized_minor:
        return said("This payment is paid or authorized already.")
    if payment.closed is not None or payment.void_asked:
        return said("This payment is over. Ask for a new one.")
    if in_doubt(payment, asked):
        return said(
            "An earlier attempt may still pay: its outcome is not known. "
            "Try again when it is, or use another payment."
        )
    return None


def _give_time(now: datetime, payment: Payment, route: Route) -> None:
    """Let an open payment last as long as the method that was chosen, such as a voucher of days."""
    seconds = route.row.expires_seconds
    if not payment.may_try_again or payment.expires_at is None or seconds is None:
        return
    payment.expires_at = max(payment.expires_at, now + timedelta(seconds=seconds))


def _too_late(now: datetime, payment: Payment) -> str | None:
    """Say that the time of an open payment is over, also where nobody has closed it yet."""
    if not payment.may_try_again or payment.expires_at is None or now < payment.expires_at:
        return None
    return said("The time for this payment is over. Ask for a new one.")


def _asked(payment: Payment, route: Route) -> NewPayment:
    return NewPayment(
        amount=Money(payment.amount_minor, payment.currency),
        method=route.row.family,
        method_name=route.row.name,
        reference=payment.reference,
        origin=payment.origin,
        capture=payment.capture_mode,
    )


def build_attempt(
    now: datetime, payment: Payment, asked: NewPayment, route: Route, *, number: int = 1
) -> Attempt:
    """Return the row of an attempt of a payment; a card that came encrypted is not in it."""
    details = card_entry.details(asked)
    return Attempt(
        public_id=new_id("att", now),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        connector_account_id=route.account_id,
        number=number,
        method=asked.method,
        method_name=asked.method_name,
        details=json.dumps(details, sort_keys=True) if details else None,
        card_token=asked.card_token,
        created_at=now,
    )
