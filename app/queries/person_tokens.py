"""Reads and conditional updates of one-time links; each is used once, whoever is faster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import and_, func, or_, select, update

from app.domain.person_tokens import InvitationState, TokenKind
from app.models import Membership, PersonToken
from app.models.accounts import User
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_KEYS: Final = Keys(PersonToken.created_at, PersonToken.id, PersonToken.public_id)
MOST_MEMBERS: Final = 200
"""Members that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationFilter:
    """What the list is narrowed to as of `now`; empty values do nothing."""

    now: datetime
    states: tuple[str, ...] = ()
    merchant: str = ""


def by_digest(session: Session, kind: TokenKind, digest: bytes) -> PersonToken | None:
    """Return the link whose token has this digest, whether or not it works (any more)."""
    found = select(PersonToken).where(PersonToken.digest == digest, PersonToken.kind == kind)
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def get(session: Session, public_id: str) -> PersonToken | None:
    """Return an invitation that the actor may see."""
    found = select(PersonToken).where(
        PersonToken.public_id == public_id, PersonToken.kind == TokenKind.INVITATION
    )
    return session.scalars(found).one_or_none()


def use(session: Session, token_id: int, now: datetime) -> bool:
    """Use a link up; False where it does not work (any more)."""
    found = update(PersonToken).where(PersonToken.id == token_id, _works(now))
    return changed(session, found.values(used_at=now)) == 1


def revoke(session: Session, token_id: int, now: datetime) -> bool:
    """Take a link back; False where it does not work (any more)."""
    found = update(PersonToken).where(PersonToken.id == token_id, _works(now))
    return changed(session, found.values(revoked_at=now)) == 1


def revoke_resets(session: Session, user_id: int, now: datetime) -> int:
    """Take back every link to a new password of somebody; answers how many."""
    mine = and_(PersonToken.user_id == user_id, PersonToken.kind == TokenKind.RESET)
    return changed(session, update(PersonToken).where(mine, _works(now)).values(revoked_at=now))


def resets_since(session: Session, user_id: int, since: datetime) -> int:
    """Count the links to a new password that somebody was mailed."""
    found = select(func.count()).select_from(PersonToken)
    mine = and_(PersonToken.user_id == user_id, PersonToken.kind == TokenKind.RESET)
    return session.scalar(found.where(mine, PersonToken.created_at > since)) or 0


def invitations_since(session: Session, merchant_id: int | None, since: datetime) -> int:
    """Count the invitations of a merchant, or of the house."""
    found = select(func.count()).select_from(PersonToken)
    whose = PersonToken.merchant_id == merchant_id
    if merchant_id is None:
        whose = PersonToken.merchant_id.is_(None)
    kind = PersonToken.kind == TokenKind.INVITATION
    return session.scalar(found.where(kind, whose, PersonToken.created_at > since)) or 0


def pending_to(
    session: Session, index: bytes, merchant_id: int | None, now: datetime
) -> Sequence[PersonToken]:
    """Return the invitations to an address that still work, of a merchant or of the house."""
    whose = PersonToken.merchant_id == merchant_id
    if merchant_id is None:
        whose = PersonToken.merchant_id.is_(None)
    kind = PersonToken.kind == TokenKind.INVITATION
    found = select(PersonToken).where(kind, whose, PersonToken.email_index == index, _works(now))
    return session.scalars(found).all()


def members(session: Session, merchant_id: int) -> Sequence[Row[Any]]:
    """Return (user's key, username, names, e-mail, active, role, since) of a merchant's people."""
    found = (
        select(User, Membership.created_at)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.merchant_id == merchant_id)
        .order_by(User.username)
        .limit(MOST_MEMBERS)
    )
    return session.execute(found).all()


def membership(session: Session, merchant_id: int, username: str) -> Membership | None:
    """Return the membership of somebody by the name with which they sign in."""
    found = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.merchant_id == merchant_id, User.username == username)
    )
    return session.scalars(found).one_or_none()


def page(session: Session, wanted: InvitationFilter, window: Window) -> Slice:
    """Return one page of the invitations that the actor may see, newest first."""
    found = select(
        PersonToken.public_id,
        PersonToken.merchant_id,
        PersonToken.email,
        PersonToken.role,
        PersonToken.invited_by,
        PersonToken.created_at,
        PersonToken.expires_at,
        PersonToken.used_at,
        PersonToken.revoked_at,
    )
    return listing.page(session, _narrowed(session, found, wanted), _KEYS, window)


def count(session: Session, wanted: InvitationFilter) -> CappedCount:
    """Count the invitations of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(session, select(PersonToken.id), wanted))


def _narrowed(
    session: Session, found: Select[*tuple[Any, ...]], wanted: InvitationFilter
) -> Select[*tuple[Any, ...]]:
    found = found.where(PersonToken.kind == TokenKind.INVITATION)
    if wanted.states:
        found = found.where(or_(*(_is(state, wanted.now) for state in wanted.states)))
    if wanted.merchant:
        ids = listing.merchant_ids(session, wanted.merchant)
        found = found.where(PersonToken.merchant_id.in_(ids))
    return found


def _works(now: datetime) -> ColumnElement[bool]:
    return and_(
        PersonToken.used_at.is_(None),
        PersonToken.revoked_at.is_(None),
        PersonToken.expires_at > now,
    )


def _is(state: str, now: datetime) -> ColumnElement[bool]:
    if state == InvitationState.ACCEPTED:
        return PersonToken.used_at.is_not(None)
    if state == InvitationState.REVOKED:
        return PersonToken.revoked_at.is_not(None)
    if state == InvitationState.PENDING:
        return _works(now)
    ended = or_(PersonToken.used_at.is_not(None), PersonToken.revoked_at.is_not(None))
    return and_(PersonToken.expires_at <= now, ~ended)
