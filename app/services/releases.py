"""Releasing lots: what has waited long enough becomes available, once.

A recurring task of the house finds the merchants with lots whose date has come, and gives each of
them (in each book) a task of its own, so that workers share the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

import config
from app.adapters import clock, db, failpoints
from app.domain.actors import Actor
from app.domain.ledger import lots
from app.domain.ledger.lots import LotKind
from app.domain.money import Money
from app.errors import DatabaseBusyError, LeaseLostError, said
from app.queries import actors, operations, outbox, settlement
from app.services import audit, ledger
from app.services import lots as lot_service
from app.services.outbox import enqueue, wake_after_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Lot, Merchant
    from app.queries.actors import Waiting
    from app.queries.outbox import Lease

HOUSE: Final = Actor.house(None, "settlement")
QUEUE: Final = "default"
MOST_AT_ONCE: Final = 100
"""Lots of one transaction, and merchants that are given their task in one."""


@dataclass(frozen=True, slots=True)
class _Release:
    """A lot and what is left of it, in minor units; nothing left is released too, unposted."""

    lot: Lot
    amount_minor: int


def look(lease: Lease) -> None:
    """Do the recurring task: give each merchant with due lots a task, in each book."""
    after = 0
    while found := _waiting(after):
        with db.unit_of_work(HOUSE) as session:
            for each in found:
                _task(session, clock.now(), each)
            if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
                raise LeaseLostError(said("Another worker took this task over."))
        after = found[-1].merchant_id
    with db.unit_of_work(HOUSE) as session:
        outbox.finish(session, lease)


def run(lease: Lease) -> None:
    """Do a merchant's task: release its due lots of one book, some at a time.

    Killed anywhere, another worker goes on: what was released is committed with its journals.
    """
    while db.retry_when_busy(_batch)(lease):
        failpoints.hit("release.committed")


def release_due(session: Session, now: datetime, merchant: Merchant) -> int:
    """Release up to MOST_AT_ONCE due lots of the actor's merchant and book, of one currency.

    Answers how many lots were looked at; fewer than there are due. The caller commits: journals,
    lots and balances change together. Raises DatabaseBusyError where another worker is at it.
    """
    found = settlement.due(session, now, MOST_AT_ONCE)
    if not found:
        return 0
    payment_ids = {lot.payment_id for lot in found}
    # First all payments, ascending, then balances: as whoever refunds one of them.
    settlement.lock(session, payment_ids)
    wanted = {lot.id for lot in found}
    stopped = settlement.disputed(session, payment_ids)
    releases = [
        each
        for each in _left(session, merchant, payment_ids)
        if each.lot.id in wanted and each.lot.payment_id not in stopped
    ]
    _post(session, now, merchant, releases)
    _trace(session, now, merchant, releases)
    return len(found)


def _waiting(after: int) -> Sequence[Waiting]:
    with db.reading(HOUSE) as session:
        return actors.merchants_with_due_lots(session, clock.now(), after, MOST_AT_ONCE)


def _task(session: Session, now: datetime, each: Waiting) -> None:
    """Make the merchant's task due, unless it is already; there is one a merchant and book."""
    key = f"settlement.release:{each.merchant}:{'live' if each.livemode else 'test'}"
    if outbox.start_again(session, key, 0):
        wake_after_commit(session, QUEUE)
        return
    if outbox.by_key(session, key) is not None:
        return
    try:
        with session.begin_nested():
            enqueue(
                session,
                now,
                queue="default",
                kind="settlement.release",
                ref=each.merchant,
                job_key=key,
                merchant_id=each.merchant_id,
                livemode=each.livemode,
            )
            session.flush()
    except IntegrityError:
        return  # another process was faster


def _batch(lease: Lease) -> bool:
    """Release some lots; answers whether there may be more. The last batch ends the task."""
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, f"task {lease.kind}")
    with db.unit_of_work(actor) as session:
        if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
            raise LeaseLostError(said("Another worker took this task over."))
        merchant = operations.merchant_of(session, lease.merchant_id or 0)
        looked_at = release_due(session, clock.now(), merchant)
        if not looked_at:
            outbox.finish(session, lease)
        failpoints.hit("release.before_commit")
        return looked_at > 0


def _left(session: Session, merchant: Merchant, payment_ids: Iterable[int]) -> list[_Release]:
    """Compute what is left of each held lot of locked payments."""
    held = settlement.held_lots(session, set(payment_ids))
    codes = {kind: lot_service.code_of(kind, merchant) for kind in LotKind}
    minor = settlement.held_minor(session, set(payment_ids), tuple(codes.values()))
    groups: dict[tuple[int, str, str], list[Lot]] = {}
    for lot in held:
        key = (lot.payment_id, codes[LotKind(lot.kind)], lot.currency)
        groups.setdefault(key, []).append(lot)
    found = []
    for key, group in groups.items():
        parts = lots.left([lot.amount_minor for lot in group], minor.get(key, 0))
        found += [_Release(lot, part) for lot, part in zip(group, parts, strict=True)]
    return found


def _post(
    session: Session, now: datetime, merchant: Merchant, releases: Sequence[_Release]
) -> None:
    for each in releases:
        if not settlement.take(session, each.lot.id, now):
            raise DatabaseBusyError(said("Another worker is releasing the same money."))
    ledger.post_many(
        session,
        now,
        [
            (
                lots.release(LotKind(each.lot.kind), each.amount_minor, each.lot.currency),
                _cause(merchant, each.lot),
            )
            for each in releases
            if each.amount_minor > 0
        ],
    )


def _cause(merchant: Merchant, lot: Lot) -> ledger.Cause:
    return ledger.Cause(
        livemode=lot.livemode,
        merchant_id=merchant.id,
        merchant=merchant.public_id,
        connector_account="",
        type="lot",
        id=lot.public_id,
        payment_id=lot.payment_id,
        text=said("Released what was due on {day}", day=_day(merchant, lot)),
    )


def _day(merchant: Merchant, lot: Lot) -> str:
    return lot.release_at.astimezone(ZoneInfo(merchant.timezone)).date().isoformat()


def _trace(
    session: Session, now: datetime, merchant: Merchant, releases: Sequence[_Release]
) -> None:
    """Write one entry a business day: one release run of a merchant and currency."""
    days: dict[str, list[_Release]] = {}
    for each in releases:
        days.setdefault(_day(merchant, each.lot), []).append(each)
    for day, group in days.items():
        total = Money(sum(each.amount_minor for each in group), group[0].lot.currency)
        audit.record(
            session,
            now,
            action="settlement.release",
            object_type="merchant",
            object_id=merchant.public_id,
            sentence=said(
                "Released {amount} of {count} captures due on {day}",
                amount=total,
                count=len(group),
                day=day,
            ),
            after={
                "day": day,
                "amount_minor": total.amount_minor,
                "currency": total.currency,
                "lots": {each.lot.public_id: each.amount_minor for each in group},
            },
            merchant_id=merchant.id,
            livemode=group[0].lot.livemode,
        )
