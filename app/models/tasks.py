"""What has to be done, what was already asked, and who leads."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Digest,
    Key,
    Line,
    LongText,
    Model,
    Moment,
    PublicId,
    code_type,
)
from app.models.tenancy import HouseOwned, MerchantOwned


class Outbox(HouseOwned, Model):
    """The task table: what the jobs screen shows and what workers lease."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("job_key"),
        Index("ix_outbox_due", "queue", "state", "run_at", "id"),
        Index("ix_outbox_ref", "ref"),
    )
    merchant_may_insert = True

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    queue: Mapped[Code]
    kind: Mapped[Code]
    ref: Mapped[PublicId]
    job_key: Mapped[str] = mapped_column(code_type(120))
    state: Mapped[Code]
    run_at: Mapped[Moment]
    attempt: Mapped[Count] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(code_type(80))
    lease_until: Mapped[Moment | None]
    error: Mapped[LongText | None]
    note: Mapped[Line | None]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class IdempotencyKey(MerchantOwned, Model):
    """A request that must not be done twice, committed together with what it made."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("merchant_id", "livemode", "key"),
        Index("ix_idempotency_key_created", "created_at"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(code_type(255))
    request_digest: Mapped[Digest]
    object_id: Mapped[str | None] = mapped_column(code_type(40))
    lease_until: Mapped[Moment]
    created_at: Mapped[Moment]


class ProcessLease(Model):
    """Who leads a loop of which only one may run."""

    __tablename__ = "process_lease"

    name: Mapped[str] = mapped_column(code_type(40), primary_key=True)
    owner: Mapped[str] = mapped_column(code_type(80))
    lease_until: Mapped[Moment]


class ReleaseMarker(Model):
    """What the last release command made, so that a second start can skip it."""

    __tablename__ = "release_marker"

    name: Mapped[str] = mapped_column(code_type(40), primary_key=True)
    value: Mapped[str] = mapped_column(code_type(128))
