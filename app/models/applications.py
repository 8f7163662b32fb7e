"""Businesses that ask to be taken on as merchants."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Currency,
    Digest,
    EncryptedText,
    Key,
    Line,
    Model,
    Moment,
    Name,
    PublicId,
    code_type,
    id_type,
)
from app.models.tenancy import HouseItself


class MerchantApplication(HouseItself, Model):
    """What a business told of itself, who wrote it, and what the house decided.

    `token_id` is the one-time link that proves the address. An application that lapses forgets the
    person: names, address and link are empty then. `merchant_id` is what it became, `reason` why
    it was rejected.
    """

    __tablename__ = "merchant_application"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("token_id"),
        UniqueConstraint("merchant_id"),
        Index("ix_merchant_application_created", "created_at", "id"),
        Index("ix_merchant_application_state", "state", "created_at", "id"),
        Index("ix_merchant_application_email", "email_index", "created_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    state: Mapped[Code]
    business: Mapped[Name]
    country: Mapped[str] = mapped_column(code_type(2))
    default_currency: Mapped[Currency]
    timezone: Mapped[str] = mapped_column(code_type(40))
    website: Mapped[Line]
    sells: Mapped[Line]
    first_name: Mapped[str | None] = mapped_column(EncryptedText("merchant_application.first_name"))
    last_name: Mapped[str | None] = mapped_column(EncryptedText("merchant_application.last_name"))
    email: Mapped[str | None] = mapped_column(EncryptedText("merchant_application.email"))
    email_index: Mapped[Digest | None]
    locale: Mapped[str] = mapped_column(code_type(16))
    token_id: Mapped[int | None] = mapped_column(id_type(), ForeignKey("person_token.id"))
    merchant_id: Mapped[int | None] = mapped_column(id_type(), ForeignKey("merchant.id"))
    reason: Mapped[Line | None]
    decided_by: Mapped[Line | None]
    decided_at: Mapped[Moment | None]
    confirmed_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
