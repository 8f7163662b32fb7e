"""Bulk uploads, their rows and the references that they have taken."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
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

_TO_UPLOAD = ["bulk_upload.merchant_id", "bulk_upload.livemode", "bulk_upload.id"]
_TO_PAYMENT = ["payment.merchant_id", "payment.livemode", "payment.id"]
_TO_LINK = ["payment_link.merchant_id", "payment_link.livemode", "payment_link.id"]
_OF_LINK = ["merchant_id", "livemode", "payment_link_id"]


class BulkUpload(MerchantOwned, Model):
    """A file of rows that is checked, confirmed and run.

    Of the valid rows `rows_links` become payment links, and `rows_mails` of these are mailed;
    `totals` are of those that become payments, `link_totals` of those that become links.
    """

    __tablename__ = "bulk_upload"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        Index("ix_bulk_upload_created", "livemode", "created_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    filename: Mapped[Line]
    stored_at: Mapped[Line]
    content_digest: Mapped[Digest]
    size_bytes: Mapped[Minor]
    encoding: Mapped[Code]
    delimiter: Mapped[Code]
    decimal_mark: Mapped[str] = mapped_column(code_type(1))
    status: Mapped[Code]
    rows_total: Mapped[Count] = mapped_column(default=0)
    rows_valid: Mapped[Count] = mapped_column(default=0)
    rows_done: Mapped[Count] = mapped_column(default=0)
    rows_retry: Mapped[Count] = mapped_column(default=0)
    rows_invalid: Mapped[Count] = mapped_column(default=0)
    cells_invalid: Mapped[Count] = mapped_column(default=0)
    rows_links: Mapped[Count] = mapped_column(default=0, server_default="0")
    rows_mails: Mapped[Count] = mapped_column(default=0, server_default="0")
    rows_loaded: Mapped[Count] = mapped_column(default=0)
    loaded_line: Mapped[Count] = mapped_column(default=0)
    retry_failed: Mapped[Flag] = mapped_column(default=False)
    totals: Mapped[LongText] = mapped_column(default="{}")
    link_totals: Mapped[LongText | None]
    errors_at: Mapped[Line | None]
    failure: Mapped[LongText | None]
    created_by: Mapped[Line]
    confirmed_by: Mapped[Line | None]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class BulkRow(MerchantOwned, Model):
    """A row of a confirmed upload: it makes exactly one payment or link, or says why not."""

    __tablename__ = "bulk_row"
    __table_args__ = (
        UniqueConstraint("merchant_id", "livemode", "upload_id", "line"),
        UniqueConstraint("merchant_id", "livemode", "payment_id"),
        ForeignKeyConstraint(["merchant_id", "livemode", "upload_id"], _TO_UPLOAD),
        UniqueConstraint(*_OF_LINK),
        ForeignKeyConstraint(["merchant_id", "livemode", "payment_id"], _TO_PAYMENT),
        ForeignKeyConstraint(_OF_LINK, _TO_LINK),
        Index("ix_bulk_row_state", "upload_id", "state", "line"),
    )

    id: Mapped[Key]
    upload_id: Mapped[Reference]
    line: Mapped[Count]
    reference: Mapped[str] = mapped_column(code_type(64))
    content: Mapped[str] = mapped_column(EncryptedText("bulk_row.content"))
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    state: Mapped[Code]
    code: Mapped[str | None] = mapped_column(code_type(48))
    message: Mapped[Line | None]
    payment_id: Mapped[int | None] = mapped_column(id_type())
    payment_link_id: Mapped[int | None] = mapped_column(id_type())


class BulkReference(MerchantOwned, Model):
    """A reference that a confirmed row has taken; the same row again is already done.

    Its holder is what the row made: a payment or a payment link.
    """

    __tablename__ = "bulk_reference"
    __table_args__ = (
        UniqueConstraint("merchant_id", "livemode", "kind", "reference"),
        CheckConstraint(
            "(payment_id IS NULL) <> (payment_link_id IS NULL)", name="payment_or_link"
        ),
        ForeignKeyConstraint(["merchant_id", "livemode", "payment_id"], _TO_PAYMENT),
        ForeignKeyConstraint(_OF_LINK, _TO_LINK),
    )

    id: Mapped[Key]
    kind: Mapped[Code]
    reference: Mapped[str] = mapped_column(code_type(64))
    content_digest: Mapped[Digest]
    payment_id: Mapped[int | None] = mapped_column(id_type())
    payment_link_id: Mapped[int | None] = mapped_column(id_type())
    upload_id: Mapped[Reference]
    created_at: Mapped[Moment]
