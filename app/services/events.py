"""Telling merchants' programs what happened, in the unit of work in which it happened.

Only merchants who have or once had an endpoint are told; from their first endpoint on their events
are kept whole, whatever their endpoints choose. All others cost one read a unit of work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.domain.identifiers import new_id
from app.domain.operations import OperationKind, OperationState
from app.domain.webhooks_out import (
    DeliveryState,
    EventType,
    Standing,
    of_payment,
    takes,
)
from app.models import Event, WebhookDelivery
from app.queries import api_objects, bulk, disputes
from app.queries import events as rows
from app.services import outbox
from app.services.told import objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import BulkUpload, Operation, Outbox, Payment
    from app.queries.events import Listener
    from app.services.told.shapes import Told

QUEUE: Final = "webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event to be: whose, of what kind, about which object, and what is told of it."""

    kind: EventType
    merchant_id: int
    livemode: bool
    object_type: str
    object_id: str
    object_version: int
    told: Told


def payments_created(session: Session, now: datetime, made: Sequence[Payment]) -> None:
    """Tell of payments of one merchant that were just made."""
    if not made or not _listeners(session, made[0]):
        return
    told = objects.payments(session, made)
    news = [
        _of_payment(payment, EventType.PAYMENT_CREATED, 1, each)
        for payment, each in zip(made, told, strict=True)
    ]
    tell(session, now, news)


def standing(payment: Payment) -> Standing:
    """Return how a payment stands as merchants are told."""
    return Standing(
        objects.status_of(payment),
        payment.captured_minor,
        payment.refunded_minor,
        payment.charged_back_minor,
    )


def payment_changed(session: Session, now: datetime, payment: Payment, before: Standing) -> None:
    """Tell of a payment whose status or amounts were written, if merchants are told of that."""
    kind = of_payment(before, standing(payment))
    if kind is None or not _listeners(session, payment):
        return
    (told,) = objects.payments(session, [payment])
    version = rows.next_version(session, payment.public_id)
    tell(session, now, [_of_payment(payment, kind, version, told)])


def refund_created(session: Session, now: datetime, operation: Operation) -> None:
    """Tell of a refund that was just written; other operations are told by their payment."""
    if operation.kind == OperationKind.REFUND:
        _refund(session, now, operation, EventType.REFUND_CREATED)


def refund_changed(
    session: Session, now: datetime, operation: Operation, before: OperationState
) -> None:
    """Tell of a refund whose state was written, if it reads otherwise than before."""
    status = objects.refund_status(operation.state)
    is_told = status != "processing" and status != objects.refund_status(before)
    if operation.kind == OperationKind.REFUND and is_told:
        _refund(session, now, operation, EventType(f"refund.{status}"))


def dispute_changed(
    session: Session, now: datetime, payment: Payment, operation: Operation, *, opened: bool
) -> None:
    """Tell that a dispute was opened, went on or is over."""
    if not _listeners(session, payment):
        return
    session.flush()
    head = disputes.of_operation(session, operation.id)
    if head is None:
        return
    kinds = [EventType.DISPUTE_OPENED] if opened else []
    if head.closed_at is not None:
        kinds.append(EventType.DISPUTE_CLOSED)
    elif not opened:
        kinds.append(EventType.DISPUTE_UPDATED)
    version = rows.next_version(session, head.public_id)
    told = objects.dispute(head, payment.public_id)
    news = [
        News(
            kind=kind,
            merchant_id=payment.merchant_id,
            livemode=payment.livemode,
            object_type="dispute",
            object_id=head.public_id,
            object_version=version + number,
            told=told,
        )
        for number, kind in enumerate(kinds)
    ]
    tell(session, now, news)


