"""Reads and conditional updates of the cases at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from operator import ge, le, lt
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, update

from app.models import ApprovalRequest, DeskCase, Evidence, Payment
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

OPEN: Final = "open"
RESOLVED: Final = "resolved"
EVERY: Final = "every"
STATES: Final = (OPEN, RESOLVED, EVERY)
_CASES = Keys(DeskCase.opened_at, DeskCase.id, DeskCase.public_id, oldest_first=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What the queue is narrowed to; empty values do not narrow.

    `state` is one of STATES. `opened_before` is not included. `claimed_by` is the key of a user,
    `unclaimed` leaves those that nobody has claimed. Amounts are of one currency, in minor units.
    """

    state: str = OPEN
    kinds: tuple[str, ...] = ()
    merchant: str = ""
    currency: str = ""
    least_minor: int | None = None
    most_minor: int | None = None
    opened_before: datetime | None = None
    claimed_by: int | None = None
    unclaimed: bool = False


@dataclass(frozen=True, slots=True)
class Depth:
    """How many cases of a kind are open, and since when the oldest of them waits."""

    kind: str
    count: int
    oldest: datetime


def page(session: Session, wanted: CaseFilter, window: Window) -> Slice:
    """Return one page of the queue, the oldest case first, with what each is about."""
    found = select(
        DeskCase.id,
        DeskCase.public_id,
        DeskCase.merchant_id,
        DeskCase.kind,
        DeskCase.state,
        DeskCase.amount_minor,
        DeskCase.currency,
        DeskCase.text,
        DeskCase.claimed_label,
        DeskCase.resolution,
        DeskCase.resolved_by,
        DeskCase.opened_at,
        Payment.public_id.label("payment_public_id"),
        Payment.reference,
    ).outerjoin(Payment, Payment.id == DeskCase.payment_id)
    found = found.where(*_conditions(session, wanted))
    return listing.page(session, found, _CASES, window)


def count(session: Session, wanted: CaseFilter) -> CappedCount:
    """Count the cases of the queue, as far as they are counted."""
    found = select(DeskCase.id).where(*_conditions(session, wanted))
    return keyset.counted(session, found)


def depths(session: Session) -> Sequence[Depth]:
    """Return the number of open cases of each kind of which there is one."""
    rows = session.execute(
        select(DeskCase.kind, func.count(), func.min(DeskCase.opened_at))
        .where(DeskCase.state == OPEN)
        .group_by(DeskCase.kind)
        .order_by(DeskCase.kind)
    )
    return [Depth(kind, int(number), oldest) for kind, number, oldest in rows]


def by_key(session: Session, case_key: str) -> DeskCase | None:
    """Return the case about what `case_key` names."""
    return session.scalars(select(DeskCase).where(DeskCase.case_key == case_key)).one_or_none()


def last_of_keys(session: Session, beginning: str) -> DeskCase | None:
    """Return the newest of the cases whose keys begin so."""
    found = select(DeskCase).where(DeskCase.case_key.startswith(beginning, autoescape=True))
    return session.scalars(found.order_by(DeskCase.id.desc()).limit(1)).first()


def get(session: Session, public_id: str) -> DeskCase | None:
    """Return a case by its public id."""
    return session.scalars(select(DeskCase).where(DeskCase.public_id == public_id)).one_or_none()


def oldest_open(session: Session, kind: str) -> DeskCase | None:
    """Return the case of a kind that has waited longest."""
    found = select(DeskCase).where(DeskCase.state == OPEN, DeskCase.kind == kind)
    return session.scalars(found.order_by(DeskCase.opened_at, DeskCase.id).limit(1)).first()


def open_of_operation(
    session: Session, operation_id: int, kinds: Collection[str]
) -> Sequence[DeskCase]:
    """Return the open cases of these kinds about an operation."""
    found = select(DeskCase).where(
        DeskCase.operation_id == operation_id, DeskCase.state == OPEN, DeskCase.kind.in_(kinds)
    )
    return session.scalars(found).all()


def of_payment(session: Session, payment_id: int) -> Sequence[DeskCase]:
    """Return the cases about a payment, ended or not, in the order in which they were opened."""
    found = select(DeskCase).where(DeskCase.payment_id == payment_id).order_by(DeskCase.id)
    return session.scalars(found).all()


def claim(session: Session, case_id: int, user_id: int, label: str) -> bool:
    """Give an open case to somebody; False where it has ended or somebody has it."""
    statement = update(DeskCase).where(
        DeskCase.id == case_id, DeskCase.state == OPEN, DeskCase.claimed_by.is_(None)
    )
    return changed(session, statement.values(claimed_by=user_id, claimed_label=label)) == 1


def release(session: Session, case_id: int, holder_id: int) -> bool:
    """Take a case from its holder; False where it is not theirs any more."""
    statement = update(DeskCase).where(DeskCase.id == case_id, DeskCase.claimed_by == holder_id)
    return changed(session, statement.values(claimed_by=None, claimed_label=None)) == 1


def waiting_request(session: Session, public_id: str) -> ApprovalRequest | None:
    """Return the proposal about a case that waits for a second person."""
    return session.scalars(
        select(ApprovalRequest)
        .where(
            ApprovalRequest.object_id == public_id,
            ApprovalRequest.object_type == "desk_case",
            ApprovalRequest.state == "waiting",
        )
        .order_by(ApprovalRequest.id.desc())
        .limit(1)
    ).one_or_none()


def evidence(session: Session, operation_id: int) -> Sequence[Evidence]:
    """Return what the provider, or a person, has told of an operation, oldest first."""
    found = select(Evidence).where(Evidence.operation_id == operation_id).order_by(Evidence.id)
    return session.scalars(found).all()


def _conditions(session: Session, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    asked: list[tuple[bool, ColumnElement[bool]]] = [
        (wanted.state != EVERY, DeskCase.state == wanted.state),
        (bool(wanted.kinds), DeskCase.kind.in_(wanted.kinds)),
        (bool(wanted.currency), DeskCase.currency == wanted.currency),
        (wanted.claimed_by is not None, DeskCase.claimed_by == wanted.claimed_by),
        (wanted.unclaimed, DeskCase.claimed_by.is_(None)),
    ]
    conditions = [condition for is_asked, condition in asked if is_asked]
    limits: list[tuple[Callable[[Any, Any], ColumnElement[bool]], Any, object]] = [
        (ge, DeskCase.amount_minor, wanted.least_minor),
        (le, DeskCase.amount_minor, wanted.most_minor),
        (lt, DeskCase.opened_at, wanted.opened_before),
    ]
    conditions += [compare(column, limit) for compare, column, limit in limits if limit is not None]
    if wanted.merchant:
        conditions.append(DeskCase.merchant_id.in_(listing.merchant_ids(session, wanted.merchant)))
    return conditions


def open_among(cases: Iterable[DeskCase]) -> list[DeskCase]:
    """Return those that nobody has ended."""
    return [case for case in cases if case.state == OPEN]
