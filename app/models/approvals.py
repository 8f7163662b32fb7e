"""Four eyes: what one person asks for and another decides."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Currency,
    Digest,
    EncryptedText,
    Key,
    Line,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
)
from app.models.tenancy import AccountOwned


class ApprovalRequest(AccountOwned, Model):
    """A command that waits for a second person.

    `state`: waiting, approved, rejected, withdrawn, lapsed. `open_key` names command and object
    while it waits and is empty afterwards, so that the same thing is asked for once at a time.
    `object_id` is a public id, or names the place of what does not exist yet; `object_digest`
    stands for the object as the maker saw it: a changed object lapses the request. `payload` is
    the command's arguments as canonical JSON, amounts in minor units.
    """

    __tablename__ = "approval_request"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("open_key"),
        UniqueConstraint("livemode", "id"),
        CheckConstraint(
            "checker_user_id IS NULL OR checker_user_id <> maker_user_id",
            name="maker_is_not_checker",
        ),
        Index("ix_approval_request_state", "livemode", "state", "created_at", "id"),
        Index("ix_approval_request_merchant", "merchant_id", "livemode", "created_at", "id"),
        Index("ix_approval_request_object", "object_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    command: Mapped[str] = mapped_column(code_type(64))
    object_type: Mapped[Code]
    object_id: Mapped[str] = mapped_column(code_type(80))
    object_digest: Mapped[Digest]
    open_key: Mapped[str | None] = mapped_column(code_type(160))
    payload: Mapped[str] = mapped_column(EncryptedText("approval_request.payload"))
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency | None]
    sentence: Mapped[Line]
    reason: Mapped[Line]
    state: Mapped[Code]
    maker_user_id: Mapped[int] = mapped_column(Integer)
    maker_label: Mapped[Line]
    checker_user_id: Mapped[int | None] = mapped_column(Integer)
    checker_label: Mapped[Line | None]
    result_id: Mapped[str | None] = mapped_column(code_type(40))
    created_at: Mapped[Moment]
    lapses_at: Mapped[Moment]
    decided_at: Mapped[Moment | None]


class ApprovalDecision(AccountOwned, Model):
    """What one person decided about a request; append-only, one a person and request."""

    __tablename__ = "approval_decision"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("request_id", "user_id"),
        ForeignKeyConstraint(
            ["livemode", "request_id"], ["approval_request.livemode", "approval_request.id"]
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    request_id: Mapped[Reference]
    user_id: Mapped[int] = mapped_column(Integer)
    label: Mapped[Line]
    verdict: Mapped[Code]
    reason: Mapped[Line]
    created_at: Mapped[Moment]
