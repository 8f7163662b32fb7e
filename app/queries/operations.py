"""Reads of operations and what belongs to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import (
    Attempt,
    ConnectorAccount,
    Evidence,
    Merchant,
    Operation,
    OperationEvent,
    Payment,
    ProviderCall,
)
from app.queries.changes import read_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def get(session: Session, public_id: str) -> Operation | None:
    """Return an operation that the actor may see."""
    return session.scalars(select(Operation).where(Operation.public_id == public_id)).one_or_none()


def by_id(session: Session, operation_id: int) -> Operation | None:
    """Return an operation by its key."""
    return session.scalars(select(Operation).where(Operation.id == operation_id)).one_or_none()


def of_payment(session: Session, payment_id: int) -> Sequence[Operation]:
    """Return a payment's operations, oldest first, fresh from the database."""
    found = select(Operation).where(Operation.payment_id == payment_id).order_by(Operation.id)
    return session.scalars(found.execution_options(populate_existing=False)).all()


def payment_of(session: Session, operation: Operation) -> Payment:
    """Return the operation's payment and lock it: evidence is applied one at a time."""
    return lock_payment(session, operation.payment_id)


def lock_payment(session: Session, payment_id: int) -> Payment:
    """Return a payment as it is now and lock its row until the end of the unit of work."""
    return session.scalars(
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def attempt_of(session: Session, operation: Operation) -> Attempt:
    """Return the attempt that the operation belongs to."""
    key = operation.attempt_id
    return read_once(session, (Attempt, key), select(Attempt).where(Attempt.id == key))


def attempts(session: Session, payment_id: int) -> Sequence[Attempt]:
    """Return a payment's attempts in order."""
    found = select(Attempt).where(Attempt.payment_id == payment_id)
    return session.scalars(found.order_by(Attempt.number)).all()


def connector_account(session: Session, account_id: int) -> ConnectorAccount:
    """Return a connector account."""
    found = select(ConnectorAccount).where(ConnectorAccount.id == account_id)
    return read_once(session, (ConnectorAccount, account_id), found)


def shared_connector_account(session: Session, connector: str) -> ConnectorAccount | None:
    """Return the house's enabled account with a connector in the actor's book."""
    return session.scalars(
        select(ConnectorAccount)
        .where(
            ConnectorAccount.connector == connector,
            ConnectorAccount.enabled.is_(True),
            ConnectorAccount.merchant_id.is_(None),
        )
        .order_by(ConnectorAccount.id)
        .limit(1)
    ).one_or_none()


def merchant_of(session: Session, merchant_id: int) -> Merchant:
    """Return a merchant by its key."""
    found = select(Merchant).where(Merchant.id == merchant_id)
    return read_once(session, (Merchant, merchant_id), found)


def known_evidence(session: Session, account_id: int, event_id: str) -> Evidence | None:
    """Return evidence that was stored before under the same event id."""
    return session.scalars(
        select(Evidence).where(
            Evidence.connector_account_id == account_id, Evidence.event_id == event_id
        )
    ).one_or_none()


def events(session: Session, operation_ids: Sequence[int]) -> Sequence[OperationEvent]:
    """Return the changes of state of these operations, oldest first."""
    found = select(OperationEvent).where(OperationEvent.operation_id.in_(operation_ids))
    return session.scalars(found.order_by(OperationEvent.id)).all()


def provider_calls(session: Session, operation_ids: Sequence[int]) -> Sequence[ProviderCall]:
    """Return the masked calls made for these operations, oldest first."""
    found = select(ProviderCall).where(ProviderCall.operation_id.in_(operation_ids))
    return session.scalars(found.order_by(ProviderCall.id)).all()
