"""Asking for payments: the intent, its task and its trace in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.adapters.crypto import blind_index
from app.domain.card_numbers import refuse
from app.domain.identifiers import new_id, new_token
from app.domain.money import Money, format_major
from app.domain.operations import OperationKind
from app.errors import BadInputError, CapabilityMissingError, LimitExceededError, said
from app.models import Payment
from app.models.tenancy import actor_of
from app.queries import payments
from app.services import attempts, audit, closing
from app.services.audit import canonical
from app.services.operations import add_operation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.services.routing import Route


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What a form, a file's row or the API asks for; `card_token` never shows in a repr."""

    amount: Money
    method: str
    reference: str
    origin: str
    card_token: str | None = field(default=None, repr=False)
    capture: str = "automatic"
    customer_name: str = ""
    customer_email: str = ""
    customer_phone: str = ""
    description: str = ""
    return_url: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """What is traced of it."""
        return said(
            "Asked for {amount} by {method}, reference {reference}",
            amount=self.amount,
            method=self.method,
            reference=self.reference,
        )


def check_allowed(session: Session, merchant_id: int, asked: NewPayment) -> None:
    """Raise unless the merchant may take this method and amount in the actor's book."""
    if asked.method not in payments.capability_kinds(session, merchant_id):
        raise CapabilityMissingError(
            said(
                "{method} payments are not enabled for this merchant. Ask us to enable them.",
                method=asked.method,
            )
        )
    limit = payments.limit_minor(session, merchant_id, asked.method, asked.amount.currency)
    if limit is not None and asked.amount.amount_minor > limit:
        raise LimitExceededError(
            said(
                "The largest single {method} payment is {most}.",
                method=asked.method,
                most=Money(limit, asked.amount.currency),
            ),
            limit_minor=limit,
        )
    if not asked.card_token:
        raise BadInputError(
            "card_token", said("is missing."), said("Give the token of a stored card.")
        )


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

    With a head start the caller runs the operation itself right after the commit. Raises
    CapabilityMissingError, LimitExceededError, BadInputError or CardNumberRefusedError.
    """
    for place in ("reference", "customer_name", "customer_email", "customer_phone", "description"):
        refuse(getattr(asked, place), place)
    refuse(asked.metadata, "metadata")
    refuse(asked.card_token or "", "card_token")
    check_allowed(session, merchant_id, asked)
    actor = actor_of(session)
    payment = build_payment(now, merchant_id, asked, actor.label, public_id)
    payment.livemode = bool(actor.livemode)
    session.add(payment)
    session.flush()
    attempt = attempts.first(session, now, payment, route, asked.card_token)
    closing.plan_expiry(session, now, payment)
    kind = OperationKind.PURCHASE if asked.capture == "automatic" else OperationKind.AUTHORIZE
    add_operation(
        session,
        now,
        payment,
        attempt.id,
        kind,
        asked.amount.amount_minor,
        head_start_seconds=head_start_seconds,
    )
    audit.record(
        session,
        now,
        action="payments.create",
        object_type="payment",
        object_id=payment.public_id,
        sentence=asked.sentence,
        after={"amount_minor": asked.amount.amount_minor, "currency": asked.amount.currency},
        merchant_id=merchant_id,
        livemode=payment.livemode,
    )
    return payment


def build_payment(
    now: datetime, merchant_id: int, asked: NewPayment, label: str, public_id: str | None
) -> Payment:
    """Return the row of a payment that was asked for; its book is set by the caller."""
    return Payment(
        public_id=public_id or new_id("pay", now),
        merchant_id=merchant_id,
        reference=asked.reference,
        origin=asked.origin,
        amount_minor=asked.amount.amount_minor,
        currency=asked.amount.currency,
        method=asked.method,
        capture_mode=asked.capture,
        status="processing",
        page_token=new_token(),
        return_nonce=new_token(),
        customer_name=asked.customer_name or None,
        customer_email=asked.customer_email or None,
        customer_email_index=blind_index(asked.customer_email, "payment.customer_email")
        if asked.customer_email
        else None,
        customer_phone=asked.customer_phone or None,
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
