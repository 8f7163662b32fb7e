"""What a capture costs: computed once, stored with it, and read again for its journal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from app.domain.fees import FeeRule, compute
from app.domain.ledger import postings
from app.domain.money import Money
from app.queries import payments
from app.services.audit import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft
    from app.models import Operation, Payment


def of_capture(session: Session, now: datetime, payment: Payment, operation: Operation) -> str:
    """Return the breakdown of a capture's fee at `now`, as canonical JSON to be stored with it.

    Its amounts are minor units of the operation's currency.
    """
    del now
    gross = Money(operation.effect_minor, operation.currency)
    fee = compute(gross, _rule(session, payment))
    return canonical(
        {
            "percent_minor": fee.percent_minor,
            "fixed_minor": fee.fixed_minor,
            "total_minor": fee.total_minor,
            "currency": fee.currency,
            "percent_bps": fee.rule.percent_bps,
            "rule_fixed_minor": fee.rule.fixed_minor,
            "sentence": fee.sentence(),
        }
    )


def capture_draft(operation: Operation) -> JournalDraft:
    """Build the journal of a capture from the breakdown that was stored with it."""
    fee = json.loads(operation.fee_breakdown or "{}")
    return postings.capture(
        operation.effect_minor,
        operation.currency,
        fee_percent_minor=int(fee["percent_minor"]),
        fee_fixed_minor=int(fee["fixed_minor"]),
    )


def _rule(session: Session, payment: Payment) -> FeeRule:
    """Return the merchant's fee rule for this payment; none agreed means no fee."""
    found = payments.price(session, payment.merchant_id, payment.method, payment.currency)
    if found is None:
        return FeeRule(0, 0, payment.currency)
    return FeeRule(found.percent_bps, found.fixed_minor, found.currency)
