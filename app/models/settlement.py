"""When a merchant's money becomes available."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
    Key,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
)
from app.models.tenancy import MerchantOwned


class SettlementSchedule(MerchantOwned, Model):
    """Business days until a capture is released, and what is kept in reserve meanwhile.

    `method` is a family or empty for all. `calendar` is an ISO 3166 country whose weekends and
    public holidays are no business days. `reserve_bps` of a capture is held for `reserve_days`.
    """

    __tablename__ = "settlement_schedule"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "method"),
        CheckConstraint(
            "release_days BETWEEN 0 AND 90 AND reserve_days BETWEEN 0 AND 365"
            " AND reserve_bps BETWEEN 0 AND 10000",
            name="range",
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    method: Mapped[Code] = mapped_column(default="")
    release_days: Mapped[Count]
    calendar: Mapped[str] = mapped_column(code_type(2))
    reserve_bps: Mapped[Count] = mapped_column(default=0)
    reserve_days: Mapped[Count] = mapped_column(default=0)
    created_at: Mapped[Moment]


class Lot(MerchantOwned, Model):
    """What a capture put into pending or reserve, and when the rest of it is released.

    `amount_minor` is what was put there; what is left of it the ledger's lines of the payment say.
    `kind`: pending or reserve, `state`: held or released. `number` counts the lots of one operation
    and kind: a capture that came back after its lot was released opens another one, and so does a
    refund that failed after the lot from which it was held.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "operation_id", "kind", "number"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
        ),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "operation_id"],
            ["operation.merchant_id", "operation.livemode", "operation.id"],
        ),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("(state = 'released') = (released_at IS NOT NULL)", name="released_at"),
        Index("ix_lot_due", "state", "release_at", "id"),
        Index("ix_lot_merchant", "merchant_id", "livemode", "state", "release_at", "id"),
        Index("ix_lot_book", "livemode", "release_at", "id"),
        Index("ix_lot_payment", "payment_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    payment_id: Mapped[Reference]
    operation_id: Mapped[Reference]
    kind: Mapped[Code]
    number: Mapped[Count]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    state: Mapped[Code]
    release_at: Mapped[Moment]
    released_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
