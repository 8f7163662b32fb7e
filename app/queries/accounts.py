"""Reads of people, roles and memberships."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.models import Membership, Merchant
from app.models.accounts import Area, PermissionName, PermissionPair, Role, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def user(session: Session, user_id: int) -> User | None:
    """Return a user with roles, by key."""
    statement = select(User).where(User.id == user_id).options(selectinload(User.roles))
    return session.scalars(statement).one_or_none()


def taken(session: Session, username: str, email: str, but_id: int | None) -> set[str]:
    """Return which of `username` and `email` another user already has, in any case."""
    rows = session.execute(
        select(User.id, User.username, User.email).where(
            or_(
                func.lower(User.username) == username.lower(),
                func.lower(User.email) == email.lower(),
            )
        )
    ).all()
    others = [(name, mail) for user_id, name, mail in rows if user_id != but_id]
    found = {"username" for name, _ in others if name.lower() == username.lower()}
    return found | {"email" for _, mail in others if mail.lower() == email.lower()}


def role(session: Session, name: str) -> Role | None:
    """Return a role by name."""
    return session.scalars(select(Role).where(Role.name == name)).one_or_none()


def roles(session: Session) -> Sequence[Role]:
    """Return all roles with their permissions, by name."""
    statement = select(Role).options(selectinload(Role.permissions)).order_by(Role.name)
    return session.scalars(statement).all()


def permission_names(session: Session) -> Sequence[PermissionName]:
    """Return all verbs, such as `can_read`."""
    return session.scalars(select(PermissionName)).all()


def areas(session: Session) -> Sequence[Area]:
    """Return all areas, such as `payments`."""
    return session.scalars(select(Area)).all()


def permission_pairs(session: Session) -> Sequence[PermissionPair]:
    """Return all pairs of verb and area."""
    return session.scalars(select(PermissionPair)).all()


def active_with_role(session: Session, name: str) -> set[int]:
    """Return the keys of active users who have a role."""
    found = session.scalars(
        select(User.id).join(User.roles).where(Role.name == name, User.active.is_(True))
    )
    return set(found)


def holders(session: Session) -> dict[str, int]:
    """Return role → how many active users have it; a role that nobody has is left out."""
    active = select(Role.name, func.count()).join(User.roles).where(User.active.is_(True))
    return {row[0]: row[1] for row in session.execute(active.group_by(Role.name))}


def memberships(session: Session, user_id: int) -> Sequence[Membership]:
    """Return the memberships of a user that the actor may see."""
    return session.scalars(
        select(Membership)
        .where(Membership.user_id == user_id)
        .options(selectinload(Membership.merchant))
        .order_by(Membership.id)
    ).all()


def merchants(session: Session, ids: Sequence[int]) -> Sequence[Merchant]:
    """Return those of the merchants that the actor may see, by name."""
    statement = select(Merchant).where(Merchant.id.in_(ids)).order_by(Merchant.name)
    return session.scalars(statement).all()
