"""What the search box finds by its id besides payments and merchants: cases, disputes and the like.

Ids sort by time and are unique, so that the newest MOST of a beginning are read from the end of an
index; each function answers those that the actor may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import (
    ApprovalRequest,
    ConnectorAccount,
    DeskCase,
    Dispute,
    InboundEvent,
    Payment,
    PriceList,
)
from app.queries import approvals, prices
from app.queries.search import MOST

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from app.queries.search import Rows


def cases(session: Session, beginning: str) -> Rows:
    """Return the cases of the desk whose id begins so."""
    found = select(
        DeskCase.public_id,
        DeskCase.merchant_id,
        DeskCase.opened_at.label("moment"),
        DeskCase.kind,
        DeskCase.state,
        DeskCase.amount_minor,
        DeskCase.currency,
    )
    return _newest(session, found, DeskCase.public_id, beginning)


def disputes(session: Session, beginning: str) -> Rows:
    """Return the disputes whose id begins so, with their payment's reference."""
    found = select(
        Dispute.public_id,
        Dispute.merchant_id,
        Dispute.created_at.label("moment"),
        Dispute.status,
        Dispute.amount_minor,
        Dispute.currency,
        Payment.reference,
    ).join(Payment, Payment.id == Dispute.payment_id)
    return _newest(session, found, Dispute.public_id, beginning)


def requests(session: Session, beginning: str) -> Rows:
    """Return the requests for approval whose id begins so."""
    found = select(
        ApprovalRequest.public_id,
        ApprovalRequest.merchant_id,
        ApprovalRequest.created_at.label("moment"),
        ApprovalRequest.command,
        ApprovalRequest.state,
        ApprovalRequest.amount_minor,
        ApprovalRequest.currency,
    ).where(approvals.visible(session))
    return _newest(session, found, ApprovalRequest.public_id, beginning)


def price_lists(session: Session, beginning: str) -> Rows:
    """Return the price lists whose id begins so."""
    found = select(
        PriceList.public_id,
        PriceList.merchant_id,
        PriceList.created_at.label("moment"),
        PriceList.currency,
        PriceList.state,
        PriceList.effective_from,
        prices.NEXT_FROM.label("next_from"),
    ).where(*prices.agreed(session))
    return _newest(session, found, PriceList.public_id, beginning)


def events(session: Session, beginning: str) -> Rows:
    """Return the events of providers whose id begins so."""
    return _newest(session, _events(), InboundEvent.public_id, beginning)


def events_of_provider(session: Session, text: str) -> Rows:
    """Return the events that a provider calls exactly so, account by account."""
    account = ConnectorAccount.id == InboundEvent.connector_account_id
    found = _events().join(ConnectorAccount, account).where(InboundEvent.event_id == text)
    return session.execute(found.order_by(InboundEvent.id.desc()).limit(MOST)).all()


def _events() -> Select[*tuple[Any, ...]]:
    return select(
        InboundEvent.public_id,
        InboundEvent.merchant_id,
        InboundEvent.received_at.label("moment"),
        InboundEvent.kind,
        InboundEvent.state,
    )


def _newest(
    session: Session,
    found: Select[*tuple[Any, ...]],
    public_id: InstrumentedAttribute[str],
    beginning: str,
) -> Rows:
    begins = found.where(public_id.startswith(beginning, autoescape=True))
    return session.execute(begins.order_by(public_id.desc()).limit(MOST)).all()
