"""How a payment is paid, as its page tells it: the method of each attempt and its own facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext

from app.domain.methods import crypto, upi
from app.queries import methods as rows
from app.services import methods
from app.views import payer_page, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Attempt, CryptoQuote, Payment

RRN = "rrn"
VPA = "vpa"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its text; `is_id`: it is copied rather than read."""

    label: str
    text: str
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """The method of one attempt; `expires_at` is until when its quote binds."""

    number: int
    title: str
    facts: Sequence[Fact]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class By:
    """How a payment is paid; `page` is the address for its payer, while the payment is open."""

    ways: Sequence[Way]
    page: str
    expires_at: datetime | None


def build(session: Session, payment: Payment, attempts: Sequence[Attempt]) -> By:
    """Read what the page tells of the methods; empty where there is nothing but a card."""
    quotes = rows.quotes_of_payment(session, payment.id)
    ways = [_way(each, quotes.get(each.id)) for each in attempts if each.method_name]
    is_open = bool(ways) or payment.may_try_again or payment.status == "requires_action"
    waits = words.payer_state(payment.status) == "waiting"
    return By(
        ways=ways,
        page=payer_page.address(payment.page_token) if is_open and waits else "",
        expires_at=payment.expires_at if waits else None,
    )


def _way(attempt: Attempt, quote: CryptoQuote | None) -> Way:
    row = methods.row_of(attempt.method, attempt.method_name)
    title = row.title if row else attempt.method_name
    found = [*_told(attempt)]
    if quote is not None:
        found += _sums(quote, row.tolerance_bps if row else 0)
    return Way(attempt.number, title, found, quote.expires_at if quote else None)


def _told(attempt: Attempt) -> Iterator[Fact]:
    told, given = methods.facts_of(attempt), methods.details_of(attempt)
    if told.get(RRN):
        yield Fact(gettext("Bank's reference (RRN)"), told[RRN], is_id=True)
    vpa = told.get(VPA) or given.get(VPA)
    if vpa:
        yield Fact(gettext("Payer's UPI address"), upi.mask_vpa(vpa))
    for name, text in told.items():
        if name not in {RRN, VPA}:
            yield Fact(name, text)


def _sums(quote: CryptoQuote, tolerance_bps: int) -> Iterator[Fact]:
    """Tell expected, received, over, missing and late as numbers of the asset."""

    def coins(units: int) -> str:
        return f"{crypto.to_text(units, quote.decimals)} {quote.asset}"

    stands = crypto.standing(
        quote.expected_units, quote.received_units, quote.late_units, tolerance_bps
    )
    # What came after the quote's end does not count against it.
    missing = gettext("Missing in time") if stands.late_units else gettext("Missing")
    yield Fact(gettext("Expected"), coins(quote.expected_units))
    yield Fact(gettext("Received"), coins(quote.received_units))
    for label, units in (
        (gettext("Over"), stands.over_units),
        (missing, stands.missing_units if quote.received_units else 0),
        (gettext("Late"), stands.late_units),
    ):
        if units:
            yield Fact(label, coins(units))
    yield Fact(gettext("Rate"), f"{quote.rate} {quote.currency}")
    yield Fact(gettext("Address"), quote.address, is_id=True)
    yield Fact(gettext("Confirmations"), f"{quote.confirmations} / {quote.confirmations_needed}")
    if quote.chain_reference:
        yield Fact(gettext("On the chain"), quote.chain_reference, is_id=True)
