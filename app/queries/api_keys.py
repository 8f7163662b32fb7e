"""Reads and conditional updates of merchants' API keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select, update

from app.domain.api_keys import KeyState
from app.models import ApiKey, Merchant
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

TOUCHED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when a key was last used."""
_KEYS: Final = Keys(ApiKey.created_at, ApiKey.id, ApiKey.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFilter:
    """What the list is narrowed to at `now`; empty values do nothing.

    `merchant` is a short name, an id or the beginning of a name.
    """

    now: datetime
    merchant: str = ""
    states: tuple[str, ...] = ()


def page(session: Session, wanted: KeyFilter, window: Window) -> Slice:
    """Return one page of the keys that the actor may see, newest first."""
    found = select(
        ApiKey.public_id,
        ApiKey.merchant_id,
        ApiKey.name,
        ApiKey.prefix,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.created_by,
        ApiKey.expires_at,
        ApiKey.last_used_at,
        ApiKey.ended_at,
    ).where(*_conditions(session, wanted))
    return listing.page(session, found, _KEYS, window)


def count(session: Session, wanted: KeyFilter) -> CappedCount:
    """Count the keys of the list, as far as they are counted."""
    return keyset.counted(session, select(ApiKey.id).where(*_conditions(session, wanted)))


def get(session: Session, public_id: str) -> ApiKey | None:
    """Return a key that the actor may see, fresh from the database."""
    return session.scalars(
        select(ApiKey)
        .where(ApiKey.public_id == public_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def merchant_id_of(session: Session, merchant_id: int) -> str:
    """Return the public id of a merchant that the actor may see; empty where it may not."""
    return session.scalar(select(Merchant.public_id).where(Merchant.id == merchant_id)) or ""


def lock_living(session: Session, merchant_id: int, now: datetime) -> int:
    """Count a merchant's keys that work in the actor's book, and lock them.

    Whoever adds one waits here for whoever is adding one: there is one at least where it matters.
    """
    found = select(ApiKey.id).where(ApiKey.merchant_id == merchant_id, _living(now))
    return len(session.scalars(found.order_by(ApiKey.id).with_for_update()).all())


def follow(session: Session, key_id: int, rolled_to: str, ends_at: datetime, now: datetime) -> bool:
    """Let a key end at a moment since another follows it; False where it is ending already."""
    followed = (
        update(ApiKey)
        .where(ApiKey.id == key_id, ApiKey.ended_at.is_(None), _living(now))
        .values(rolled_to=rolled_to, ended_at=ends_at)
    )
    return changed(session, followed) == 1


def end(session: Session, key_id: int, now: datetime) -> bool:
    """Let a key end now; False where it does not work any more."""
    ended = update(ApiKey).where(ApiKey.id == key_id, _living(now)).values(ended_at=now)
    return changed(session, ended) == 1


def touch(session: Session, key_id: int, now: datetime, address: str) -> bool:
    """Keep when and from where a key was used, at most once a minute; False where it was not."""
    touched = (
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= now - TOUCHED_EVERY),
        )
        .values(last_used_at=now, last_used_address=address)
    )
    return changed(session, touched) == 1


def _conditions(session: Session, wanted: KeyFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        conditions.append(ApiKey.merchant_id.in_(ids))
    if wanted.states:
        conditions.append(or_(*(_is_in(state, wanted.now) for state in wanted.states)))
    return conditions


def _is_in(state: str, now: datetime) -> ColumnElement[bool]:
    if state == KeyState.ACTIVE:
        return and_(_living(now), ApiKey.ended_at.is_(None))
    if state == KeyState.ENDING:
        return and_(_living(now), ApiKey.ended_at > now)
    if state == KeyState.ENDED:
        return ApiKey.ended_at <= now
    return and_(ApiKey.expires_at <= now, or_(ApiKey.ended_at.is_(None), ApiKey.ended_at > now))


def _living(now: datetime) -> ColumnElement[bool]:
    return and_(
        or_(ApiKey.ended_at.is_(None), ApiKey.ended_at > now),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    )
