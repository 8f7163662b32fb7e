"""Reads and conditional updates of requests that wait for a second person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select, update

from app.domain import policies
from app.domain.actors import ActorKind
from app.models import AmountLimit, ApprovalDecision, ApprovalRequest, Merchant, Payment
from app.models.tenancy import actor_of
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

WAITING = "waiting"
APPROVED, REJECTED, WITHDRAWN, LAPSED = "approved", "rejected", "withdrawn", "lapsed"
STATES = (WAITING, APPROVED, REJECTED, WITHDRAWN, LAPSED)
_REQUESTS = Keys(ApprovalRequest.created_at, ApprovalRequest.id, ApprovalRequest.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalFilter:
    """What the list is narrowed to; empty values do nothing.

    `decided_by` leaves what these commands ask of somebody, `maker` what a user asked for and
    `not_maker` what others did.
    """

    created_from: datetime | None = None
    created_before: datetime | None = None
    state: str = ""
    command: str = ""
    merchant: str = ""
    object_id: str = ""
    maker: int | None = None
    not_maker: int | None = None
    decided_by: frozenset[str] | None = None


def page(session: Session, wanted: ApprovalFilter, window: Window) -> Slice:
    """Return one page of the requests that the actor may see, newest first."""
    found = select(
        ApprovalRequest.public_id,
        ApprovalRequest.merchant_id,
        ApprovalRequest.command,
        ApprovalRequest.object_id,
        ApprovalRequest.amount_minor,
        ApprovalRequest.currency,
        ApprovalRequest.sentence,
        ApprovalRequest.reason,
        ApprovalRequest.state,
        ApprovalRequest.maker_label,
        ApprovalRequest.checker_label,
        ApprovalRequest.created_at,
        ApprovalRequest.lapses_at,
        ApprovalRequest.decided_at,
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _REQUESTS, window)


def count(session: Session, wanted: ApprovalFilter) -> CappedCount:
    """Count the requests of the list, as far as they are counted."""
    found = select(ApprovalRequest.id).where(*_conditions(session, wanted))
    return keyset.counted(session, found)


def _conditions(session: Session, wanted: ApprovalFilter) -> list[ColumnElement[bool]]:
    exact = (
        (ApprovalRequest.state, wanted.state),
        (ApprovalRequest.command, wanted.command),
        (ApprovalRequest.object_id, wanted.object_id),
        (ApprovalRequest.maker_user_id, wanted.maker),
    )
    conditions = [visible(session), *(column == value for column, value in exact if value)]
    if wanted.created_from is not None:
        conditions.append(ApprovalRequest.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        conditions.append(ApprovalRequest.created_at < wanted.created_before)
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(ApprovalRequest.merchant_id.in_(ids))
    if wanted.decided_by is not None:
        conditions.append(ApprovalRequest.command.in_(wanted.decided_by))
    if wanted.not_maker is not None:
        conditions.append(ApprovalRequest.maker_user_id != wanted.not_maker)
    return conditions


def visible(session: Session) -> ColumnElement[bool]:
    """Leave merchants what they can ask for themselves; the guard leaves them their own rows."""
    actor = actor_of(session)
    if actor.kind is not ActorKind.MERCHANT:
        return ApprovalRequest.command.is_not(None)
    return ApprovalRequest.command.in_(policies.known_to(actor.permissions))


def to_decide(commands: Collection[str], user_id: int | None) -> Select[int, datetime]:
    """Ask how many requests wait for somebody who decides on `commands`, and since when."""
    return select(func.count(), func.min(ApprovalRequest.created_at)).where(
        ApprovalRequest.state == WAITING,
        ApprovalRequest.command.in_(commands),
        ApprovalRequest.maker_user_id != user_id,
    )


def get(session: Session, public_id: str) -> ApprovalRequest | None:
    """Return a request that the actor may see, as it is now."""
    return session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.public_id == public_id, visible(session))
        .execution_options(populate_existing=True)
    ).one_or_none()


def waiting_by_key(session: Session, open_key: str) -> ApprovalRequest | None:
    """Return the request that waits under this key."""
    return session.scalars(
        select(ApprovalRequest).where(ApprovalRequest.open_key == open_key)
    ).one_or_none()


def waiting_for(session: Session, object_ids: Collection[str]) -> Sequence[ApprovalRequest]:
    """Return what waits about some objects, the oldest first, as far as the actor may see it."""
    if not object_ids:
        return []
    return session.scalars(
        select(ApprovalRequest)
        .where(
            ApprovalRequest.object_id.in_(object_ids),
            ApprovalRequest.state == WAITING,
            visible(session),
        )
        .order_by(ApprovalRequest.id)
    ).all()


def decisions(session: Session, request_id: int) -> Sequence[ApprovalDecision]:
    """Return what was decided about a request, the oldest first."""
    return session.scalars(
        select(ApprovalDecision)
        .where(ApprovalDecision.request_id == request_id)
        .order_by(ApprovalDecision.id)
    ).all()


def end(
    session: Session,
    request_id: int,
    state: str,
    now: datetime,
    *,
    checker: tuple[int, str] | None = None,
) -> bool:
    """Take a request out of waiting; False where somebody or time was faster. Never reads first.

    `checker` is the id and the name of who decides, who is never the maker.
    """
    conditions = [ApprovalRequest.id == request_id, ApprovalRequest.state == WAITING]
    values: dict[str, Any] = {"state": state, "open_key": None, "decided_at": now}
    if checker is not None:
        conditions += [
            ApprovalRequest.maker_user_id != checker[0],
            ApprovalRequest.lapses_at > now,
        ]
        values |= {"checker_user_id": checker[0], "checker_label": checker[1]}
    return changed(session, update(ApprovalRequest).where(*conditions).values(values)) == 1


def due(session: Session, now: datetime, most: int) -> Sequence[ApprovalRequest]:
    """Return requests that waited too long, the oldest first."""
    return session.scalars(
        select(ApprovalRequest)
        .where(ApprovalRequest.state == WAITING, ApprovalRequest.lapses_at <= now)
        .order_by(ApprovalRequest.lapses_at)
        .limit(most)
    ).all()


# What the objects of requests are now


def refund_facts(session: Session, payment: str) -> Row[*tuple[Any, ...]] | None:
    """Return currency and amounts in minor units by which a payment's refunds are limited."""
    return session.execute(
        select(
            Payment.currency,
            Payment.captured_minor,
            Payment.refund_asked_minor,
            Payment.charged_back_minor,
            Payment.disputed_minor,
        ).where(Payment.public_id == payment)
    ).one_or_none()


