"""Money that waits is in lots: each released once, and nothing is left behind by its release."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import and_, func, literal, or_, select

from app.domain.ledger.journals import JournalKind
from app.domain.ledger.lots import LotKind, LotState
from app.models import LedgerAccount, LedgerJournal, LedgerLine, Lot, Payment
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

RELEASES = {
    LotKind.PENDING: JournalKind.RELEASE,
    LotKind.RESERVE: JournalKind.RESERVE_RELEASE,
}


class Lots:
    """What payments hold in pending and reserve is covered by held lots."""

    name: ClassVar[str] = "lots"
    sentence: ClassVar[str] = (
        "only released lots have a journal, one of their kind and of no more than their amount, "
        "and what a payment holds in pending or reserve is between zero and its held lots"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return lots and journals that do not fit, and payments with more or less than lots."""
        return [*_journals(session), *_amounts(session), *_uncovered(session)]


def _journals(session: Session) -> list[Violation]:
    """Journals of lots that are held, of another kind, or not there at all."""
    fits = or_(
        *(
            and_(Lot.kind == kind, LedgerJournal.kind == journal)
            for kind, journal in RELEASES.items()
        )
    )
    rows = session.execute(
        select(LedgerJournal.public_id, LedgerJournal.kind, LedgerJournal.cause_id, Lot.state)
        .outerjoin(Lot, and_(Lot.public_id == LedgerJournal.cause_id, fits))
        .where(
            LedgerJournal.cause_type == literal("lot"),
            or_(Lot.id.is_(None), Lot.state != LotState.RELEASED),
        )
    )
    return [
        Violation(journal, f"is a {kind} of {lot}, which is {state or 'no lot of that kind'}")
        for journal, kind, lot, state in rows
    ]


def _amounts(session: Session) -> list[Violation]:
    """Journals that release more than was put aside."""
    moved = func.sum(LedgerLine.amount_minor)
    rows = session.execute(
        select(Lot.public_id, Lot.amount_minor, moved)
        .join(LedgerJournal, LedgerJournal.cause_id == Lot.public_id)
        .join(LedgerLine, LedgerLine.journal_id == LedgerJournal.id)
        .where(LedgerJournal.cause_type == literal("lot"), LedgerLine.amount_minor > 0)
        .group_by(Lot.public_id, Lot.amount_minor)
        .having(moved > Lot.amount_minor)
    )
    return [
        Violation(lot, f"released {released} of {amount} minor units")
        for lot, amount, released in rows
    ]


def _uncovered(session: Session) -> list[Violation]:
    found = []
    for kind in LotKind:
        on_account = (
            select(LedgerLine.payment_id, (-func.sum(LedgerLine.amount_minor)).label("minor"))
            .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
            .where(
                LedgerAccount.code.like(f"merchant:%:{kind}"), LedgerLine.payment_id.is_not(None)
            )
            .group_by(LedgerLine.payment_id)
            .subquery()
        )
        in_lots = (
            select(Lot.payment_id, func.sum(Lot.amount_minor).label("minor"))
            .where(Lot.kind == kind, Lot.state == LotState.HELD)
            .group_by(Lot.payment_id)
            .subquery()
        )
        covered = func.coalesce(in_lots.c.minor, 0)
        rows = session.execute(
            select(Payment.public_id, on_account.c.minor, covered)
            .join(on_account, on_account.c.payment_id == Payment.id)
            .outerjoin(in_lots, in_lots.c.payment_id == Payment.id)
            .where(or_(on_account.c.minor < 0, on_account.c.minor > covered))
        )
        found += [
            Violation(payment, f"holds {held} minor units in {kind}, its lots {lots}")
            for payment, held, lots in rows
        ]
    return found
