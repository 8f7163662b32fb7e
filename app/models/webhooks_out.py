"""What merchants' programs are told of by themselves: to where, what, and what became of it."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    EncryptedText,
    Key,
    Line,
    LongText,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
    id_type,
)
from app.models.tenancy import MerchantOwned

_TO_ENDPOINT = [
    "webhook_endpoint.merchant_id",
    "webhook_endpoint.livemode",
    "webhook_endpoint.id",
]
_NEWEST = ("created_at", "id")


class WebhookEndpoint(MerchantOwned, Model):
    """An address of a merchant that is told of events; one that was deleted keeps its row.

    `events` are types and patterns with blanks between. `former_secret` signs too until
    `former_until`. `failing_since` is when an attempt failed after which none went well;
    `version` counts its changes.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        Index("ix_webhook_endpoint_merchant", "merchant_id", "livemode", *_NEWEST),
        Index("ix_webhook_endpoint_book", "livemode", *_NEWEST),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    url: Mapped[str] = mapped_column(code_type(500))
    description: Mapped[Line]
    events: Mapped[str] = mapped_column(code_type(1024))
    secret: Mapped[str] = mapped_column(EncryptedText("webhook_endpoint.secret"))
    former_secret: Mapped[str | None] = mapped_column(
        EncryptedText("webhook_endpoint.former_secret")
    )
    former_until: Mapped[Moment | None]
    state: Mapped[Code]
    disabled_reason: Mapped[Line | None]
    failing_since: Mapped[Moment | None]
    version: Mapped[Count] = mapped_column(default=1)
    created_by: Mapped[Line]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    deleted_at: Mapped[Moment | None]


class Event(MerchantOwned, Model):
    """Something that happened to an object, as it was told; append-only.

    `object_version` counts the events of the object from 1; `body` is the JSON text as it is sent.
    """

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        Index("ix_event_merchant", "merchant_id", "livemode", *_NEWEST, "type"),
        Index("ix_event_book", "livemode", *_NEWEST, "type"),
        Index("ix_event_object", "object_id", "object_version"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    type: Mapped[Code]
    object_type: Mapped[Code]
    object_id: Mapped[PublicId]
    object_version: Mapped[Count]
    body: Mapped[LongText]
    created_at: Mapped[Moment]


class WebhookDelivery(MerchantOwned, Model):
    """One event on its way to one endpoint.

    `attempts` counts those since it was last asked for, `task_id` is the task that may make the
    next one: any other that speaks of this delivery has been overtaken.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("event_id", "endpoint_id"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "event_id"],
            ["event.merchant_id", "event.livemode", "event.id"],
        ),
        ForeignKeyConstraint(["merchant_id", "livemode", "endpoint_id"], _TO_ENDPOINT),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", *_NEWEST, "state"),
        Index("ix_webhook_delivery_state", "endpoint_id", "state", *_NEWEST),
        Index("ix_webhook_delivery_merchant", "merchant_id", "livemode", *_NEWEST, "state"),
        Index("ix_webhook_delivery_book", "livemode", *_NEWEST, "state"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    event_id: Mapped[Reference]
    endpoint_id: Mapped[Reference]
    state: Mapped[Code]
    attempts: Mapped[Count] = mapped_column(default=0)
    last_status: Mapped[Count | None]
    next_at: Mapped[Moment | None]
    task_id: Mapped[Reference]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class WebhookAttempt(MerchantOwned, Model):
    """One request to an endpoint and what came back; append-only.

    `headers` is a JSON object of what was sent, without the signatures; `address` the IP address
    that answered, `answer` the first 2 kB of what it said, scrubbed.
    """

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "delivery_id"],
            [
                "webhook_delivery.merchant_id",
                "webhook_delivery.livemode",
                "webhook_delivery.id",
            ],
        ),
        Index("ix_webhook_attempt_delivery", "delivery_id", "id"),
    )

    id: Mapped[Key]
    delivery_id: Mapped[Reference]
    url: Mapped[str] = mapped_column(code_type(500))
    headers: Mapped[LongText]
    address: Mapped[str] = mapped_column(code_type(45))
    status: Mapped[Count | None]
    answer: Mapped[LongText]
    duration_ms: Mapped[Count]
    error: Mapped[Line | None]
    created_at: Mapped[Moment]


class WebhookResend(MerchantOwned, Model):
    """Sending a range of events again: those made from `from_at` on and before `to_at`.

    `which` is failed or all; `done_up_to` is the id of the last event that was looked at, `count`
    how many deliveries it has asked for, `state` running or done.
    """

    __tablename__ = "webhook_resend"
    __table_args__ = (
        UniqueConstraint("public_id"),
        ForeignKeyConstraint(["merchant_id", "livemode", "endpoint_id"], _TO_ENDPOINT),
        Index("ix_webhook_resend_endpoint", "endpoint_id", "id"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    endpoint_id: Mapped[Reference]
    from_at: Mapped[Moment]
    to_at: Mapped[Moment]
    which: Mapped[Code]
    state: Mapped[Code]
    done_up_to: Mapped[int] = mapped_column(id_type(), default=0)
    count: Mapped[Count] = mapped_column(default=0)
    created_by: Mapped[Line]
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]
