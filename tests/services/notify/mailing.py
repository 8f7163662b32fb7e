"""What tests of mails do again and again: asking, sending what is due, reading the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.notifications import NotificationKind
from app.jobs.handlers import HANDLERS
from app.models import Notification, Outbox
from app.services import leases
from app.services.notify.asking import Notice, Recipient, ask

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUSE = Actor.house(None, "test")
RECEIPT = {
    "merchant": "Acme",
    "amount_minor": 123456,
    "currency": "EUR",
    "description": "Shoes",
    "reference": "order-1",
    "payment": "pay_1",
    "paid_at": "2026-03-01T12:00:00+00:00",
}


def receipt(
    merchant_id: int,
    to: str = "jo@example.com",
    object_id: str = "pay_1",
    locale: str = "en",
    zone: str = "UTC",
    **more: str,
) -> Notice:
    """Return a receipt to be."""
    return Notice(
        kind=NotificationKind.RECEIPT,
        to=Recipient(to, locale, zone),
        object_type="payment",
        object_id=object_id,
        params={**RECEIPT, **more},
        merchant_id=merchant_id,
        livemode=False,
    )


def asked(notice: Notice, actor: Actor = HOUSE) -> str:
    """Ask for a mail in a unit of work of its own; answers its id, or nothing."""
    with db.unit_of_work(actor) as session:
        row = ask(session, clock.now(), notice)
        return "" if row is None else row.public_id


def drain() -> int:
    """Send what is due, as a worker does."""
    return leases.drain("default", HANDLERS)


def hurry() -> None:
    """Make due what waits for its next attempt."""
    with db.unit_of_work(HOUSE) as session:
        past = clock.now() - timedelta(seconds=1)
        waiting = Outbox.kind == "notification.send", Outbox.state == "waiting"
        session.execute(update(Outbox).where(*waiting).values(run_at=past))


def waits() -> list[float]:
    """Return in how many seconds what waits is due."""
    with db.reading(HOUSE) as session:
        waiting = Outbox.kind == "notification.send", Outbox.state == "waiting"
        rows = session.scalars(select(Outbox).where(*waiting))
        return [(row.run_at - row.changed_at).total_seconds() for row in rows]


def rows(actor: Actor = HOUSE) -> Sequence[Notification]:
    """Return the mails that the actor sees, oldest first."""
    with db.reading(actor) as session:
        return session.scalars(select(Notification).order_by(Notification.id)).all()


def row(public_id: str) -> Notification:
    """Return one mail as it is stored now."""
    (found,) = [each for each in rows() if each.public_id == public_id]
    return found
