"""Links that ask their payers for payments."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
    EncryptedText,
    Key,
    Line,
    LongText,
    Model,
    Moment,
    PublicId,
    code_type,
)
from app.models.tenancy import MerchantOwned

_NEWEST = ("created_at", "id")


class PaymentLink(MerchantOwned, Model):
    """An address at which a payment is begun, once or again and again.

    `amount_minor` is what is asked for; where it is empty, the payer enters it, from `least_minor`
    to `most_minor`. `most_payments` is how often it may be paid, 1 for a one-off link. `token` is
    its address; `customer_…`, `payer_locale` and `details` (`metadata`, as JSON) are handed on to
    its payments. How often it was paid is read from its payments, which know it.
    """

    __tablename__ = "payment_link"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("token"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        CheckConstraint(
            "(amount_minor IS NULL AND least_minor > 0)"
            " OR (amount_minor > 0 AND least_minor IS NULL AND most_minor IS NULL)",
            name="amount_or_range",
        ),
        CheckConstraint("most_minor IS NULL OR most_minor >= least_minor", name="range_ascends"),
        CheckConstraint("most_payments IS NULL OR most_payments > 0", name="payments_positive"),
        Index("ix_payment_link_merchant", "merchant_id", "livemode", *_NEWEST),
        Index("ix_payment_link_book", "livemode", *_NEWEST),
        Index("ix_payment_link_reference", "merchant_id", "livemode", "reference"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    token: Mapped[str] = mapped_column(code_type(40))
    kind: Mapped[Code]
    title: Mapped[Line]
    description: Mapped[Line]
    reference: Mapped[str] = mapped_column(code_type(64))
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    least_minor: Mapped[int | None] = mapped_column(BigInteger)
    most_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[Currency]
    most_payments: Mapped[Count | None]
    customer_email: Mapped[str | None] = mapped_column(EncryptedText("payment_link.customer_email"))
    customer_name: Mapped[str | None] = mapped_column(EncryptedText("payment_link.customer_name"))
    customer_phone: Mapped[str | None] = mapped_column(EncryptedText("payment_link.customer_phone"))
    payer_locale: Mapped[str | None] = mapped_column(code_type(16))
    details: Mapped[LongText | None]
    return_url: Mapped[Line]
    expires_at: Mapped[Moment | None]
    switched_off_at: Mapped[Moment | None]
    version: Mapped[Count] = mapped_column(default=1)
    created_by: Mapped[Line]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