def lock_payment(session: Session, payment: str) -> None:
    """Let nobody else change a payment until this unit of work ends."""
    session.execute(select(Payment.id).where(Payment.public_id == payment).with_for_update())


def limit_facts(session: Session, limit: str) -> Row[*tuple[Any, ...]] | None:
    """Return what a limit says, by its id or (see `limit_place`) its place."""
    return session.execute(
        select(
            AmountLimit.public_id,
            AmountLimit.merchant_id,
            AmountLimit.kind,
            AmountLimit.currency,
            AmountLimit.max_minor,
        ).where(_is_limit(limit))
    ).one_or_none()


def lock_limit(session: Session, limit: str) -> None:
    """Let nobody else change a limit until this unit of work ends."""
    session.execute(select(AmountLimit.id).where(_is_limit(limit)).with_for_update())


def limit_id(session: Session, limit: str) -> int | None:
    """Return the key of a limit."""
    return session.scalar(select(AmountLimit.id).where(AmountLimit.public_id == limit))


def limit_place(merchant: str, kind: str, currency: str) -> str:
    """Name the place of a limit that may not exist yet, by its merchant's public id."""
    return f"{merchant}:{kind}:{currency}"


def _is_limit(limit: str) -> ColumnElement[bool]:
    merchant, _, rest = limit.partition(":")
    kind, _, currency = rest.partition(":")
    owner = select(Merchant.id).where(Merchant.public_id == merchant).scalar_subquery()
    return or_(
        AmountLimit.public_id == limit,
        and_(
            AmountLimit.merchant_id == owner,
            AmountLimit.kind == kind,
            AmountLimit.currency == currency,
        ),
    )
