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
from sqlalchemy import and_, or_, select, union

from app.domain import api_keys
from app.domain.desk import CaseKind
from app.domain.ledger.lots import LotState
from app.domain.operations import OperationState
from app.models import (
    ApiKey,
    ApprovalRequest,
    Attempt,
    AuditEntry,
    ConnectorAccount,
    DeskCase,
    IdempotencyKey,
    LedgerAccount,
    LedgerBalance,
    Lot,
    Membership,
    Merchant,
    Operation,
    Outbox,
    Payment,
    PaymentLink,
)
from app.models.tenancy import FINDING_ACTOR
from app.queries import settlement

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from app.domain.api_keys import Scope

APPLIED_AGAIN = "inbound.replay"
"""The action under which it is traced that a provider's event was applied again."""

_FINDING = {FINDING_ACTOR: True}


@dataclass(frozen=True, slots=True)
class UserRights:
    """A user's roles and pairs of (permission, view), read in one statement."""

    roles: frozenset[str]
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A merchant (row id and public id) for whom something waits in a book."""

    merchant_id: int
    merchant: str
    livemode: bool


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


def memberships(session: Session, user_id: int) -> Sequence[tuple[int, str, str, str]]:
    """Return (merchant id, key, name, time zone) of those that a user may act for, by name."""
    rows = session.execute(
        select(Merchant.id, Merchant.key, Merchant.name, Merchant.timezone)
        .join(Membership, Membership.merchant_id == Merchant.id)
        .where(Membership.user_id == user_id, Merchant.status == "active")
        .order_by(Merchant.name)
        .execution_options(**_FINDING)
    )
    return [(merchant_id, key, name, zone) for merchant_id, key, name, zone in rows]


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


def payment_link(session: Session, token: str) -> tuple[int, bool, str] | None:
    """Return (merchant id, livemode, public id) of a payment link; None of a closed merchant."""
    row = session.execute(
        select(PaymentLink.merchant_id, PaymentLink.livemode, PaymentLink.public_id)
        .join(Merchant, Merchant.id == PaymentLink.merchant_id)
        .where(PaymentLink.token == token, Merchant.status == "active")
        .execution_options(**_FINDING)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOwner:
    """An API key, whose it is, and what says whether it works; `is_active` is the merchant."""

    key_id: int
    public_id: str
    merchant_id: int
    livemode: bool
    prefix: str
    scopes: frozenset[Scope]
    networks: tuple[str, ...]
    version: str
    expires_at: datetime | None
    ended_at: datetime | None
    last_used_at: datetime | None
    is_active: bool


def api_key(session: Session, digest: bytes) -> KeyOwner | None:
    """Return the API key whose secret has this digest, whether or not it works (any more)."""
    row = session.execute(
        select(ApiKey, Merchant.status)
        .join(Merchant, Merchant.id == ApiKey.merchant_id)
        .where(ApiKey.secret_digest == digest)
        .execution_options(**_FINDING)
    ).one_or_none()
    if row is None:
        return None
    key, status = row
    return KeyOwner(
        key_id=key.id,
        public_id=key.public_id,
        merchant_id=key.merchant_id,
        livemode=key.livemode,
        prefix=key.prefix,
        scopes=api_keys.kept(key.scopes),
        networks=tuple(key.networks.splitlines()),
        version=key.version,
        expires_at=key.expires_at,
        ended_at=key.ended_at,
        last_used_at=key.last_used_at,
        is_active=status == "active",
    )


def live_refs(session: Session, refs: Sequence[str]) -> set[str]:
    """Return which of `refs` still have a task that waits or is being worked on.

    Tasks are the house's, but what a merchant asks for itself must know whether it is under way.
    """
    live = select(Outbox.ref).where(Outbox.ref.in_(refs), Outbox.state.in_(("waiting", "leased")))
    return set(session.scalars(live.execution_options(**_FINDING)))


def merchant_by_key(session: Session, key: str) -> Merchant | None:
    """Return a merchant by its short name or its id, for commands."""
    return session.scalars(
        select(Merchant)
        .where(or_(Merchant.key == key, Merchant.public_id == key))
        .execution_options(**_FINDING)
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


def who_applied_again(session: Session, event_id: str) -> str:
    """Return the label of who last had a provider's event applied again; empty for nobody.

    The trace of an event belongs to the house, and it is applied for one merchant.
    """
    found = select(AuditEntry.actor_label).where(
        AuditEntry.object_id == event_id, AuditEntry.action == APPLIED_AGAIN
    )
    newest = found.order_by(AuditEntry.id.desc()).limit(1)
    return session.scalar(newest.execution_options(**_FINDING)) or ""


def merchants_in_debt(session: Session, after: int, limit: int) -> Sequence[tuple[int, bool]]:
    """Return (merchant id, livemode) of those who owe us, or of whom an open case says so.

    Those with a row id above `after`, by it; both books of a merchant are answered together.
    """
    owe = (
        select(LedgerAccount.merchant_id, LedgerAccount.livemode)
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .where(LedgerAccount.code.like("merchant:%:available"), LedgerBalance.balance_minor > 0)
    )
    noted = select(DeskCase.merchant_id, DeskCase.livemode).where(
        DeskCase.state == "open", DeskCase.kind == CaseKind.NEGATIVE_BALANCE
    )
    either = union(owe, noted).subquery()
    found = select(either.c.merchant_id).where(either.c.merchant_id > after).distinct()
    ids = found.order_by(either.c.merchant_id).limit(limit).subquery()
    rows = session.execute(
        select(either.c.merchant_id, either.c.livemode)
        .join(ids, ids.c.merchant_id == either.c.merchant_id)
        .order_by(either.c.merchant_id, either.c.livemode)
        .execution_options(**_FINDING)
    )
    return [(merchant_id, bool(livemode)) for merchant_id, livemode in rows]


def owners_of_old_keys(session: Session, before: datetime) -> Sequence[tuple[int, bool]]:
    """Return (merchant id, livemode) of those with idempotency keys made before a moment."""
    rows = session.execute(
        select(IdempotencyKey.merchant_id, IdempotencyKey.livemode)
        .where(IdempotencyKey.created_at < before)
        .distinct()
        .execution_options(**_FINDING)
    )
    return [(merchant_id, livemode) for merchant_id, livemode in rows]


def webhook_account(session: Session, connector: str, public_id: str) -> ConnectorAccount | None:
    """Return the enabled account with a connector that a provider's message is addressed to."""
    return session.scalars(
        select(ConnectorAccount)
        .where(
            ConnectorAccount.public_id == public_id,
            ConnectorAccount.connector == connector,
            ConnectorAccount.enabled.is_(True),
        )
        .execution_options(**_FINDING)
    ).one_or_none()


