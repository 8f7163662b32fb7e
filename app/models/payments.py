"""Payments and their attempts."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
    Digest,
    EncryptedText,
    Flag,
    Key,
    Line,
    LongText,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
    id_type,
)
from app.models.tenancy import MerchantOwned

# What a reader's statements are narrowed to: a book for staff, a merchant's book for its people.
_BOOK = ("livemode",)
_MERCHANT = ("merchant_id", "livemode")
# After what is compared, an index that goes on like this gives its rows in the order of the lists.
_NEWEST = ("created_at", "id")
# With these behind it, a list with any of their filters is read from the index alone.
_FILTERS = ("status", "currency", "method", "failure_code", "amount_minor")


class Payment(MerchantOwned, Model):
    """What a merchant asked for; status and amounts are computed from the operations."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("page_token"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint(
            "refund_asked_minor >= 0 AND refund_asked_minor <= captured_peak_minor",
            name="refund_asked_within_captured",
        ),
        CheckConstraint("captured_minor <= captured_peak_minor", name="captured_peak"),
        CheckConstraint(
            "capture_asked_minor >= 0 AND capture_asked_minor <= amount_minor",
            name="capture_asked_within_amount",
        ),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_link_id"],
            ["payment_link.merchant_id", "payment_link.livemode", "payment_link.id"],
        ),
        # What was opened and paid by a link is counted from this index alone.
        Index("ix_payment_link", *_MERCHANT, "payment_link_id", *_NEWEST, "captured_minor"),
        Index("ix_payment_book_newest", *_BOOK, *_NEWEST, *_FILTERS),
        Index("ix_payment_merchant_newest", *_MERCHANT, *_NEWEST, *_FILTERS),
        Index("ix_payment_status", *_BOOK, "status", *_NEWEST),
        Index("ix_payment_merchant_status", *_MERCHANT, "status", *_NEWEST),
        Index("ix_payment_book_reference", *_BOOK, "reference", *_NEWEST),
        Index("ix_payment_merchant_reference", *_MERCHANT, "reference", *_NEWEST),
        Index("ix_payment_book_email", *_BOOK, "customer_email_index", *_NEWEST),
        Index("ix_payment_merchant_email", *_MERCHANT, "customer_email_index", *_NEWEST),
        Index("ix_payment_book_amount", *_BOOK, "currency", "amount_minor", *_NEWEST),
        Index("ix_payment_merchant_amount", *_MERCHANT, "currency", "amount_minor", *_NEWEST),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    reference: Mapped[str] = mapped_column(code_type(64))
    origin: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    method: Mapped[Code]
    capture_mode: Mapped[Code]
    status: Mapped[Code]
    authorized_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    capture_asked_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    void_asked: Mapped[Flag] = mapped_column(default=False, server_default=false())
    captured_minor: Mapped[Minor] = mapped_column(default=0)
    captured_peak_minor: Mapped[Minor] = mapped_column(default=0)
    refund_asked_minor: Mapped[Minor] = mapped_column(default=0)
    refunded_minor: Mapped[Minor] = mapped_column(default=0)
    disputed_minor: Mapped[Minor] = mapped_column(default=0)
    charged_back_minor: Mapped[Minor] = mapped_column(default=0)
    closed: Mapped[str | None] = mapped_column(code_type(16))
    expires_at: Mapped[Moment | None]
    may_try_again: Mapped[Flag] = mapped_column(default=False, server_default=false())
    payment_link_id: Mapped[int | None] = mapped_column(id_type())
    page_token: Mapped[str] = mapped_column(code_type(40))
    return_nonce: Mapped[str | None] = mapped_column(code_type(40))
    customer_name: Mapped[str | None] = mapped_column(EncryptedText("payment.customer_name"))
    customer_email: Mapped[str | None] = mapped_column(EncryptedText("payment.customer_email"))
    customer_email_index: Mapped[Digest | None]
    customer_phone: Mapped[str | None] = mapped_column(EncryptedText("payment.customer_phone"))
    payer_locale: Mapped[str | None] = mapped_column(code_type(16))
    description: Mapped[Line] = mapped_column(default="")
    details: Mapped[LongText] = mapped_column(default="{}")
    return_url: Mapped[Line] = mapped_column(default="")
    failure_code: Mapped[str | None] = mapped_column(code_type(48))
    created_by: Mapped[Line]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class Attempt(MerchantOwned, Model):
    """One try of a payment through one connector account with one method.

    `method_name` tells methods of a family apart (`qr`, `BTC`, `ideal`), `details` is what the
    payer or merchant gave for it and `facts` what the provider told of it, each a JSON object of
    texts.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "payment_id", "number"),
        UniqueConstraint("merchant_id", "livemode", "payment_id", "id"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id"],
            ["payment.merchant_id", "payment.livemode", "payment.id"],
        ),
        ForeignKeyConstraint(
            ["connector_account_id", "livemode"],
            ["connector_account.id", "connector_account.livemode"],
        ),
        Index("ix_attempt_last4", *_BOOK, "card_last4"),
        Index("ix_attempt_merchant_last4", *_MERCHANT, "card_last4"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    payment_id: Mapped[Reference]
    connector_account_id: Mapped[Reference]
    number: Mapped[Count]
    method: Mapped[Code]
    method_name: Mapped[str] = mapped_column(code_type(32), default="", server_default="")
    details: Mapped[str | None] = mapped_column(EncryptedText("attempt.details"))
    facts: Mapped[str | None] = mapped_column(EncryptedText("attempt.facts"))
    card_token: Mapped[str | None] = mapped_column(EncryptedText("attempt.card_token"))
    card_brand: Mapped[str | None] = mapped_column(code_type(24))
    card_last4: Mapped[str | None] = mapped_column(code_type(4))
    card_fingerprint: Mapped[str | None] = mapped_column(code_type(64))
    created_at: Mapped[Moment]
