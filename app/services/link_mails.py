"""Sending payment links to payers by mail, within what a link and a merchant may send in a day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from app.domain import link_mails as rules
from app.domain.link_mails import MOST_OF_LINK, MOST_OF_MERCHANT, LinkMail
from app.domain.notifications import NotificationKind, masked
from app.domain.payment_links import LinkState
from app.errors import IllegalStateError, LimitExceededError, said
from app.models import MailAllowance
from app.models.tenancy import actor_of
from app.queries import link_mails as rows
from app.queries import operations
from app.services import audit, payment_links
from app.services.notify.asking import Notice, Recipient, ask

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import Merchant, Notification, PaymentLink


def send(session: Session, now: datetime, public_id: str, wanted: LinkMail) -> Notification:
    """Have a link mailed to somebody, under the lock of its row.

    Raises NotFoundError, BadInputError at `to`, `locale` or `message`, IllegalStateError where the
    link cannot be paid (any more), LimitExceededError where the mails of the day are used up.
    """
    mail = rules.check(wanted)
    row = payment_links.lock(session, public_id)
    if payment_links.state(session, now, row) is not LinkState.ACTIVE:
        raise IllegalStateError(said("This link cannot be paid now, so it is not sent to anybody."))
    if _left_of_link(session, now, row) < 1:
        raise LimitExceededError(
            said("This link was mailed {count} times today. Go on tomorrow.", count=MOST_OF_LINK)
        )
    if not take(session, now, row.merchant_id, 1):
        raise LimitExceededError(
            said(
                "All {count} mails of payment links that a day has are used. Go on tomorrow.",
                count=MOST_OF_MERCHANT,
            )
        )
    merchant = operations.merchant_of(session, row.merchant_id)
    sent = ask(session, now, notice(row, merchant, mail, f":{now.isoformat()}"))
    if sent is None:
        raise IllegalStateError(said("This mail was asked for at this very moment already."))
    sentence = said(
        "Mailed the payment link {title} to {address}", title=row.title, address=masked(mail.to)
    )
    after = {"mail": sent.public_id, "locale": mail.locale}
    audit.of_row(session, now, row, "links.send", sentence, after=after)
    return sent


def left(session: Session, now: datetime, row: PaymentLink) -> int:
    """Return how many mails of a link may be sent today still."""
    used = rows.used(session, row.merchant_id, rules.day_of(now)) or 0
    return max(0, min(_left_of_link(session, now, row), MOST_OF_MERCHANT - used))


def take(session: Session, now: datetime, merchant_id: int, number: int) -> int:
    """Take so many of a merchant's mails of today, or as many as there are; answers how many.

    The row that counts them stays locked until the end of the unit of work.
    """
    day = rules.day_of(now)
    used = rows.used(session, merchant_id, day)
    if used is None:
        _count(session, merchant_id, day)
        used = rows.used(session, merchant_id, day) or 0
    free = min(number, MOST_OF_MERCHANT - used)
    while free > 0 and not rows.use(session, merchant_id, day, free, MOST_OF_MERCHANT):
        # Others have taken some since the look; there are fewer than before each time.
        free = min(free - 1, MOST_OF_MERCHANT - (rows.used(session, merchant_id, day) or 0))
    return max(0, free)


def notice(row: PaymentLink, merchant: Merchant, mail: LinkMail, occasion: str = "") -> Notice:
    """Return the mail of a link to be."""
    return Notice(
        kind=NotificationKind.PAYMENT_LINK,
        to=Recipient(mail.to, mail.locale, merchant.timezone),
        object_type="payment_link",
        object_id=row.public_id,
        occasion=occasion,
        params=_params(row, merchant, mail),
        merchant_id=row.merchant_id,
        livemode=row.livemode,
    )


def _params(row: PaymentLink, merchant: Merchant, mail: LinkMail) -> dict[str, Any]:
    return {
        "merchant": merchant.name_for_payers,
        "title": row.title,
        "description": row.description,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "expires_at": row.expires_at.isoformat() if row.expires_at else "",
        "message": rules.inert(mail.message),
        "token": row.token,
    }


def _left_of_link(session: Session, now: datetime, row: PaymentLink) -> int:
    midnight = datetime.combine(now.date(), time(), UTC)
    return MOST_OF_LINK - rows.number_since(session, row.public_id, midnight)


def _count(session: Session, merchant_id: int, day: str) -> None:
    """Begin to count a day's mails, unless somebody else has begun meanwhile."""
    row = MailAllowance(
        merchant_id=merchant_id,
        livemode=bool(actor_of(session).livemode),
        kind=NotificationKind.PAYMENT_LINK,
        day=day,
        used=0,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        return
