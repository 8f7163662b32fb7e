"""What the payer's return needs: the one-time nonce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

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
