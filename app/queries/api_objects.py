"""What the API tells of several objects, read by one statement for each kind of row."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Attempt, BulkUpload, Dispute, Operation, Payment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


def payments(session: Session, public_ids: Sequence[str]) -> list[Payment]:
    """Return payments in the order of their ids."""
    found = session.scalars(select(Payment).where(Payment.public_id.in_(public_ids)))
    known = {payment.public_id: payment for payment in found}
    return [known[each] for each in public_ids if each in known]


def operations(session: Session, public_ids: Sequence[str]) -> list[tuple[Operation, str]]:
    """Return operations in the order of their ids, each with the public id of its payment."""
    rows = session.execute(
        select(Operation, Payment.public_id)
        .join(Payment, Payment.id == Operation.payment_id)
        .where(Operation.public_id.in_(public_ids))
    )
    known = {operation.public_id: (operation, payment) for operation, payment in rows}
    return [known[each] for each in public_ids if each in known]


def disputes(session: Session, public_ids: Sequence[str]) -> list[tuple[Dispute, str]]:
    """Return disputes in the order of their ids, each with the public id of its payment."""
    rows = session.execute(
        select(Dispute, Payment.public_id)
        .join(Payment, Payment.id == Dispute.payment_id)
        .where(Dispute.public_id.in_(public_ids))
    )
    known = {dispute.public_id: (dispute, payment) for dispute, payment in rows}
    return [known[each] for each in public_ids if each in known]


def uploads(session: Session, public_ids: Sequence[str]) -> list[BulkUpload]:
    """Return uploads in the order of their ids."""
    found = session.scalars(select(BulkUpload).where(BulkUpload.public_id.in_(public_ids)))
    known = {upload.public_id: upload for upload in found}
    return [known[each] for each in public_ids if each in known]


def attempts_of(session: Session, payment_ids: Sequence[int]) -> Mapping[int, list[Attempt]]:
    """Return the attempts of payments by their keys, the first first."""
    found: defaultdict[int, list[Attempt]] = defaultdict(list)
    rows = select(Attempt).where(Attempt.payment_id.in_(payment_ids)).order_by(Attempt.id)
    for attempt in session.scalars(rows):
        found[attempt.payment_id].append(attempt)
    return found


def operations_of(session: Session, payment_ids: Sequence[int]) -> Mapping[int, list[Operation]]:
    """Return the operations of payments by their keys, the oldest first."""
    found: defaultdict[int, list[Operation]] = defaultdict(list)
    rows = select(Operation).where(Operation.payment_id.in_(payment_ids)).order_by(Operation.id)
    for operation in session.scalars(rows):
        found[operation.payment_id].append(operation)
    return found
