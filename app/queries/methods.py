"""Reads of quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import CryptoQuote

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def quote_of_attempt(session: Session, attempt_id: int) -> CryptoQuote | None:
    """Return the quote of an attempt, where it has one."""
    return session.scalars(
        select(CryptoQuote).where(CryptoQuote.attempt_id == attempt_id)
    ).one_or_none()


def quotes_of_payment(session: Session, payment_id: int) -> dict[int, CryptoQuote]:
    """Return attempt → quote of a payment."""
    found = session.scalars(select(CryptoQuote).where(CryptoQuote.payment_id == payment_id))
    return {quote.attempt_id: quote for quote in found}
