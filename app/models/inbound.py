"""What providers send us by themselves."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    EncryptedText,
    Key,
    Line,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
    id_type,
)
from app.models.tenancy import HouseOwned


class InboundEvent(HouseOwned, Model):
    """A verified message of a provider, kept whole and scrubbed until it is applied.

    `state`: received, applied, unmatched (no payment of ours is known for it yet), ignored (a kind
    that says nothing of money), failed. `body` is the scrubbed JSON text.
    """

    __tablename__ = "inbound_event"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("connector_account_id", "event_id"),
        ForeignKeyConstraint(
            ["connector_account_id", "livemode"],
            ["connector_account.id", "connector_account.livemode"],
        ),
        Index("ix_inbound_event_book", "livemode", "received_at", "id"),
        Index("ix_inbound_event_state", "livemode", "state", "received_at", "id"),
        Index("ix_inbound_event_operation", "operation_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    connector_account_id: Mapped[Reference]
    event_id: Mapped[str] = mapped_column(code_type(120))
    kind: Mapped[str] = mapped_column(code_type(64))
    state: Mapped[Code]
    body: Mapped[str] = mapped_column(EncryptedText("inbound_event.body"))
    operation_id: Mapped[int | None] = mapped_column(id_type())
    tries: Mapped[Count] = mapped_column(default=0)
    copies: Mapped[Count] = mapped_column(default=1)
    error: Mapped[Line | None]
    received_at: Mapped[Moment]
    applied_at: Mapped[Moment | None]