def upload_completed(
    session: Session, now: datetime, upload: BulkUpload, counts: Mapping[str, int]
) -> None:
    """Tell that an upload was worked off; `counts` are its rows by what they became."""
    if not rows.listeners(session, upload.merchant_id, livemode=upload.livemode):
        return
    done = bulk.get(session, upload.public_id)
    if done is None:
        return
    news = News(
        kind=EventType.BULK_UPLOAD_COMPLETED,
        merchant_id=upload.merchant_id,
        livemode=upload.livemode,
        object_type="bulk_upload",
        object_id=upload.public_id,
        object_version=rows.next_version(session, upload.public_id),
        told=objects.upload(done, counts),
    )
    tell(session, now, [news])


def tell(
    session: Session, now: datetime, news: Sequence[News], to: Sequence[int] | None = None
) -> list[Event]:
    """Write events, and for each endpoint that takes one its delivery and the task that sends it.

    `to` names the endpoints by key, whatever they choose. All are of one merchant and book.
    """
    listeners = rows.listeners(session, news[0].merchant_id, livemode=news[0].livemode)
    written = [_event(now, each) for each in news]
    session.add_all(written)
    session.flush()
    asked = [
        (event, endpoint_id)
        for event in written
        for endpoint_id in (_takers(listeners, event.type) if to is None else to)
    ]
    deliver(session, now, asked)
    return written


def deliver(session: Session, now: datetime, asked: Sequence[tuple[Event, int]]) -> None:
    """Write the deliveries of events to endpoints, by key, that have none yet."""
    ids = [new_id("wd", now) for _ in asked]
    tasks = [
        enqueue(session, now, event, public_id, public_id)
        for (event, _), public_id in zip(asked, ids, strict=True)
    ]
    session.flush()
    session.add_all(
        WebhookDelivery(
            public_id=public_id,
            merchant_id=event.merchant_id,
            livemode=event.livemode,
            event_id=event.id,
            endpoint_id=endpoint_id,
            state=DeliveryState.WAITING,
            next_at=now,
            task_id=task.id,
            created_at=now,
            changed_at=now,
        )
        for (event, endpoint_id), public_id, task in zip(asked, ids, tasks, strict=True)
    )
    session.flush()


def enqueue(session: Session, now: datetime, event: Event, delivery: str, name: str) -> Outbox:
    """Write the task that sends a delivery; `name` is what no other task of it has."""
    return outbox.enqueue(
        session,
        now,
        queue=QUEUE,
        kind="webhook.deliver",
        ref=delivery,
        job_key=f"webhook:{name}",
        merchant_id=event.merchant_id,
        livemode=event.livemode,
    )


def _listeners(session: Session, payment: Payment) -> Sequence[Listener]:
    return rows.listeners(session, payment.merchant_id, livemode=payment.livemode)


def _takers(listeners: Sequence[Listener], kind: str) -> list[int]:
    return [each.id for each in listeners if takes(each.events, kind)]


def _of_payment(payment: Payment, kind: EventType, version: int, told: Told) -> News:
    return News(
        kind=kind,
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        object_type="payment",
        object_id=payment.public_id,
        object_version=version,
        told=told,
    )


def _refund(session: Session, now: datetime, operation: Operation, kind: EventType) -> None:
    if not rows.listeners(session, operation.merchant_id, livemode=operation.livemode):
        return
    session.flush()
    ((row, payment),) = api_objects.operations(session, [operation.public_id])
    news = News(
        kind=kind,
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        object_type="refund",
        object_id=operation.public_id,
        object_version=rows.next_version(session, operation.public_id),
        told=objects.refund(row, payment),
    )
    tell(session, now, [news])


def _event(now: datetime, news: News) -> Event:
    public_id = new_id("evt", now)
    body = {
        "id": public_id,
        "type": news.kind,
        "created": objects.moment(now),
        "livemode": news.livemode,
        "data": {"object": news.told.model_dump(), "version": news.object_version},
    }
    return Event(
        public_id=public_id,
        merchant_id=news.merchant_id,
        livemode=news.livemode,
        type=news.kind,
        object_type=news.object_type,
        object_id=news.object_id,
        object_version=news.object_version,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
    )
