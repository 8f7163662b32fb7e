"""Payment links of a merchant of the crawl: one with a payment, and one that is switched off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.payment_links import LinkKind, NewLink, Price
from app.services import payment_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.actors import Actor


def links(actor: Actor, merchant_id: int, currency: str, text: Callable[[str], str]) -> None:
    """Make a link by which a payment was begun, and one that is off."""
    now = clock.now()
    with db.unit_of_work(actor) as session:
        for is_off in (False, True):
            wanted = NewLink(
                kind=LinkKind.ONE_OFF,
                title=text("link-title"),
                description=text("link-description"),
                reference=text("link-reference"),
                customer_email=f"{text('link-email')}@example.com",
                price=Price(currency=currency, amount_minor=100_00),
            )
            row = payment_links.create(session, now, merchant_id, wanted)
            if is_off:
                payment_links.switch_off(session, now, row.public_id)
            else:
                payment_links.open_payment(session, now, row.public_id, None)
