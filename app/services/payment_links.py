"""Payment links: made, changed, switched off and on, and the payments that are opened by them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from app.domain import payment_links as rules
from app.domain.identifiers import new_id, new_token
from app.domain.payment_links import LinkKind, Price
from app.errors import IllegalStateError, NotFoundError, said
from app.models import PaymentLink
from app.models.tenancy import actor_of
from app.queries import operations
from app.queries import payment_links as rows
from app.services import audit, closing, open_payments, return_addresses
from app.services.new_payment import NewPayment

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.money import Money
    from app.domain.payment_links import LinkState, NewLink
    from app.models import Payment

ORIGIN: Final = "link"
"""Where a payment by a link says that it comes from."""
METADATA: Final = "payment_link"
"""Under which name a payment tells the link that it came by to the merchant's programs."""
METADATAS: Final = "metadata"
"""Under which name a link's details hold what its payments tell besides."""
LEAST_TIME: Final = timedelta(minutes=30)
"""How long a payer has at least who opens a link shortly before its end."""
HELD: Final = timedelta(hours=1)
"""How long a payer holds one of the payments of a link that may be paid so and so often."""
_REFERENCE_MARKS: Final = 6


def create(session: Session, now: datetime, merchant_id: int, wanted: NewLink) -> PaymentLink:
    """Make a link of a merchant in the actor's book.

    Raises what `payment_links.check` raises, and BadInputError at `return_url` where the merchant's
    settings do not allow it.
    """
    row = build(session, now, merchant_id, rules.check(wanted, now))
    merchant = operations.merchant_of(session, merchant_id)
    return_addresses.check(merchant, row.return_url, livemode=row.livemode)
    session.add(row)
    session.flush()
    trace(session, now, row)
    return row


def build(session: Session, now: datetime, merchant_id: int, asked: NewLink) -> PaymentLink:
    """Return the row of a link that was checked, in the actor's book; nothing is written yet."""
    actor = actor_of(session)
    return PaymentLink(
        public_id=new_id("pl", now),
        merchant_id=merchant_id,
        livemode=bool(actor.livemode),
        token=new_token(),
        kind=asked.kind,
        title=asked.title,
        description=asked.description,
        reference=asked.reference,
        amount_minor=asked.price.amount_minor,
        least_minor=asked.price.least_minor,
        most_minor=asked.price.most_minor,
        currency=asked.price.currency,
        most_payments=asked.most_payments,
        customer_email=asked.customer_email or None,
        customer_name=asked.customer_name or None,
        customer_phone=asked.customer_phone or None,
        payer_locale=asked.payer_locale or None,
        details=audit.canonical({METADATAS: dict(asked.metadata)}) if asked.metadata else None,
        return_url=asked.return_url,
        expires_at=asked.expires_at,
        created_by=actor.label[:255],
        created_at=now,
        changed_at=now,
    )


def trace(session: Session, now: datetime, row: PaymentLink) -> None:
    """Write the audit entry of a link that was just made."""
    sentence = said("Made the payment link {title}", title=row.title)
    audit.of_row(session, now, row, "links.create", sentence, after=as_data(row))


def update(
    session: Session,
    now: datetime,
    public_id: str,
    title: str,
    expires_at: datetime | None,
    version: int,
) -> PaymentLink:
    """Change title and end of a link that stands at `version`; what it asks for never changes.

    Raises BadInputError, NotFoundError, and IllegalStateError where somebody has changed it
    meanwhile.
    """
    row = lock(session, public_id)
    if row.version != version:
        raise IllegalStateError(
            said("Somebody has changed this link meanwhile. Open it again and look.")
        )
    checked = rules.check_title(title)
    until = expires_at if expires_at == row.expires_at else rules.check_expiry(expires_at, now)
    before = as_data(row)
    row.title, row.expires_at = checked, until
    sentence = said("Changed the payment link {title}", title=row.title)
    audit.of_change(session, now, row, "links.update", sentence, before=before, told=as_data)
    return row


def switch_off(session: Session, now: datetime, public_id: str) -> PaymentLink:
    """Let nobody open a payment by a link; those that were opened may still pay.

    Raises NotFoundError, and IllegalStateError where it is off already.
    """
    row = lock(session, public_id)
    if row.switched_off_at is not None:
        raise IllegalStateError(said("This link is switched off already."))
    before = as_data(row)
    row.switched_off_at = now
    sentence = said("Switched the payment link {title} off", title=row.title)
    audit.of_change(session, now, row, "links.switch_off", sentence, before=before, told=as_data)
    return row


def switch_on(session: Session, now: datetime, public_id: str) -> PaymentLink:
    """Let payments be opened by a link again. Raises NotFoundError, IllegalStateError."""
    row = lock(session, public_id)
    if row.switched_off_at is None:
        raise IllegalStateError(said("This link is switched on already."))
    before = as_data(row)
    row.switched_off_at = None
    sentence = said("Switched the payment link {title} on", title=row.title)
    audit.of_change(session, now, row, "links.switch_on", sentence, before=before, told=as_data)
    return row


