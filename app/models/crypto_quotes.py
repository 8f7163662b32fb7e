"""What a payer was asked to send in a crypto asset, and what has arrived."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
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


class CryptoQuote(MerchantOwned, Model):
    """A rate locked until `expires_at`, with one fresh address; one an attempt.

    Units are the asset's smallest (satoshi, gwei, micro-dollars), `decimals` says how many of them
    make one. `late_units` is the part of `received_units` that came after the quote had expired.
    `rate` is the price of one whole unit in the payment's currency, as decimal text.
    """

    __tablename__ = "crypto_quote"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "attempt_id"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id", "attempt_id"],
            ["attempt.merchant_id", "attempt.livemode", "attempt.payment_id", "attempt.id"],
        ),
        CheckConstraint("expected_units > 0 AND received_units >= 0", name="units"),
        Index("ix_crypto_quote_address", "livemode", "address"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    payment_id: Mapped[Reference]
    attempt_id: Mapped[Reference]
    asset: Mapped[Code]
    decimals: Mapped[Count]
    expected_units: Mapped[int] = mapped_column(BigInteger)
    received_units: Mapped[int] = mapped_column(BigInteger, default=0)
    late_units: Mapped[int] = mapped_column(BigInteger, default=0)
    expected_minor: Mapped[Minor]
    received_minor: Mapped[Minor] = mapped_column(default=0)
    currency: Mapped[Currency]
    rate: Mapped[str] = mapped_column(code_type(40))
    address: Mapped[str] = mapped_column(code_type(128))
    confirmations: Mapped[Count] = mapped_column(default=0)
    confirmations_needed: Mapped[Count]
    chain_reference: Mapped[Line] = mapped_column(default="")
    expires_at: Mapped[Moment]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
