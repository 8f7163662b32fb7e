"""Reads of disputes: those of a payment, one by its id, and the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.domain.disputes import OVER
from app.domain.payments import DisputeStatus
from app.models import Attempt, ConnectorAccount, Dispute, Operation, Payment
from app.queries import keyset, listing, payers
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_NEWEST = Keys(Dispute.created_at, Dispute.id, Dispute.public_id)
_NEAREST = Keys(Dispute.due_at, Dispute.id, Dispute.public_id, oldest_first=True)
MOST_DUE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFilter:
    """What the list is narrowed to; empty values do not narrow.

    `created_from` is included, `created_before` is not; `to_answer` leaves those that are open and
    have a date by which to answer, `due_before` those that are not over and due by then; amounts
    are of one currency, in minor units, both ends included; `payer` is the public id of a payment
    of the payer that is meant.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    to_answer: bool = False
    due_before: datetime | None = None
    statuses: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    merchant: str = ""
    currency: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    payment: str = ""
    payer: str = ""
    ids: tuple[str, ...] = ()


def get(session: Session, public_id: str) -> Dispute | None:
    """Return a dispute that the actor may see."""
    return session.scalars(select(Dispute).where(Dispute.public_id == public_id)).one_or_none()


def of_operation(session: Session, operation_id: int) -> Dispute | None:
    """Return the dispute behind an operation."""
    found = select(Dispute).where(Dispute.operation_id == operation_id)
    return session.scalars(found).one_or_none()


def of_payment(session: Session, payment_id: int) -> Sequence[Dispute]:
    """Return a payment's disputes, oldest first."""
    found = select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.id)
    return session.scalars(found).all()


def operation(session: Session, operation_id: int) -> Operation:
    """Return the operation that a dispute is the head of."""
    return session.scalars(select(Operation).where(Operation.id == operation_id)).one()


def account_of(session: Session, operation_id: int) -> ConnectorAccount | None:
    """Return the connector account of an operation; None for merchants, who meet none."""
    return session.scalars(
        select(ConnectorAccount)
        .join(Attempt, Attempt.connector_account_id == ConnectorAccount.id)
        .join(Operation, Operation.attempt_id == Attempt.id)
        .where(Operation.id == operation_id)
    ).one_or_none()


def page(session: Session, wanted: DisputeFilter, window: Window) -> Slice:
    """Return one page of the disputes that the actor may see, newest first.

    Of those that are due the one with the nearest date comes first.
    """
    found = _rows().where(*_conditions(session, wanted))
    return listing.page(session, found, _NEAREST if _is_due(wanted) else _NEWEST, window)


def count(session: Session, wanted: DisputeFilter) -> CappedCount:
    """Count the disputes of the list, as far as they are counted."""
    plain = select(Dispute.id).join(Payment, Payment.id == Dispute.payment_id)
    return keyset.counted(session, plain.where(*_conditions(session, wanted)))


def due_first(session: Session) -> Sequence[Row[Any]]:
    """Return the few open disputes that have to be answered first."""
    waiting = _rows().where(Dispute.status == "open", Dispute.due_at.is_not(None))
    return session.execute(waiting.order_by(Dispute.due_at, Dispute.id).limit(MOST_DUE)).all()


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        Dispute.public_id,
        Dispute.merchant_id,
        Dispute.created_at,
        Dispute.due_at,
        Dispute.stage,
        Dispute.status,
        Dispute.amount_minor,
        Dispute.currency,
        Dispute.withdrawn,
        Dispute.reason_code,
        Dispute.reason_text,
        Payment.public_id.label("payment_public_id"),
        Payment.reference,
    ).join(Payment, Payment.id == Dispute.payment_id)


def _conditions(session: Session, wanted: DisputeFilter) -> list[ColumnElement[bool]]:
    conditions = [*_within(wanted), *_exact(wanted)]
    if wanted.merchant:
        merchants = listing.merchant_ids(session, wanted.merchant)
        conditions.append(Dispute.merchant_id.in_(merchants))
    if wanted.payer:
        conditions.append(payers.of_payer(session, wanted.payer))
    if wanted.to_answer:
        conditions += [Dispute.due_at.is_not(None), Dispute.status == DisputeStatus.OPEN]
    if wanted.due_before is not None:
        conditions += [Dispute.due_at < wanted.due_before, Dispute.status.not_in(OVER)]
    return conditions


def _is_due(wanted: DisputeFilter) -> bool:
    return wanted.to_answer or wanted.due_before is not None


def _within(wanted: DisputeFilter) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.created_from is not None:
        conditions.append(Dispute.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(Dispute.created_at < wanted.created_before)
    if wanted.least_minor is not None:
        conditions.append(Dispute.amount_minor >= wanted.least_minor)
    if wanted.most_minor is not None:
        conditions.append(Dispute.amount_minor <= wanted.most_minor)
    return conditions


def _exact(wanted: DisputeFilter) -> list[ColumnElement[bool]]:
    several = (
        (Dispute.status, wanted.statuses),
        (Dispute.stage, wanted.stages),
        (Dispute.public_id, wanted.ids),
        (Dispute.currency, (wanted.currency,) if wanted.currency else ()),
        (Payment.public_id, (wanted.payment,) if wanted.payment else ()),
    )
    return [column.in_(values) for column, values in several if values]
