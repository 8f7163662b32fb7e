"""Mails to people, and the one-time links in some of them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Digest,
    EncryptedText,
    Key,
    Line,
    Model,
    Moment,
    Name,
    PublicId,
    Reference,
    code_type,
)
from app.models.tenancy import NoticeOwned

_NEWEST = ("created_at", "id")


class Notification(NoticeOwned, Model):
    """A mail to one person about one object; what it says is made of `params` when it is sent.

    `secret` is the token of the link in it, kept until it was sent and no longer. `attempts` counts
    since it was last asked for, `rounds` how often that was, `task_id` is the task that may make
    the next attempt. `subject` is that of the mail that was sent last.
    """

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("dedupe_key"),
        Index("ix_notification_created", *_NEWEST),
        Index("ix_notification_merchant", "merchant_id", *_NEWEST),
        Index("ix_notification_recipient", "recipient_index", *_NEWEST),
        Index("ix_notification_object", "object_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    locale: Mapped[str] = mapped_column(code_type(16))
    zone: Mapped[str] = mapped_column(code_type(64))
    recipient: Mapped[str] = mapped_column(EncryptedText("notification.recipient"))
    recipient_index: Mapped[Digest]
    object_type: Mapped[Code]
    object_id: Mapped[PublicId]
    dedupe_key: Mapped[str] = mapped_column(code_type(160))
    params: Mapped[str] = mapped_column(EncryptedText("notification.params"))
    secret: Mapped[str | None] = mapped_column(EncryptedText("notification.secret"))
    state: Mapped[Code]
    attempts: Mapped[Count] = mapped_column(default=0)
    rounds: Mapped[Count] = mapped_column(default=0)
    task_id: Mapped[Reference]
    subject: Mapped[Line | None]
    error: Mapped[Line | None]
    next_at: Mapped[Moment | None]
    sent_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class PersonToken(NoticeOwned, Model):
    """A one-time link that was mailed to somebody; only the digest of its token is kept.

    `kind` is reset (of the password of `user_id`) or invitation (to `role`, of a merchant or of the
    house). It works until `expires_at` unless it was used or revoked before.
    """

    __tablename__ = "person_token"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("digest"),
        Index("ix_person_token_created", "kind", *_NEWEST),
        Index("ix_person_token_merchant", "merchant_id", "kind", *_NEWEST),
        Index("ix_person_token_user", "user_id", "created_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    digest: Mapped[Digest]
    email: Mapped[str] = mapped_column(EncryptedText("person_token.email"))
    email_index: Mapped[Digest]
    user_id: Mapped[int | None] = mapped_column(
        Integer, ForeignKey("ab_user.id", ondelete="CASCADE")
    )
    role: Mapped[Name | None]
    invited_by: Mapped[Line]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
