"""What a payer's page keeps: that the one-time nonce was used, and in which language they read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, update

from app.models import Payment
from app.queries.changes import changed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def use_nonce(session: Session, public_id: str, nonce: str) -> bool:
    """Use up a payment's return nonce; False when it is another one or was used before."""
    used = changed(
        session,
        update(Payment)
        .where(Payment.public_id == public_id, Payment.return_nonce == nonce)
        .values(return_nonce=None),
    )
    return used == 1


def keep_locale(session: Session, public_id: str, locale: str) -> bool:
    """Keep the language in which a payment's payer reads; False where nothing was to be changed.

    Only while nothing of it was paid and it was not closed. It tells nobody of anything.
    """
    kept = changed(
        session,
        update(Payment)
        .where(
            Payment.public_id == public_id,
            Payment.closed.is_(None),
            Payment.captured_minor == 0,
            or_(Payment.payer_locale.is_(None), Payment.payer_locale != locale),
        )
        .values(payer_locale=locale)
        .execution_options(synchronize_session=False),
    )
    return kept == 1
