"""Writing many payments at once: the same rows as `payments.create`, in few statements.

A statement costs more than its row; one by one, a chunk of 200 payments needs 1,400 of them. What
is written is held equal to `payments.create` by a test that compares the two.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.adapters import queue
from app.adapters.db import after_commit
from app.domain.identifiers import new_id
from app.domain.operations import OperationKind, OperationState
from app.errors import BadInputError, CapabilityMissingError, LimitExceededError
from app.models import Operation
from app.models.tenancy import actor_of
from app.queries import operations
from app.services import audit, closing, events, methods, outbox, return_addresses
from app.services.attempts import build_attempt
from app.services.operations import MONEY_QUEUE
from app.services.payments import build_payment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.errors import PayAgencyError
    from app.models import Attempt, Payment
    from app.services.payments import NewPayment
    from app.services.routing import Route, Routes

PAYMENTS_A_WAKE_UP = 100
_TOLD_ONCE_SECONDS = 0.001
"""Keeps each task from waking the workers by itself; they are woken once for all of them."""


def refusals(
    session: Session,
    now: datetime,
    merchant_id: int,
    asked: Sequence[NewPayment],
    routes: Routes,
) -> dict[int, PayAgencyError]:
    """Return position → why a payment may not be made.

    What is asked of the database is read once a unit of work, not once a row. Raises
    UnavailableError where no account takes a method at all: the whole of it may be tried again.
    """
    merchant = operations.merchant_of(session, merchant_id)
    refused: dict[int, PayAgencyError] = {}
    for position, each in enumerate(asked):
        try:
            methods.check(session, now, merchant, each, _route(routes, each).row)
        except (BadInputError, CapabilityMissingError, LimitExceededError) as error:
            refused[position] = error
    return refused


def _route(routes: Routes, asked: NewPayment) -> Route:
    return routes.choose(asked.method, asked.method_name, asked.amount.currency)


def create_all(
    session: Session,
    now: datetime,
    merchant_id: int,
    asked: Sequence[NewPayment],
    routes: Routes,
) -> list[Payment]:
    """Write payments that `refusals` let pass, with their attempts, operations, tasks and traces.

    Their texts were read by `domain.bulk_rows`, which refuses card numbers in every cell.
    """
    actor = actor_of(session)
    merchant = operations.merchant_of(session, merchant_id)
    onward = return_addresses.onward(merchant, "", livemode=bool(actor.livemode))
    chosen = [_route(routes, each) for each in asked]
    payments = [
        build_payment(now, merchant_id, replace(each, return_url=onward), route, actor.label, None)
        for each, route in zip(asked, chosen, strict=True)
    ]
    for payment in payments:
        payment.livemode = bool(actor.livemode)
    session.add_all(payments)
    session.flush()
    attempts = [
        build_attempt(now, payment, each, route)
        for payment, each, route in zip(payments, asked, chosen, strict=True)
    ]
    session.add_all(attempts)
    session.flush()
    for payment, attempt, each in zip(payments, attempts, asked, strict=True):
        operation = _operation(now, payment, attempt, each, actor.label)
        session.add(operation)
        _enqueue(session, now, operation)
        closing.plan_expiry(session, now, payment)
        _trace(session, now, payment, each)
    session.flush()
    events.payments_created(session, now, payments)
    for _ in range(0, len(payments), PAYMENTS_A_WAKE_UP):
        after_commit(session, partial(_wake, MONEY_QUEUE))
    return payments


def _wake(name: str) -> None:
    queue.wake(name)


def _operation(
    now: datetime, payment: Payment, attempt: Attempt, asked: NewPayment, label: str
) -> Operation:
    automatic = asked.capture == "automatic"
    return Operation(
        public_id=new_id("op", now),
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        attempt_id=attempt.id,
        kind=OperationKind.PURCHASE if automatic else OperationKind.AUTHORIZE,
        state=OperationState.INIT,
        amount_minor=asked.amount.amount_minor,
        currency=payment.currency,
        provider_key=new_id("pk", now),
        reason=None,
        requested_by=label,
        created_at=now,
        changed_at=now,
    )


def _enqueue(session: Session, now: datetime, operation: Operation) -> None:
    outbox.enqueue(
        session,
        now,
        queue=MONEY_QUEUE,
        kind="operation",
        ref=operation.public_id,
        job_key=outbox.operation_key(operation.public_id),
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        delay_seconds=_TOLD_ONCE_SECONDS,
    )


def _trace(session: Session, now: datetime, payment: Payment, asked: NewPayment) -> None:
    audit.record(
        session,
        now,
        action="payments.create",
        object_type="payment",
        object_id=payment.public_id,
        sentence=asked.sentence,
        after={"amount_minor": asked.amount.amount_minor, "currency": asked.amount.currency},
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