def open_payment(
    session: Session,
    now: datetime,
    public_id: str,
    entered: Money | None,
    customer_email: str = "",
) -> Payment:
    """Return the open payment of a payer who has opened a link, under the lock of its row.

    A one-off link has at most one payment that has paid or may still pay: who comes again gets the
    same one, or another where nothing of it can come any more and it asks for another amount or its
    time is over. `entered` is what the payer has typed where the link does not say how much.

    Raises NotFoundError, IllegalStateError where the link cannot be paid (any more), BadInputError
    at `amount` or `customer_email`, LimitExceededError, and what `open_payments.create` raises.
    """
    row = lock(session, public_id)
    refused = rules.refusal(state(session, now, row))
    if refused is not None:
        raise refused
    amount = rules.asked_amount(price(row), entered)
    email = rules.check_email(customer_email)
    if row.kind == LinkKind.ONE_OFF:
        begun = _begun(session, now, row, amount)
        if begun is not None:
            return begun
    elif row.most_payments is not None:
        _check_room(session, row, row.most_payments)
    asked = _asked(session, now, row, amount, email or row.customer_email or "")
    payment = open_payments.create(session, now, row.merchant_id, asked)
    payment.payment_link_id = row.id
    session.flush()
    return payment


def get(session: Session, public_id: str) -> PaymentLink:
    """Return a link that the actor may see; raises NotFoundError."""
    found = rows.get(session, public_id)
    if found is None:
        raise _missing(public_id)
    return found


def lock(session: Session, public_id: str) -> PaymentLink:
    """Return a link as it is now, its row locked until the end of the unit of work.

    Raises NotFoundError.
    """
    found = rows.lock(session, public_id)
    if found is None:
        raise _missing(public_id)
    return found


def price(row: PaymentLink) -> Price:
    """Return what a link asks for."""
    return Price(
        currency=row.currency,
        amount_minor=row.amount_minor,
        least_minor=row.least_minor,
        most_minor=row.most_minor,
    )


def state(session: Session, now: datetime, row: PaymentLink) -> LinkState:
    """Return how a link stands, by the payments that it has now."""
    return rules.state(
        now,
        paid=0 if row.most_payments is None else rows.paid_number(session, row),
        most_payments=row.most_payments,
        expires_at=row.expires_at,
        switched_off_at=row.switched_off_at,
    )


def as_data(row: PaymentLink) -> dict[str, Any]:
    """Return what a link is, for the audit trail: neither its token nor anybody's address."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "title": row.title,
        "reference": row.reference,
        "amount_minor": row.amount_minor,
        "least_minor": row.least_minor,
        "most_minor": row.most_minor,
        "currency": row.currency,
        "most_payments": row.most_payments,
        "expires_at": row.expires_at,
        "switched_off_at": row.switched_off_at,
    }


def _begun(session: Session, now: datetime, row: PaymentLink, amount: Money) -> Payment | None:
    """Return the payment with which a one-off link is being paid; None where there is none.

    One that asks for another amount, or whose time is over, is given up if nothing can come of it.
    """
    found = rows.holding(session, row)
    if found is None:
        return None
    is_over = found.expires_at is not None and found.expires_at <= now
    if not is_over and found.amount_minor == amount.amount_minor:
        return found
    if not closing.can_cancel(session, found):
        return found
    try:
        closing.cancel(session, now, found.public_id, said("The payer has begun anew by the link."))
    except IllegalStateError:
        # An attempt has begun between the look and the lock.
        return found
    return None


def _check_room(session: Session, row: PaymentLink, most: int) -> None:
    if rows.held_number(session, row, most) >= most:
        raise IllegalStateError(
            said("Others are just paying the last that there are. Try again in an hour.")
        )


def _asked(
    session: Session, now: datetime, row: PaymentLink, amount: Money, email: str
) -> NewPayment:
    is_one_off = row.kind == LinkKind.ONE_OFF
    # A payer is not to blame for what was allowed when the link was made.
    return_url = return_addresses.still_allowed(
        operations.merchant_of(session, row.merchant_id), row.return_url, livemode=row.livemode
    )
    reference = row.reference
    if not is_one_off:
        # Payments of one link are told apart by the end of their reference.
        reference = f"{reference}-{new_token()[-_REFERENCE_MARKS:].upper()}"
    is_counted = not is_one_off and row.most_payments is not None
    until = now + (HELD if is_counted else open_payments.LASTS)
    if row.expires_at is not None:
        until = max(min(until, row.expires_at), now + LEAST_TIME)
    return NewPayment(
        amount=amount,
        method="",
        reference=reference,
        origin=ORIGIN,
        customer_name=row.customer_name or "",
        customer_email=email,
        customer_phone=row.customer_phone or "",
        payer_locale=row.payer_locale or "",
        description=row.title,
        return_url=return_url,
        expires_at=until,
        metadata=_metadata(row),
    )


def _metadata(row: PaymentLink) -> dict[str, str]:
    own: dict[str, str] = json.loads(row.details)[METADATAS] if row.details else {}
    return {**own, METADATA: row.public_id}


def _missing(public_id: str) -> NotFoundError:
    return NotFoundError(said("There is no payment link {id}.", id=public_id))
