"""Price lists of a merchant of the crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock
from app.domain.fees import FeeRule, ListTerms, Terms
from app.services import prices

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session


def price_lists(
    session: Session, merchant_id: int, currency: str, text: Callable[[str], str]
) -> None:
    """Publish a list and leave a draft of the next, with a text in each field."""
    now = clock.now()
    rules = (
        FeeRule(175, 31, currency, method="upi", brand=text("brand")),
        FeeRule(291, 29, currency, method="card"),
    )
    wanted = ListTerms(
        currency=currency,
        effective_from=None,
        rules=rules,
        terms=Terms(agent=text("agent"), agent_bps=100),
        note=text("price-note"),
    )
    prices.agree(session, now, merchant_id, wanted)
    prices.draft(session, now, merchant_id, wanted)
