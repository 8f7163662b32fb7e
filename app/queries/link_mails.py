"""Mails of payment links: how many there were today, and those of one link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from app.domain.notifications import NotificationKind
from app.models import MailAllowance, Notification
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

KIND = NotificationKind.PAYMENT_LINK


def latest(session: Session, link_id: str, most: int) -> Sequence[Notification]:
    """Return the latest mails of a link, the newest first."""
    found = select(Notification).where(*_of(link_id)).order_by(Notification.id.desc()).limit(most)
    return session.scalars(found).all()


def number_since(session: Session, link_id: str, since: datetime) -> int:
    """Count the mails of a link that were asked for from a moment on."""
    found = select(func.count()).where(*_of(link_id), Notification.created_at >= since)
    return session.scalar(found) or 0


def used(session: Session, merchant_id: int, day: str) -> int | None:
    """Return how many mails of a day a merchant has used; None where nobody counted yet."""
    return session.scalar(select(MailAllowance.used).where(*_on(merchant_id, day)))


def use(session: Session, merchant_id: int, day: str, number: int, most: int) -> bool:
    """Use some of a day's mails, which somebody counts already; False where too few are left."""
    taken = (
        update(MailAllowance)
        .where(*_on(merchant_id, day), MailAllowance.used + number <= most)
        .values(used=MailAllowance.used + number)
    )
    return changed(session, taken) == 1


def _of(link_id: str) -> tuple[ColumnElement[bool], ...]:
    return (Notification.object_id == link_id, Notification.kind == KIND)


def _on(merchant_id: int, day: str) -> tuple[ColumnElement[bool], ...]:
    return (
        MailAllowance.merchant_id == merchant_id,
        MailAllowance.kind == KIND,
        MailAllowance.day == day,
    )
