"""Lots: what a capture puts aside for a merchant, and the moment at which the rest is released."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.domain import calendar
from app.domain.identifiers import new_id
from app.domain.ledger import lots
from app.domain.ledger.accounts import qualify
from app.domain.ledger.lots import LotKind, LotState
from app.models import Lot
from app.queries import operations, settlement
from app.services import fees

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Merchant, Operation, Payment

USUAL_DAYS: Final = 2
"""Business days until a capture is released where nothing else was agreed."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When money that is taken now is released, pending and reserve, in UTC."""

    release_at: datetime
    reserve_release_at: datetime


def open_for(session: Session, now: datetime, payment: Payment, operation: Operation) -> None:
    """Put aside what the capture `operation` credited; to be called once its journal is posted.

    The payment must be locked. A capture that came back while its lot is still held begins to wait
    anew.
    """
    captured = fees.capture_draft(operation)
    merchant = operations.merchant_of(session, payment.merchant_id)
    terms = terms_of(session, merchant, payment.method, now)
    for kind in LotKind:
        amount_minor, currency = lots.put_aside(captured, kind)
        if amount_minor <= 0:
            continue
        until = terms.release_at if kind is LotKind.PENDING else terms.reserve_release_at
        last = settlement.last_lot(session, operation.id, kind)
        if last is not None and last.state == LotState.HELD:
            last.release_at = until
            continue
        number = 1 if last is None else last.number + 1
        session.add(
            _lot(now, operation, kind, number, amount_minor, currency=currency, release_at=until)
        )
    session.flush()


def take_back(session: Session, now: datetime, payment: Payment, operation: Operation) -> None:
    """Put aside what the failed refund `operation` gave back after its lot had been released.

    To be called once its journal is posted; the payment must be locked. It has waited already, and
    is released with the next run.
    """
    merchant = operations.merchant_of(session, payment.merchant_id)
    held = settlement.held_lots(session, [payment.id])
    for kind in LotKind:
        code = code_of(kind, merchant)
        found = settlement.held_minor(session, [payment.id], [code])
        amounts = [lot.amount_minor for lot in held if lot.kind == kind]
        back_minor = lots.returned(amounts, found.get((payment.id, code, operation.currency), 0))
        if back_minor <= 0:
            continue
        last = settlement.last_lot(session, operation.id, kind)
        number = 1 if last is None else last.number + 1
        currency = operation.currency
        session.add(
            _lot(now, operation, kind, number, back_minor, currency=currency, release_at=now)
        )
    session.flush()


def terms_of(session: Session, merchant: Merchant, method: str, now: datetime) -> Terms:
    """Return when money taken at `now` is released, by the merchant's schedule for the method.

    Without a schedule: after USUAL_DAYS business days of the merchant's country.
    """
    agreed = settlement.schedule(session, merchant.id, method)
    zone = ZoneInfo(merchant.timezone)
    if agreed is None:
        until = calendar.release_moment(now, USUAL_DAYS, merchant.country, zone)
        return Terms(until, until)
    return Terms(
        calendar.release_moment(now, agreed.release_days, agreed.calendar, zone),
        calendar.reserve_moment(now, agreed.reserve_days, agreed.calendar, zone),
    )


def code_of(kind: LotKind, merchant: Merchant) -> str:
    """Return the code of the account on which a merchant's lots of a kind lie."""
    return qualify(lots.account(kind), merchant=merchant.public_id)


def _lot(
    now: datetime,
    operation: Operation,
    kind: LotKind,
    number: int,
    amount_minor: int,
    *,
    currency: str,
    release_at: datetime,
) -> Lot:
    return Lot(
        public_id=new_id("lot", now),
        merchant_id=operation.merchant_id,
        livemode=operation.livemode,
        payment_id=operation.payment_id,
        operation_id=operation.id,
        kind=kind,
        number=number,
        amount_minor=amount_minor,
        currency=currency,
        state=LotState.HELD,
        release_at=release_at,
        created_at=now,
    )
