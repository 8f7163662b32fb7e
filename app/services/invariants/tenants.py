"""What belongs to a row belongs to the same merchant and stands in the same book."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import and_, or_, select

from app.models import (
    Attempt,
    BulkRow,
    BulkUpload,
    ConnectorAccount,
    Evidence,
    LedgerAccount,
    LedgerBalance,
    LedgerJournal,
    LedgerLine,
    Operation,
    OperationEvent,
    Outbox,
    Payment,
    ProviderCall,
)
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Kinship:
    """A child table, its parent, how they are joined, and whether the merchant is shared too."""

    child: type[Any]
    parent: type[Any]
    joined: ColumnElement[bool]
    same_merchant: bool = True

    @property
    def words(self) -> str:
        """Return how the pair is named in a violation."""
        return f"{self.child.__name__} of {self.parent.__name__}"


KINSHIPS: tuple[Kinship, ...] = (
    Kinship(Attempt, Payment, Attempt.payment_id == Payment.id),
    Kinship(
        Attempt,
        ConnectorAccount,
        Attempt.connector_account_id == ConnectorAccount.id,
        same_merchant=False,
    ),
    Kinship(Operation, Payment, Operation.payment_id == Payment.id),
    Kinship(Operation, Attempt, Operation.attempt_id == Attempt.id),
    Kinship(OperationEvent, Operation, OperationEvent.operation_id == Operation.id),
    Kinship(Evidence, Operation, Evidence.operation_id == Operation.id),
    Kinship(ProviderCall, Operation, ProviderCall.operation_id == Operation.id),
    Kinship(Outbox, Operation, Outbox.ref == Operation.public_id),
    Kinship(Outbox, BulkUpload, Outbox.ref == BulkUpload.public_id),
    Kinship(LedgerJournal, Payment, LedgerJournal.payment_id == Payment.id),
    Kinship(
        LedgerLine, LedgerJournal, LedgerLine.journal_id == LedgerJournal.id, same_merchant=False
    ),
    Kinship(LedgerLine, LedgerAccount, LedgerLine.account_id == LedgerAccount.id),
    Kinship(LedgerBalance, LedgerAccount, LedgerBalance.account_id == LedgerAccount.id),
    Kinship(BulkRow, BulkUpload, BulkRow.upload_id == BulkUpload.id),
    Kinship(BulkRow, Payment, BulkRow.payment_id == Payment.id),
)


class Tenants:
    """No row belongs to two merchants or stands in two books."""

    name: ClassVar[str] = "tenants"
    sentence: ClassVar[str] = "each row has the merchant and the book of the row that it belongs to"

    def check(self, session: Session) -> list[Violation]:
        """Return children whose merchant or book is not their parent's."""
        return [fault for kinship in KINSHIPS for fault in _strangers(session, kinship)]


def _strangers(session: Session, kinship: Kinship) -> Sequence[Violation]:
    child, parent = kinship.child, kinship.parent
    differs = [child.livemode != parent.livemode]
    if kinship.same_merchant:
        one_has_none = child.merchant_id.is_(None) != parent.merchant_id.is_(None)
        differs += [child.merchant_id != parent.merchant_id, one_has_none]
    key = getattr(child, "id", None)
    rows = session.execute(
        select(child.account_id if key is None else key)
        .select_from(child)
        .join(parent, and_(kinship.joined))
        .where(or_(*differs))
    )
    return [
        Violation(f"{kinship.words} {row_id}", "another merchant or book") for (row_id,) in rows
    ]
