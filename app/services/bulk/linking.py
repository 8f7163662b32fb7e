"""Writing many payment links at once: the same rows as `payment_links.create`, in few statements.

Which rows are mailed at once is decided here too, by what their merchant may still send today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.domain import payment_links as rules
from app.domain.link_mails import LinkMail
from app.domain.locales import DEFAULT
from app.domain.payment_links import LONGEST_TITLE, LinkKind, NewLink, Price
from app.errors import PayAgencyError
from app.queries import operations
from app.services import link_mails, open_payments, payment_links
from app.services.new_payment import NewPayment
from app.services.notify import asking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.bulk_rows import PaymentRow
    from app.models import Merchant, PaymentLink
    from app.services.routing import Routes

COLUMNS: Final = {"title": "description", "expires_at": "expires"}
"""Place of a link's fault → column of the row, where these are called differently."""


def wanted(now: datetime, merchant: Merchant, row: PaymentRow) -> NewLink:
    """Return the one-off link that a row asks for; without a description its reference names it."""
    name = row.description or row.reference
    is_short = len(name) <= LONGEST_TITLE
    terms = row.link
    return NewLink(
        kind=LinkKind.ONE_OFF,
        title=name if is_short else f"{name[: LONGEST_TITLE - 1]}…",
        description="" if is_short else name,
        price=Price(currency=row.amount.currency, amount_minor=row.amount.amount_minor),
        reference=row.reference,
        expires_at=terms.ends(now, ZoneInfo(merchant.timezone)) if terms else None,
        customer_email=row.customer_email or "",
        customer_name=row.customer_name or "",
        customer_phone=row.customer_phone or "",
        payer_locale=terms.locale if terms else "",
        metadata=row.metadata,
    )


def faults(
    session: Session, now: datetime, merchant: Merchant, row: PaymentRow, routes: Routes
) -> Iterator[PayAgencyError]:
    """Yield what is against a link: its own rules, and that no method would take its amount."""
    try:
        rules.check(wanted(now, merchant, row), now)
    except PayAgencyError as error:
        yield error
        return
    asked = NewPayment(
        amount=row.amount, method="", reference=row.reference, origin=payment_links.ORIGIN
    )
    refused = open_payments.why_not(session, now, merchant, asked, routes)
    if refused is not None:
        yield refused


def refusals(
    session: Session, now: datetime, merchant_id: int, rows: Sequence[PaymentRow], routes: Routes
) -> dict[int, PayAgencyError]:
    """Return position → why a link may not be made."""
    merchant = operations.merchant_of(session, merchant_id)
    found = {
        position: next(faults(session, now, merchant, row, routes), None)
        for position, row in enumerate(rows)
    }
    return {position: error for position, error in found.items() if error is not None}


def create_all(
    session: Session, now: datetime, merchant_id: int, rows: Sequence[PaymentRow]
) -> list[PaymentLink]:
    """Write the links of rows that `refusals` let pass, each with its trace."""
    merchant = operations.merchant_of(session, merchant_id)
    made = [
        payment_links.build(session, now, merchant_id, rules.check(wanted(now, merchant, row), now))
        for row in rows
    ]
    session.add_all(made)
    session.flush()
    for link in made:
        payment_links.trace(session, now, link)
    session.flush()
    return made


def mail_all(
    session: Session,
    now: datetime,
    merchant_id: int,
    made: Sequence[tuple[PaymentRow, PaymentLink]],
) -> int:
    """Have the links of rows that ask for it mailed; answers how many of them, from the first on.

    What goes past the mails of the day is not mailed.
    """
    asking_for = [(row, link) for row, link in made if row.link and row.link.send]
    if not asking_for:
        return 0
    merchant = operations.merchant_of(session, merchant_id)
    number = link_mails.take(session, now, merchant_id, len(asking_for))
    notices = [
        link_mails.notice(
            link,
            merchant,
            LinkMail(to=row.customer_email or "", locale=link.payer_locale or DEFAULT),
        )
        for row, link in asking_for[:number]
    ]
    asking.ask_new(session, now, notices)
    return number
