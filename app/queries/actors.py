"""Look-ups made before there is an actor: the only readers of memberships and page tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_appbuilder.security.sqla.models import (
    Permission as FabPermission,
)
from flask_appbuilder.security.sqla.models import (
    PermissionView,
    Role,
    User,
    ViewMenu,
    assoc_permissionview_role,
    assoc_user_role,
)
from sqlalchemy import and_, select

from app.domain.operations import OperationState
from app.models import ApprovalRequest, DeskCase, Membership, Merchant, Operation, Payment
from app.models.tenancy import FINDING_ACTOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_FINDING = {FINDING_ACTOR: True}


@dataclass(frozen=True, slots=True)
class UserRights:
    """A user's roles and pairs of (permission, view), read in one statement."""

    roles: frozenset[str]
    pairs: frozenset[tuple[str, str]]


def rights(session: Session, user_id: int) -> UserRights:
    """Return what a user may do, by the roles in the database."""
    rows = session.execute(
        select(Role.name, FabPermission.name, ViewMenu.name)
        .select_from(assoc_user_role)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .outerjoin(assoc_permissionview_role, assoc_permissionview_role.c.role_id == Role.id)
        .outerjoin(
            PermissionView, PermissionView.id == assoc_permissionview_role.c.permission_view_id
        )
        .outerjoin(FabPermission, FabPermission.id == PermissionView.permission_id)
        .outerjoin(ViewMenu, ViewMenu.id == PermissionView.view_menu_id)
        .where(assoc_user_role.c.user_id == user_id)
    ).all()
    return UserRights(
        roles=frozenset(role for role, _, _ in rows),
        pairs=frozenset((name, view) for _, name, view in rows if name and view),
    )


def memberships(session: Session, user_id: int) -> Sequence[tuple[int, str, str]]:
    """Return (merchant id, key, name) of the merchants that a user may act for, by name."""
    rows = session.execute(
        select(Merchant.id, Merchant.key, Merchant.name)
        .join(Membership, Membership.merchant_id == Merchant.id)
        .where(Membership.user_id == user_id, Merchant.status == "active")
        .order_by(Merchant.name)
        .execution_options(**_FINDING)
    )
    return [(merchant_id, key, name) for merchant_id, key, name in rows]


def user_by_name(session: Session, username: str) -> User | None:
    """Return a user by the name that is typed at sign-in."""
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def page(session: Session, token: str) -> tuple[int, bool, str] | None:
    """Return (merchant id, livemode, payment's public id) of a payer's page token."""
    row = session.execute(
        select(Payment.merchant_id, Payment.livemode, Payment.public_id)
        .where(Payment.page_token == token)
        .execution_options(**_FINDING)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def merchant_by_key(session: Session, key: str) -> Merchant | None:
    """Return a merchant by its short name, for commands."""
    return session.scalars(
        select(Merchant).where(Merchant.key == key).execution_options(**_FINDING)
    ).one_or_none()


def overdue_operations(
    session: Session, now: datetime, limit: int
) -> Sequence[tuple[int, bool, str]]:
    """Return (merchant id, livemode, public id) of unknown outcomes past their deadline.

    Only those without a case at the desk, the longest overdue first.
    """
    rows = session.execute(
        select(Operation.merchant_id, Operation.livemode, Operation.public_id)
        .outerjoin(
            DeskCase, and_(DeskCase.operation_id == Operation.id, DeskCase.kind == "unknown")
        )
        .where(
            Operation.state == OperationState.UNKNOWN,
            Operation.deadline_at < now,
            DeskCase.id.is_(None),
        )
        .order_by(Operation.deadline_at)
        .limit(limit)
        .execution_options(**_FINDING)
    )
    return [(merchant_id, livemode, public_id) for merchant_id, livemode, public_id in rows]


def lapsed_approvals(session: Session, now: datetime) -> Sequence[tuple[int | None, bool]]:
    """Return (merchant id or the house, livemode) with requests that waited too long."""
    rows = session.execute(
        select(ApprovalRequest.merchant_id, ApprovalRequest.livemode)
        .where(ApprovalRequest.state == "waiting", ApprovalRequest.lapses_at <= now)
        .distinct()
        .execution_options(**_FINDING)
    )
    return [(merchant_id, livemode) for merchant_id, livemode in rows]
