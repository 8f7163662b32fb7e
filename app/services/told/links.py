"""What is told of payment links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import config
from app.domain import payment_links as rules
from app.domain.payment_links import LinkState
from app.queries import payment_links as rows
from app.services.told.objects import moment
from app.services.told.shapes import LinkTold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import PaymentLink

    Status = Literal["active", "paid", "expired", "inactive"]


def payment_links(session: Session, now: datetime, found: Sequence[PaymentLink]) -> list[LinkTold]:
    """Return what is told of links, in one more statement."""
    came = rows.came(session, [(row.id, row.merchant_id) for row in found])
    return [_link(now, row, came.get(row.id, rows.NOTHING)) for row in found]


def _link(now: datetime, row: PaymentLink, came: rows.Came) -> LinkTold:
    return LinkTold(
        id=row.public_id,
        url=f"{config.get().public_url}/link/{row.token}",
        status=_status(now, row, came.paid),
        kind="one_off" if row.kind == rules.LinkKind.ONE_OFF else "reusable",
        title=row.title,
        description=row.description,
        amount=row.amount_minor,
        amount_least=row.least_minor,
        amount_most=row.most_minor,
        currency=row.currency,
        max_payments=row.most_payments,
        reference=row.reference,
        return_url=row.return_url or None,
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        payments_opened=came.opened,
        payments_paid=came.paid,
        amount_paid=came.paid_minor,
        livemode=row.livemode,
        created=moment(row.created_at),
    )


def _status(now: datetime, row: PaymentLink, paid: int) -> Status:
    found = rules.state(
        now,
        paid=paid,
        most_payments=row.most_payments,
        expires_at=row.expires_at,
        switched_off_at=row.switched_off_at,
    )
    match found:
        case LinkState.PAID:
            return "paid"
        case LinkState.EXPIRED:
            return "expired"
        case LinkState.OFF:
            return "inactive"
        case _:
            return "active"
