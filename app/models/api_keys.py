"""The keys with which merchants' programs sign in to the API."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Code, Digest, Key, Line, Model, Moment, PublicId, code_type
from app.models.tenancy import MerchantOwned


class ApiKey(MerchantOwned, Model):
    """A key of a merchant in one book; its secret is kept nowhere, only `secret_digest`.

    `scopes` are sorted, with blanks between; `networks` one a line, none lets every address in.
    `version` is the API's version that it is pinned to. From `ended_at` on it is refused: it was
    revoked, or the key that follows it (`rolled_to`) has been in use long enough.
    """

    __tablename__ = "api_key"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("secret_digest"),
        Index("ix_api_key_merchant", "merchant_id", "livemode", "created_at", "id"),
        Index("ix_api_key_created", "livemode", "created_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    name: Mapped[Line]
    prefix: Mapped[str] = mapped_column(code_type(16))
    secret_digest: Mapped[Digest]
    scopes: Mapped[str] = mapped_column(code_type(512))
    networks: Mapped[str] = mapped_column(code_type(1024))
    version: Mapped[Code]
    created_at: Mapped[Moment]
    created_by: Mapped[Line]
    expires_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    last_used_address: Mapped[str | None] = mapped_column(code_type(45))
    ended_at: Mapped[Moment | None]
    rolled_to: Mapped[PublicId | None]
