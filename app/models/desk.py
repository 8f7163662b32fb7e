"""The desk: money and outcomes that a person has to decide on."""

from __future__ import annotations

from sqlalchemy import Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Currency,
    Key,
    Line,
    Minor,
    Model,
    Moment,
    PublicId,
    code_type,
    id_type,
)
from app.models.tenancy import HouseOwned


class DeskCase(HouseOwned, Model):
    """Something that no rule may decide alone.

    `kind`: unknown, late, second, over_paid, under_paid, unmatched, conflicted, negative_balance.
    `case_key` names what it is about, so that there is one case for it however often it is
    noticed. `resolution` is how it ended; what that posted names the case as its cause.
    """

    __tablename__ = "desk_case"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("case_key"),
        Index("ix_desk_case_state", "livemode", "state", "opened_at", "id"),
        Index("ix_desk_case_book", "livemode", "opened_at", "id"),
        Index("ix_desk_case_payment", "payment_id", "id"),
    )
    merchant_may_insert = True

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    case_key: Mapped[str] = mapped_column(code_type(120))
    kind: Mapped[Code]
    state: Mapped[Code]
    payment_id: Mapped[int | None] = mapped_column(id_type())
    operation_id: Mapped[int | None] = mapped_column(id_type())
    inbound_event_id: Mapped[int | None] = mapped_column(id_type())
    amount_minor: Mapped[Minor | None]
    currency: Mapped[Currency | None]
    text: Mapped[Line]
    claimed_by: Mapped[int | None] = mapped_column(Integer)
    claimed_label: Mapped[Line | None]
    resolution: Mapped[Code | None]
    resolved_by: Mapped[Line | None]
    note: Mapped[Line | None]
    opened_at: Mapped[Moment]
    resolved_at: Mapped[Moment | None]
