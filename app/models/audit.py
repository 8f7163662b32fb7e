"""The audit trail; append-only."""

from __future__ import annotations

from sqlalchemy import Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Key, Line, LongText, Model, Moment, PublicId, code_type
from app.models.tenancy import AuditOwned


class AuditEntry(AuditOwned, Model):
    """Who did what to which object, with before and after as canonical JSON."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index("ix_audit_entry_created", "created_at", "id"),
        Index("ix_audit_entry_merchant", "merchant_id", "created_at", "id"),
        Index("ix_audit_entry_object", "object_id", "id"),
        Index("ix_audit_entry_action", "action", "created_at", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    actor_kind: Mapped[str] = mapped_column(code_type(16))
    actor_user_id: Mapped[int | None] = mapped_column(Integer)
    actor_label: Mapped[Line]
    action: Mapped[str] = mapped_column(code_type(64))
    object_type: Mapped[str] = mapped_column(code_type(40))
    object_id: Mapped[str] = mapped_column(code_type(64))
    sentence: Mapped[Line]
    changes: Mapped[LongText]
    address: Mapped[str] = mapped_column(code_type(45))
    request_id: Mapped[str] = mapped_column(code_type(64))
    created_at: Mapped[Moment]
