"""Disputes as the providers report them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Currency,
    Flag,
    Key,
    Line,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
)
from app.models.tenancy import MerchantOwned


class Dispute(MerchantOwned, Model):
    """A payer's objection through the bank; the head of an operation of kind `dispute`.

    `withdrawn` tells whether the provider has taken the money already. `due_at` is when an answer
    must have been given.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("operation_id"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
        ),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "operation_id"],
            ["operation.merchant_id", "operation.livemode", "operation.id"],
        ),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_dispute_payment", "payment_id", "id"),
        Index("ix_dispute_book", "livemode", "status", "created_at", "id"),
        Index("ix_dispute_book_newest", "livemode", "created_at", "id"),
        Index("ix_dispute_merchant", "merchant_id", "livemode", "created_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    payment_id: Mapped[Reference]
    operation_id: Mapped[Reference]
    stage: Mapped[Code]
    status: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    withdrawn: Mapped[Flag] = mapped_column(default=False, server_default=false())
    reason_code: Mapped[str | None] = mapped_column(code_type(64))
    reason_text: Mapped[Line | None]
    due_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
