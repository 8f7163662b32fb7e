"""Operations asked of a provider, what changed them, and what providers told us."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
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
from app.models.tenancy import HouseOwned, MerchantOwned

_TO_PAYMENT = ["payment.merchant_id", "payment.livemode", "payment.id"]
_NEWEST = ("created_at", "id")
_FILTERS = ("state", "currency", "amount_minor")
_TO_CONNECTOR = ["connector_account.id", "connector_account.livemode"]


class Operation(MerchantOwned, Model):
    """One thing asked of a provider; `provider_key` is what makes it happen once.

    `next_action` is what the payer has to do, as JSON. `received_minor` is what has arrived so far
    where the payer decides how much is sent; `moved_minor` is what the outcome moved where that
    differs from the amount asked for; `suspense_minor` is what of its money is held apart now,
    `credited_minor` what of that a person has given to the merchant.
    `deadline_at` is when an unknown outcome goes to the desk,
    `ended_by_hand` that people said what became of it.
    """

    __tablename__ = "operation"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("provider_key"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        ForeignKeyConstraint(["merchant_id", "livemode", "payment_id"], _TO_PAYMENT),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "payment_id", "attempt_id"],
            ["attempt.merchant_id", "attempt.livemode", "attempt.payment_id", "attempt.id"],
        ),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_operation_state", "state", "look_up_at"),
        Index("ix_operation_payment", "payment_id", "id"),
        Index("ix_operation_provider", "provider_reference"),
        # Newest first; with a list's filters behind it, that list is read from the index alone.
        Index("ix_operation_book_kind", "livemode", "kind", *_NEWEST, *_FILTERS),
        Index("ix_operation_merchant_kind", "merchant_id", "livemode", "kind", *_NEWEST, *_FILTERS),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    payment_id: Mapped[Reference]
    attempt_id: Mapped[Reference]
    kind: Mapped[Code]
    state: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    provider_key: Mapped[PublicId]
    provider_reference: Mapped[str | None] = mapped_column(code_type(120))
    action_url: Mapped[Line | None]
    next_action: Mapped[LongText | None]
    received_minor: Mapped[Minor | None]
    moved_minor: Mapped[Minor | None]
    suspense_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    credited_minor: Mapped[Minor] = mapped_column(default=0, server_default="0")
    conflicted: Mapped[Flag] = mapped_column(default=False)
    suspense: Mapped[Flag] = mapped_column(default=False)
    ended_by_hand: Mapped[Flag] = mapped_column(default=False, server_default=false())
    not_found_looks: Mapped[Count] = mapped_column(default=0)
    not_found_at: Mapped[Moment | None]
    look_up_at: Mapped[Moment | None]
    first_sent_at: Mapped[Moment | None]
    deadline_at: Mapped[Moment | None]
    failure_code: Mapped[str | None] = mapped_column(code_type(48))
    provider_code: Mapped[str | None] = mapped_column(code_type(64))
    provider_text: Mapped[Line | None]
    reason: Mapped[Line | None]
    fee_breakdown: Mapped[LongText | None]
    requested_by: Mapped[Line]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]

    @property
    def effect_minor(self) -> int:
        """What a success of it moves, in minor units of `currency`."""
        return self.amount_minor if self.moved_minor is None else self.moved_minor


class OperationEvent(MerchantOwned, Model):
    """A change of state; append-only."""

    __tablename__ = "operation_event"
    __table_args__ = (
        UniqueConstraint("public_id"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "operation_id"],
            ["operation.merchant_id", "operation.livemode", "operation.id"],
        ),
        Index("ix_operation_event_operation", "operation_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    operation_id: Mapped[Reference]
    before: Mapped[Code]
    after: Mapped[Code]
    evidence_id: Mapped[int | None] = mapped_column(id_type())
    note: Mapped[Line] = mapped_column(default="")
    created_at: Mapped[Moment]


class Evidence(HouseOwned, Model):
    """What a provider told us, whole and scrubbed; append-only, unique per account and event."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("connector_account_id", "event_id"),
        UniqueConstraint("public_id"),
        ForeignKeyConstraint(["connector_account_id", "livemode"], _TO_CONNECTOR),
        Index("ix_evidence_operation", "operation_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    connector_account_id: Mapped[Reference]
    event_id: Mapped[str] = mapped_column(code_type(120))
    source: Mapped[Code]
    operation_id: Mapped[int | None] = mapped_column(id_type())
    facts: Mapped[str] = mapped_column(EncryptedText("evidence.facts"))
    created_at: Mapped[Moment]


class ProviderCall(HouseOwned, Model):
    """One request to a provider and its answer, masked; append-only."""

    __tablename__ = "provider_call"
    __table_args__ = (
        ForeignKeyConstraint(["connector_account_id", "livemode"], _TO_CONNECTOR),
        Index("ix_provider_call_operation", "operation_id", "id"),
    )

    id: Mapped[Key]
    connector_account_id: Mapped[Reference]
    operation_id: Mapped[Reference]
    verb: Mapped[Code]
    method: Mapped[Code]
    url: Mapped[Line]
    status: Mapped[Count | None]
    duration_ms: Mapped[Count]
    request: Mapped[LongText]
    response: Mapped[LongText | None]
    error: Mapped[Line | None]
    created_at: Mapped[Moment]
