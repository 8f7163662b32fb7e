"""Noticing that a merchant owes us: a case while what is available to them is below zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import config
from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.desk import BY_ITSELF, CaseKind
from app.domain.ledger.accounts import MERCHANT_AVAILABLE, qualify
from app.domain.money import Money
from app.errors import LeaseLostError, said
from app.queries import actors, ledger, operations, outbox
from app.queries import desk as cases
from app.services import desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import DeskCase, LedgerAccount, Merchant
    from app.queries.outbox import Lease

LABEL: Final = "desk notice"
HOUSE: Final = Actor.house(None, LABEL)
MOST_AT_ONCE: Final = 100


def run(lease: Lease) -> None:
    """Do the recurring task: each merchant and book that owes us, or has such a case, by itself."""
    after = 0
    while True:
        with db.reading(HOUSE) as session:
            found = actors.merchants_in_debt(session, after, MOST_AT_ONCE)
        for merchant_id, livemode in found:
            with db.unit_of_work(Actor.system(merchant_id, livemode, LABEL)) as session:
                notice(session, clock.now(), operations.merchant_of(session, merchant_id))
        with db.unit_of_work(HOUSE) as session:
            if not found:
                outbox.finish(session, lease)
                return
            if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
                raise LeaseLostError(said("Another worker took this task over."))
        after = found[-1][0]


def notice(session: Session, now: datetime, merchant: Merchant) -> None:
    """Open a case for each currency in which the merchant owes us, and end those that are covered.

    A case that people have ended stays so until the debt was covered once; the next debt is a new
    one. The actor is the system, for this merchant and book.
    """
    code = qualify(MERCHANT_AVAILABLE, merchant=merchant.public_id)
    for account, balance_minor in ledger.of_code(session, code):
        known = cases.last_of_keys(session, f"{_beginning(account)}:")
        if balance_minor > 0:
            _owes(session, now, merchant, account, balance_minor, known)
        elif known is not None and known.state == desk.OPEN:
            desk.end(session, now, known)


def _owes(
    session: Session,
    now: datetime,
    merchant: Merchant,
    account: LedgerAccount,
    owed_minor: int,
    known: DeskCase | None,
) -> None:
    if known is not None and known.state == desk.OPEN:
        desk.set_amount(known, owed_minor)
        return
    if known is not None and not _was_covered(session, account, owed_minor, known):
        return
    number = 1 if known is None else int(known.case_key.rpartition(":")[2]) + 1
    desk.open_case(
        session,
        now,
        case_key=f"{_beginning(account)}:{number}",
        kind=CaseKind.NEGATIVE_BALANCE,
        text=said(
            "Refunds, disputes and fees have taken more from {merchant} than was available",
            merchant=merchant.name,
        ),
        livemode=account.livemode,
        merchant_id=merchant.id,
        amount=Money(owed_minor, account.currency),
    )


def _was_covered(
    session: Session, account: LedgerAccount, owed_minor: int, known: DeskCase
) -> bool:
    """Tell whether the merchant owed nothing at a moment since the case has ended."""
    if known.resolution == BY_ITSELF or known.resolved_at is None:
        return True
    return ledger.was_covered(session, account.id, known.resolved_at, owed_minor)


def _beginning(account: LedgerAccount) -> str:
    return f"{CaseKind.NEGATIVE_BALANCE}:{account.public_id}"
