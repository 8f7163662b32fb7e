"""The stored status and amounts of a payment are what its operations say."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from sqlalchemy import func, select

from app.domain.operations import OperationKind, OperationState
from app.domain.payments import (
    OperationFact,
    PaymentFacts,
    PaymentStatus,
    PaymentSummary,
    summarize,
)
from app.models import Attempt, Dispute, Operation, Outbox, Payment
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.domain.payments import Closure

CHUNK = 500
LIVE = frozenset({"waiting", "leased"})
# A task that failed stands on the desk, to be started again: its operation is not given up.
ON_DESK = LIVE | {"failed"}
CLOSURES: Final[Mapping[str, Closure]] = {
    "blocked": "blocked",
    "canceled": "canceled",
    "expired": "expired",
}


class PaymentSummaries:
    """Stored equals computed."""

    name: ClassVar[str] = "payment_summaries"
    sentence: ClassVar[str] = "each payment's stored status and amounts follow from its operations"

    def check(self, session: Session) -> list[Violation]:
        """Return payments that store something else than their operations say."""
        return [
            Violation(payment.public_id, fault)
            for payment, rows in _payments(session)
            for fault in _faults(payment, rows)
        ]


class _Row(NamedTuple):
    payment_id: int
    public_id: str
    kind: str
    state: str
    attempt: int
    amount_minor: int
    conflicted: bool
    suspense: bool
    task: str | None
    dispute_status: str | None
    dispute_stage: str | None


def _payments(session: Session) -> Iterator[tuple[Payment, Sequence[_Row]]]:
    last = 0
    while True:
        found = session.scalars(
            select(Payment).where(Payment.id > last).order_by(Payment.id).limit(CHUNK)
        ).all()
        if not found:
            return
        rows = _operations(session, [payment.id for payment in found])
        for payment in found:
            yield payment, rows.get(payment.id, ())
        last = found[-1].id
        session.expunge_all()


def _operations(session: Session, payment_ids: list[int]) -> dict[int, list[_Row]]:
    rows = session.execute(
        select(
            Operation.payment_id,
            Operation.public_id,
            Operation.kind,
            Operation.state,
            Attempt.number,
            func.coalesce(Operation.moved_minor, Operation.amount_minor),
            Operation.conflicted,
            Operation.suspense,
            Outbox.state,
            Dispute.status,
            Dispute.stage,
        )
        .join(Attempt, Attempt.id == Operation.attempt_id)
        .outerjoin(Outbox, Outbox.ref == Operation.public_id)
        .outerjoin(Dispute, Dispute.operation_id == Operation.id)
        .where(Operation.payment_id.in_(payment_ids))
        .order_by(Operation.payment_id, Operation.id)
    )
    facts = [_Row(*row) for row in rows]
    return {key: list(group) for key, group in groupby(facts, key=lambda row: row.payment_id)}


def _faults(payment: Payment, rows: Sequence[_Row]) -> Iterator[str]:
    now, kept = _summary(payment, rows, LIVE), _summary(payment, rows, ON_DESK)
    # An edge between statuses that is not listed is kept as a conflict until a person ends it.
    statuses = {now.status, kept.status, PaymentStatus.CONFLICTED}
    if payment.status not in statuses:
        yield f"is stored as {payment.status}, its operations say {now.status}"
    for name in (
        "authorized_minor",
        "captured_minor",
        "refunded_minor",
        "disputed_minor",
        "charged_back_minor",
    ):
        stored, computed = getattr(payment, name), getattr(now, name)
        if stored != computed:
            yield f"stores {name} {stored}, its operations say {computed}"


def _summary(payment: Payment, rows: Sequence[_Row], queued: frozenset[str]) -> PaymentSummary:
    return summarize(
        PaymentFacts(
            amount_minor=payment.amount_minor,
            capture_mode="manual" if payment.capture_mode == "manual" else "automatic",
            operations=tuple(
                OperationFact(
                    kind=OperationKind(row.kind),
                    state=OperationState(row.state),
                    attempt=row.attempt,
                    amount_minor=row.amount_minor,
                    sequence=sequence,
                    queued=row.task in queued,
                    conflicted=row.conflicted,
                    suspense=row.suspense,
                    dispute_status=row.dispute_status,
                    dispute_stage=row.dispute_stage,
                )
                for sequence, row in enumerate(rows)
            ),
            closed=CLOSURES.get(payment.closed or ""),
            attempts_left=payment.may_try_again and payment.closed is None,
        )
    )
