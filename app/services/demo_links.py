"""The demo's payment links: an invoice to one payer, and a poster for many."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.domain.actors import Actor
from app.domain.payment_links import LinkKind, NewLink, Price
from app.queries import payment_links as rows
from app.queries.listing import Window
from app.queries.payment_links import LinkFilter
from app.services import demo_people, payment_links

if TYPE_CHECKING:
    from datetime import datetime

_AGO: Final = timedelta(hours=5)
_INVOICE: Final = NewLink(
    kind=LinkKind.ONE_OFF,
    title="Invoice 2026-17",
    description="Spare parts for the pump",
    price=Price(currency="EUR", amount_minor=18_450),
    reference="invoice-2026-17",
    customer_email="elena.petrova@example.com",
)
_POSTER: Final = NewLink(
    kind=LinkKind.REUSABLE,
    title="Open workshop day",
    description="Pay what you like for your seat",
    price=Price(currency="INR", least_minor=10_000, most_minor=500_000),
    reference="workshop",
)
_LASTS: Final = timedelta(days=90)


def make(now: datetime) -> int:
    """Make the links of acme, once, and begin a payment by one; answers how many there are."""
    owner, moment = demo_people.owner("acme"), now - _AGO
    with reading(owner) as session:
        if rows.page(session, LinkFilter(now=now), Window(limit=1)).rows:
            return 2
    merchant_id = owner.merchant_id or 0
    poster = replace(_POSTER, expires_at=moment + _LASTS)
    with clock.at(moment), unit_of_work(owner) as session:
        invoice = payment_links.create(session, clock.now(), merchant_id, _INVOICE).public_id
        payment_links.create(session, clock.now(), merchant_id, poster)
    payer = Actor.system(merchant_id, livemode=False, label="payer")
    with clock.at(moment), unit_of_work(payer) as session:
        payment_links.open_payment(session, clock.now(), invoice, None)
    return 2
