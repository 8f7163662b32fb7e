"""Each event goes to an endpoint once, and while it is on its way one task works on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, func, or_, select

from app.domain.webhooks_out import DeliveryState
from app.models import Event, Outbox, WebhookDelivery
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class OutboundOnce:
    """One delivery per event and endpoint, one task per delivery on its way."""

    name: ClassVar[str] = "outbound_once"
    sentence: ClassVar[str] = (
        "each event goes to an endpoint by one delivery of the same merchant and book; while it is "
        "on its way its task waits, is worked on or stands among failed work"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return deliveries made twice, strayed ones, and forgotten ones."""
        return [*_twice(session), *_strayed(session), *_forgotten(session)]


def _twice(session: Session) -> list[Violation]:
    number = func.count()
    rows = session.execute(
        select(WebhookDelivery.event_id, number)
        .group_by(WebhookDelivery.event_id, WebhookDelivery.endpoint_id)
        .having(number > 1)
    )
    return [Violation(str(event), f"has {count} deliveries") for event, count in rows]


def _strayed(session: Session) -> list[Violation]:
    rows = session.execute(
        select(WebhookDelivery.public_id)
        .join(Event, Event.id == WebhookDelivery.event_id)
        .where(
            or_(
                Event.merchant_id != WebhookDelivery.merchant_id,
                Event.livemode != WebhookDelivery.livemode,
            )
        )
    )
    return [Violation(delivery, "is of an event of somebody else") for (delivery,) in rows]


def _forgotten(session: Session) -> list[Violation]:
    task = and_(Outbox.id == WebhookDelivery.task_id, Outbox.state != "done")
    rows = session.execute(
        select(WebhookDelivery.public_id, WebhookDelivery.state)
        .outerjoin(Outbox, task)
        .where(
            or_(
                WebhookDelivery.state.not_in(list(DeliveryState)),
                and_(WebhookDelivery.state == DeliveryState.WAITING, Outbox.id.is_(None)),
            )
        )
    )
    return [Violation(delivery, f"is {state} and no task works on it") for delivery, state in rows]
