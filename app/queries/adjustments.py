"""What an adjustment by hand needs to know, and the condition of a write-off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.models import ConnectorAccount, LedgerBalance, Merchant
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def merchant(session: Session, public_id: str) -> Merchant | None:
    """Return a merchant by its public id."""
    return session.scalars(select(Merchant).where(Merchant.public_id == public_id)).one_or_none()


def merchant_by_key(session: Session, key: str) -> Merchant | None:
    """Return a merchant by its short name."""
    return session.scalars(select(Merchant).where(Merchant.key == key)).one_or_none()


def connector_accounts(session: Session) -> Sequence[ConnectorAccount]:
    """Return the connector accounts of the actor's book, by name."""
    found = select(ConnectorAccount).order_by(ConnectorAccount.name, ConnectorAccount.id)
    return session.scalars(found).all()


def connector_account(session: Session, public_id: str) -> ConnectorAccount | None:
    """Return a connector account of the actor's book by its public id."""
    return session.scalars(
        select(ConnectorAccount).where(ConnectorAccount.public_id == public_id)
    ).one_or_none()


def owes_still(session: Session, account_id: int, amount_minor: int) -> bool:
    """Tell whether a balance is a debit of at least so much, and let nobody change it meanwhile."""
    return (
        changed(
            session,
            update(LedgerBalance)
            .where(
                LedgerBalance.account_id == account_id, LedgerBalance.balance_minor >= amount_minor
            )
            .values(balance_minor=LedgerBalance.balance_minor),
        )
        == 1
    )
