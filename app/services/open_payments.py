"""Asking for a payment without a method: its payer chooses one on the hosted page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.domain.money import Money
from app.errors import BadInputError, UnavailableError, said
from app.models.tenancy import actor_of
from app.queries import operations
from app.services import attempts, methods, payments, return_addresses, routing
from app.services.new_payment import NewPayment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.methods.rows import MethodRow
    from app.domain.methods.rules import Fault
    from app.errors import PayAgencyError
    from app.models import Merchant, Operation, Payment
    from app.services.routing import Routes

LASTS: Final = timedelta(hours=24)
"""How long an open payment waits for its payer where nothing else was said."""
_ELSEWHERE: Final = "currency_not_taken"


def create(session: Session, now: datetime, merchant_id: int, asked: NewPayment) -> Payment:
    """Write an open payment: without a method and an attempt, so nothing is to be sent.

    It ends at `asked.expires_at`, or after a day. Raises BadInputError for a method or what belongs
    to one and at `return_url`, CardNumberRefusedError, and where no method of the merchant takes
    the amount what `methods.check` would raise for the most telling reason, or UnavailableError
    without any.
    """
    payments.refuse_card_numbers(asked)
    _refuse_method(now, asked)
    merchant = operations.merchant_of(session, merchant_id)
    actor = actor_of(session)
    livemode = bool(actor.livemode)
    onward = return_addresses.onward(merchant, asked.return_url, livemode=livemode)
    routes = routing.known(session, livemode=livemode)
    refused = why_not(session, now, merchant, asked, routes)
    if refused is not None:
        raise refused
    until = replace(asked, expires_at=asked.expires_at or now + LASTS, return_url=onward)
    payment = payments.build_payment(now, merchant_id, until, None, actor.label, None)
    payment.livemode = livemode
    session.add(payment)
    session.flush()
    payments.trace(session, now, payment, asked)
    return payment


def why_not(
    session: Session, now: datetime, merchant: Merchant, asked: NewPayment, routes: Routes
) -> PayAgencyError | None:
    """Return why no method of a merchant takes an amount, the most telling reason; else None."""
    takes, against = methods.payable(session, now, merchant, asked, routes)
    return None if takes else _why_not(merchant, against, routes)


def ways(session: Session, now: datetime, payment: Payment, routes: Routes) -> list[MethodRow]:
    """Return the methods by which the payer of an open payment can pay it now."""
    merchant = operations.merchant_of(session, payment.merchant_id)
    asked = NewPayment(
        amount=Money(payment.amount_minor, payment.currency),
        method="",
        reference=payment.reference,
        origin=payment.origin,
        capture=payment.capture_mode,
    )
    takes, _ = methods.payable(session, now, merchant, asked, routes)
    return takes


def is_open(now: datetime, payment: Payment, asked: Sequence[Operation]) -> bool:
    """Tell whether the payer may choose how to pay now."""
    is_late = payment.expires_at is not None and now >= payment.expires_at
    return payment.may_try_again and not is_late and attempts.may_try_again(payment, asked)


def _refuse_method(now: datetime, asked: NewPayment) -> None:
    if asked.method or asked.method_name or asked.details:
        raise BadInputError("method", said("is chosen by the payer."), said("Leave it out."))
    if asked.card_token or asked.encrypted_cards:
        raise BadInputError("method", said("is missing beside a card."), said("Name it."))
    if asked.expires_at is not None and asked.expires_at <= now:
        raise BadInputError("expires_at", said("is over already."), said("Give a later moment."))


def _why_not(merchant: Merchant, against: list[Fault], routes: Routes) -> PayAgencyError:
    """Say why nothing takes it: rather a limit than a currency that others are for."""
    telling = [fault for fault in against if fault.code != _ELSEWHERE] or against
    if telling:
        return methods.refusal(telling[0])
    if not routes.ways:
        book = "live" if routes.livemode else "test"
        return UnavailableError(
            said("No provider takes payments in the {book} book yet.", book=book)
        )
    return UnavailableError(
        said(
            "No method of payment is enabled for {merchant}. Ask us to enable one.",
            merchant=merchant.name,
        )
    )
