"""Refunds, and from an amount on the requests for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain import policies
from app.domain.money import Money
from app.errors import IllegalStateError, NotFoundError, said
from app.queries import approvals, payments
from app.services import refunds
from app.services.approvals.base import Command, digest_of
from app.services.approvals.requests import request

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ApprovalRequest, Operation, Payment


def ask(
    session: Session,
    now: datetime,
    public_id: str,
    amount_minor: int | None,
    reason: str,
    *,
    head_start_seconds: float = 0,
) -> Operation | ApprovalRequest:
    """Ask for a refund, or, where it needs a second person, for their approval of it.

    `amount_minor` None takes what is left. Raises like `services.refunds.ask_refund`, and
    IllegalStateError where such a request waits already.
    """
    payment = payments.get(session, public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {payment}.", payment=public_id))
    amount, reason = refunds.check(payment, amount_minor, reason)
    if needs_second(payment, amount):
        return _request(session, now, payment, amount, reason)
    operation = refunds.ask_refund(
        session, now, public_id, amount, reason, head_start_seconds=head_start_seconds
    )
    if needs_second(payment, 0):
        # Another refund came between; together they are past what one person may do.
        raise IllegalStateError(
            said(
                "Another refund of payment {payment} was asked for in this moment, and together "
                "they need a second person. Ask again.",
                payment=public_id,
            )
        )
    return operation


def needs_second(payment: Payment, amount_minor: int) -> bool:
    """Whether refunding so much more of a payment needs a second person.

    What has been asked back of it before counts along: a limit that parts pass one by one is none.
    """
    asked = Money(payment.refund_asked_minor + amount_minor, payment.currency)
    return policies.needs_second(policies.REFUND, asked)


def _request(
    session: Session, now: datetime, payment: Payment, amount_minor: int, reason: str
) -> ApprovalRequest:
    amount = Money(amount_minor, payment.currency)
    before = payment.refund_asked_minor
    return request(
        session,
        now,
        command=policies.REFUND,
        object_type="payment",
        object_id=payment.public_id,
        object_digest=_digest(session, payment.public_id),
        payload={
            "amount_minor": amount_minor,
            "reason": reason,
            "before": {"refund_asked_minor": before, "currency": payment.currency},
            "after": {"refund_asked_minor": before + amount_minor, "currency": payment.currency},
        },
        sentence=said(
            "Refund {amount} of payment {reference}", amount=amount, reference=payment.reference
        ),
        reason=reason,
        merchant_id=payment.merchant_id,
        amount=amount,
    )


def _digest(session: Session, object_id: str) -> bytes:
    facts = approvals.refund_facts(session, object_id)
    return digest_of(*(facts or ()))


def _execute(
    session: Session, now: datetime, payload: Mapping[str, Any], row: ApprovalRequest
) -> str:
    operation = refunds.ask_refund(
        session, now, row.object_id, int(payload["amount_minor"]), str(payload["reason"])
    )
    operation.requested_by = row.maker_label
    return operation.public_id


COMMAND = Command(_digest, _execute, approvals.lock_payment)