def shared_connectors(session: Session, *, livemode: bool) -> Sequence[tuple[int, str, str]]:
    """Return (row id, public id, connector) of the house's enabled accounts in a book, by age.

    They are the house's, but whoever asks for a payment must know whether somebody takes it.
    """
    rows = session.execute(
        select(ConnectorAccount.id, ConnectorAccount.public_id, ConnectorAccount.connector)
        .where(
            ConnectorAccount.livemode.is_(livemode),
            ConnectorAccount.enabled.is_(True),
            ConnectorAccount.merchant_id.is_(None),
        )
        .order_by(ConnectorAccount.id)
        .execution_options(**_FINDING)
    )
    return [(account_id, public_id, connector) for account_id, public_id, connector in rows]


@dataclass(frozen=True, slots=True)
class ToldOf:
    """An operation that a provider's message is about, and whose it is."""

    merchant_id: int
    livemode: bool
    public_id: str


def told_by_reference(
    session: Session, account_id: int, kinds: Collection[str], reference: str
) -> ToldOf | None:
    """Return the operation that the provider knows by `reference` on this connector account."""
    return _told_of(session, account_id, kinds, Operation.provider_reference == reference)


def told_by_id(
    session: Session, account_id: int, kinds: Collection[str], public_id: str
) -> ToldOf | None:
    """Return an operation of ours by its own id, if its attempt is on this connector account."""
    return _told_of(session, account_id, kinds, Operation.public_id == public_id)


def _told_of(
    session: Session, account_id: int, kinds: Collection[str], which: ColumnElement[bool]
) -> ToldOf | None:
    row = session.execute(
        select(Operation.merchant_id, Operation.livemode, Operation.public_id)
        .join(Attempt, Attempt.id == Operation.attempt_id)
        .where(which, Operation.kind.in_(kinds), Attempt.connector_account_id == account_id)
        .order_by(Operation.id)
        .limit(1)
        .execution_options(**_FINDING)
    ).one_or_none()
    return None if row is None else ToldOf(*row)


def lapsed_approvals(session: Session, now: datetime) -> Sequence[tuple[int | None, bool]]:
    """Return (merchant id or the house, livemode) with requests that waited too long."""
    rows = session.execute(
        select(ApprovalRequest.merchant_id, ApprovalRequest.livemode)
        .where(ApprovalRequest.state == "waiting", ApprovalRequest.lapses_at <= now)
        .distinct()
        .execution_options(**_FINDING)
    )
    return [(merchant_id, livemode) for merchant_id, livemode in rows]


def merchants_with_due_lots(
    session: Session, now: datetime, after: int, limit: int
) -> Sequence[Waiting]:
    """Return the merchants with a row id above `after` whose lots are due, by row id.

    Of a merchant both books are answered together, so that there may be one more than `limit`.
    """
    found = (
        select(Merchant.id, Merchant.public_id, Lot.livemode)
        .join(Lot, Lot.merchant_id == Merchant.id)
        .where(
            Merchant.id > after,
            Lot.state == LotState.HELD,
            Lot.release_at <= now,
            ~settlement.is_held(),
        )
        .distinct()
        .order_by(Merchant.id, Lot.livemode)
        .limit(limit + 1)
        .execution_options(**_FINDING)
    )
    rows = [
        Waiting(merchant_id, public_id, book)
        for merchant_id, public_id, book in session.execute(found)
    ]
    if len(rows) <= limit or rows[-1].merchant_id == rows[-2].merchant_id:
        return rows
    return rows[:limit]
