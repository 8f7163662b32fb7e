"""Asking for payments: the intent, its task and its trace in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from app.adapters.crypto import blind_index
from app.domain.card_numbers import refuse
from app.domain.identifiers import new_id, new_token
from app.domain.money import format_major
from app.domain.payments import PaymentStatus
from app.models import Payment
from app.models.tenancy import actor_of
from app.queries import operations
from app.services import audit, card_entry, closing, events, methods, return_addresses
from app.services.attempts import build_attempt, kind_of
from app.services.audit import canonical
from app.services.new_payment import NewPayment
from app.services.operations import add_operation

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.money import Money
    from app.services.routing import Route

__all__ = ["NewPayment", "build_payment", "create", "refuse_card_numbers", "trace", "words"]


def create(
    session: Session,
    now: datetime,
    merchant_id: int,
    asked: NewPayment,
    route: Route,
    *,
    head_start_seconds: float = 0,
    public_id: str | None = None,
) -> Payment:
    """Write a payment with its first attempt, operation and task; nothing is sent yet.

    With a head start the caller runs the operation itself right after the commit. Raises what
    `methods.check` raises, BadInputError at `return_url`, and CardNumberRefusedError.
    """
    refuse_card_numbers(asked)
    merchant = operations.merchant_of(session, merchant_id)
    methods.check(session, now, merchant, asked, route.row)
    card_entry.check(asked, route)
    actor = actor_of(session)
    livemode = bool(actor.livemode)
    onward = return_addresses.onward(merchant, asked.return_url, livemode=livemode)
    led = replace(asked, return_url=onward)
    payment = build_payment(now, merchant_id, led, route, actor.label, public_id)
    payment.livemode = livemode
    session.add(payment)
    session.flush()
    attempt = build_attempt(now, payment, asked, route)
    session.add(attempt)
    session.flush()
    add_operation(
        session,
        now,
        payment,
        attempt.id,
        kind_of(payment),
        asked.amount.amount_minor,
        head_start_seconds=head_start_seconds,
    )
    trace(session, now, payment, asked)
    return payment


def refuse_card_numbers(asked: NewPayment) -> None:
    """Raise CardNumberRefusedError if a card number stands where it must not."""
    for place in ("reference", "customer_name", "customer_email", "customer_phone", "description"):
        refuse(getattr(asked, place), place)
    refuse(asked.metadata, "metadata")
    refuse(asked.card_token or "", "card_token")
    for place, text in asked.details.items():
        refuse(text, place)


def trace(session: Session, now: datetime, payment: Payment, asked: NewPayment) -> None:
    """Plan the end of a payment that was just written, write its audit entry, and tell of it."""
    closing.plan_expiry(session, now, payment)
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
    events.payments_created(session, now, [payment])


def build_payment(
    now: datetime,
    merchant_id: int,
    asked: NewPayment,
    route: Route | None,
    label: str,
    public_id: str | None,
) -> Payment:
    """Return the row of a payment that was asked for; its book is set by the caller.

    Without a route it is open: its payer chooses how to pay, and may try again.
    """
    seconds = None if route is None else route.row.expires_seconds
    return Payment(
        public_id=public_id or new_id("pay", now),
        merchant_id=merchant_id,
        reference=asked.reference,
        origin=asked.origin,
        amount_minor=asked.amount.amount_minor,
        currency=asked.amount.currency,
        method=asked.method,
        capture_mode=asked.capture,
        status=PaymentStatus.CREATED if route is None else PaymentStatus.PROCESSING,
        expires_at=asked.expires_at if seconds is None else now + timedelta(seconds=seconds),
        may_try_again=route is None,
        page_token=new_token(),
        return_nonce=new_token(),
        customer_name=asked.customer_name or None,
        customer_email=asked.customer_email or None,
        customer_email_index=blind_index(asked.customer_email, "payment.customer_email")
        if asked.customer_email
        else None,
        customer_phone=asked.customer_phone or None,
        payer_locale=asked.payer_locale or None,
        description=asked.description,
        details=canonical({"metadata": dict(asked.metadata)}),
        return_url=asked.return_url,
        created_by=label,
        created_at=now,
        changed_at=now,
    )


def words(money: Money) -> str:
    """Return an amount with its currency for a sentence, such as `10.50 EUR`."""
    return f"{format_major(money)} {money.currency}"
