"""Reads and conditional updates of what providers have sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from app.models import (
    ConnectorAccount,
    Evidence,
    InboundEvent,
    Operation,
    OperationEvent,
    Payment,
)
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_EVENTS = Keys(InboundEvent.received_at, InboundEvent.id, InboundEvent.public_id)
STATES = ("received", "applied", "unmatched", "ignored", "failed")
REPLAYABLE = ("applied", "unmatched", "failed")
MOST_KINDS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFilter:
    """What the list is narrowed to; empty values do not narrow.

    `received_from` is included, `received_before` is not; `account` is the public id of a
    connector account, `event` the provider's own id.
    """

    received_from: datetime | None = None
    received_before: datetime | None = None
    state: str = ""
    kind: str = ""
    account: str = ""
    event: str = ""
    ids: tuple[str, ...] = ()


def get(session: Session, public_id: str) -> InboundEvent | None:
    """Return an event by its public id."""
    found = select(InboundEvent).where(InboundEvent.public_id == public_id)
    return session.scalars(found).one_or_none()


def by_event(session: Session, account_id: int, event_id: str) -> InboundEvent | None:
    """Return an event by the provider's own id of it."""
    return session.scalars(
        select(InboundEvent).where(
            InboundEvent.connector_account_id == account_id, InboundEvent.event_id == event_id
        )
    ).one_or_none()


def add_copy(session: Session, account_id: int, event_id: str) -> bool:
    """Count a further copy of an event; False where there is none yet."""
    return (
        changed(
            session,
            update(InboundEvent)
            .where(
                InboundEvent.connector_account_id == account_id, InboundEvent.event_id == event_id
            )
            .values(copies=InboundEvent.copies + 1),
        )
        == 1
    )


def take_back(session: Session, public_id: str) -> bool:
    """Let an event be applied once more, as if it had just come; False where it still waits."""
    return (
        changed(
            session,
            update(InboundEvent)
            .where(InboundEvent.public_id == public_id, InboundEvent.state.in_(REPLAYABLE))
            .values(state="received", tries=0, error=None),
        )
        == 1
    )


def reserve_capture(session: Session, payment_id: int, amount_minor: int) -> bool:
    """Count a capture that the provider tells of as asked for; False past the payment's amount."""
    return (
        changed(
            session,
            update(Payment)
            .where(
                Payment.id == payment_id,
                Payment.capture_asked_minor + amount_minor <= Payment.amount_minor,
            )
            .values(capture_asked_minor=Payment.capture_asked_minor + amount_minor),
        )
        == 1
    )


def page(session: Session, wanted: InboundFilter, window: Window) -> Slice:
    """Return one page of the events, newest first, without their bodies."""
    found = select(
        InboundEvent.public_id,
        InboundEvent.merchant_id,
        InboundEvent.received_at,
        InboundEvent.applied_at,
        InboundEvent.event_id,
        InboundEvent.kind,
        InboundEvent.state,
        InboundEvent.copies,
        InboundEvent.tries,
        InboundEvent.error,
        ConnectorAccount.name.label("account_name"),
        ConnectorAccount.public_id.label("account_public_id"),
        Operation.public_id.label("operation_public_id"),
        Payment.public_id.label("payment_public_id"),
    )
    found = found.join(ConnectorAccount, ConnectorAccount.id == InboundEvent.connector_account_id)
    found = found.outerjoin(Operation, Operation.id == InboundEvent.operation_id)
    found = found.outerjoin(Payment, Payment.id == Operation.payment_id)
    return listing.page(session, found.where(*_conditions(wanted)), _EVENTS, window)


def count(session: Session, wanted: InboundFilter) -> CappedCount:
    """Count the events of the list, as far as they are counted."""
    plain: Select[Any] = select(InboundEvent.id)
    if wanted.account:
        account = ConnectorAccount.id == InboundEvent.connector_account_id
        plain = plain.join(ConnectorAccount, account)
    return keyset.counted(session, plain.where(*_conditions(wanted)))


def kinds(session: Session) -> list[str]:
    """Return the kinds of events that have come, for the filter."""
    found = select(InboundEvent.kind).distinct().order_by(InboundEvent.kind)
    return list(session.scalars(found.limit(MOST_KINDS)))


def accounts(session: Session) -> Sequence[Row[str, str]]:
    """Return (public id, name) of the connector accounts of this book."""
    found = select(ConnectorAccount.public_id, ConnectorAccount.name)
    return session.execute(found.order_by(ConnectorAccount.name, ConnectorAccount.id)).all()


def account_of(session: Session, event: InboundEvent) -> ConnectorAccount:
    """Return the connector account that an event came for."""
    found = select(ConnectorAccount).where(ConnectorAccount.id == event.connector_account_id)
    return session.scalars(found).one()


def about(session: Session, event: InboundEvent) -> Row[Operation, Payment] | None:
    """Return the operation that an event was applied to, and its payment."""
    if event.operation_id is None:
        return None
    return session.execute(
        select(Operation, Payment)
        .join(Payment, Payment.id == Operation.payment_id)
        .where(Operation.id == event.operation_id)
    ).one_or_none()


def done_by(session: Session, event: InboundEvent) -> Sequence[OperationEvent]:
    """Return the changes of state that an event brought, oldest first."""
    return session.scalars(
        select(OperationEvent)
        .join(Evidence, Evidence.id == OperationEvent.evidence_id)
        .where(
            Evidence.connector_account_id == event.connector_account_id,
            Evidence.event_id == event.event_id,
        )
        .order_by(OperationEvent.id)
    ).all()


def _conditions(wanted: InboundFilter) -> list[ColumnElement[bool]]:
    exact = (
        (InboundEvent.state, wanted.state),
        (InboundEvent.kind, wanted.kind),
        (InboundEvent.event_id, wanted.event),
        (ConnectorAccount.public_id, wanted.account),
    )
    conditions = [column == value for column, value in exact if value]
    if wanted.received_from is not None:
        conditions.append(InboundEvent.received_at >= wanted.received_from)
    if wanted.received_before is not None:
        conditions.append(InboundEvent.received_at < wanted.received_before)
    if wanted.ids:
        conditions.append(InboundEvent.public_id.in_(wanted.ids))
    return conditions
