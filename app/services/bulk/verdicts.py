"""What a row that can be read would do: a new payment, nothing, another try, or a collision."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.payments import PaymentStatus
from app.errors import said
from app.queries import bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.bulk_rows import PaymentRow
    from app.queries.bulk import Taken


class Verdict(StrEnum):
    """What the database says about a row's reference."""

    NEW = "new"
    DONE = "done"
    RETRY = "retry"
    COLLISION = "collision"


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its verdict, and who holds its reference; `digest` is the row's own content."""

    row: PaymentRow
    digest: bytes
    verdict: Verdict
    holder: Taken | None

    @property
    def collision(self) -> str:
        """Why the row cannot be taken, naming the payment."""
        payment = self.holder.payment if self.holder else said("another payment")
        reason = said(
            "is already used by {payment}, which asks for something else or was made another way. "
            "Give this row a reference of its own.",
            payment=payment,
        )
        return said("{column}: {reason}", column="reference", reason=reason)


def judge(session: Session, merchant_id: int, rows: Sequence[PaymentRow]) -> list[Judged]:
    """Judge rows with two reads for all of them; references within `rows` differ.

    The same row again (same reference, same content) is `DONE`, or `RETRY` where its payment
    failed. Another content under the reference, or a payment that no file made, is a `COLLISION`.
    """
    holders = bulk.taken(session, merchant_id, [row.reference for row in rows])
    return [_judge(row, holders.get(row.reference)) for row in rows]


def _judge(row: PaymentRow, holder: Taken | None) -> Judged:
    digest = row.content_digest()
    if holder is None:
        verdict = Verdict.NEW
    elif holder.content_digest != digest:
        verdict = Verdict.COLLISION
    elif holder.status == PaymentStatus.FAILED:
        verdict = Verdict.RETRY
    else:
        verdict = Verdict.DONE
    return Judged(row, digest, verdict, holder)
