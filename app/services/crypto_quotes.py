"""What a payer was asked to send in a crypto asset, and how much of it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from app.domain.identifiers import new_id
from app.domain.money import MAX_MINOR
from app.models import CryptoQuote
from app.queries import methods

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Operation
    from app.providers.base import CryptoFacts, Reading

log = structlog.get_logger()

_MOST_DECIMALS: Final = 18
_MOST_CONFIRMATIONS: Final = 2**31 - 1
_LONGEST: Final = {"asset": 24, "rate": 40, "address": 128, "chain_reference": 255}
_NEEDED: Final = ("asset", "rate", "address")


def learn(
    session: Session, now: datetime, operation: Operation, reading: Reading, facts: CryptoFacts
) -> None:
    """Write an attempt's quote the first time it is told, later only what has come.

    What no column holds, and what contradicts the quote that the payer has been shown, is left out
    and logged; this never raises for what a provider says.
    """
    if not (_are_numbers(facts) and _are_texts(facts)):
        log.warning("crypto_facts_left_out", operation=operation.public_id)
        return
    quote = methods.quote_of_attempt(session, operation.attempt_id)
    if quote is None:
        quote = _quote(now, operation, facts)
        session.add(quote)
    elif (quote.address, quote.expected_units) != (facts.address, facts.expected_units):
        log.warning("crypto_quote_differs", operation=operation.public_id)
        return
    quote.received_units = facts.received_units
    quote.late_units = facts.late_units
    quote.received_minor = reading.received_minor or 0
    quote.confirmations = facts.confirmations
    quote.confirmations_needed = facts.confirmations_needed
    quote.chain_reference = facts.chain_reference
    quote.changed_at = now
    session.flush()


def _quote(now: datetime, operation: Operation, facts: CryptoFacts) -> CryptoQuote:
    return CryptoQuote(
        public_id=new_id("cq", now),
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        payment_id=operation.payment_id,
        attempt_id=operation.attempt_id,
        asset=facts.asset,
        decimals=facts.decimals,
        expected_units=facts.expected_units,
        expected_minor=operation.amount_minor,
        currency=operation.currency,
        rate=facts.rate,
        address=facts.address,
        expires_at=facts.expires_at,
        created_at=now,
        changed_at=now,
    )


def _are_numbers(facts: CryptoFacts) -> bool:
    """Whether the numbers fit their columns and each other."""
    confirmations = (facts.confirmations, facts.confirmations_needed)
    return (
        0 < facts.expected_units <= MAX_MINOR
        and 0 <= facts.late_units <= facts.received_units <= MAX_MINOR
        and 0 <= facts.decimals <= _MOST_DECIMALS
        and all(0 <= each <= _MOST_CONFIRMATIONS for each in confirmations)
    )


def _are_texts(facts: CryptoFacts) -> bool:
    texts = {name: getattr(facts, name) for name in _LONGEST}
    fit = all(len(text) <= _LONGEST[name] and text.isprintable() for name, text in texts.items())
    return fit and all(texts[name] for name in _NEEDED) and facts.expires_at.tzinfo is not None
