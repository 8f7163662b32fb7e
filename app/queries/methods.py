"""Reads of quotes and of what routing chooses among."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import ConnectorAccount, CryptoQuote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def shared_accounts(session: Session) -> Sequence[ConnectorAccount]:
    """Return the house's enabled accounts in the actor's book, the oldest first."""
    return session.scalars(
        select(ConnectorAccount)
        .where(ConnectorAccount.enabled.is_(True), ConnectorAccount.merchant_id.is_(None))
        .order_by(ConnectorAccount.id)
    ).all()


def quote_of_attempt(session: Session, attempt_id: int) -> CryptoQuote | None:
    """Return the quote of an attempt, where it has one."""
    return session.scalars(
        select(CryptoQuote).where(CryptoQuote.attempt_id == attempt_id)
    ).one_or_none()


def quotes_of_payment(session: Session, payment_id: int) -> dict[int, CryptoQuote]:
    """Return attempt → quote of a payment."""
    found = session.scalars(select(CryptoQuote).where(CryptoQuote.payment_id == payment_id))
    return {quote.attempt_id: quote for quote in found}
