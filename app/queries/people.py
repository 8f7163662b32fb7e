"""Look-ups of people for those who see none of their rows: where and how they read a mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask_appbuilder.security.sqla.models import assoc_user_role
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.models import Membership, Merchant, Preference
from app.models.accounts import Role, User
from app.models.tenancy import FINDING_ACTOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

_FINDING: Final = {FINDING_ACTOR: True}
_LOCALE, _ZONE = aliased(Preference), aliased(Preference)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in; `locale` and `zone` are what they chose, empty where they did not."""

    user_id: int
    username: str
    email: str
    locale: str
    zone: str


def with_role(session: Session, merchant_id: int, role: str) -> Sequence[Person]:
    """Return the active people who have a role and act for a merchant."""
    found = (
        _people()
        .join(Membership, Membership.user_id == User.id)
        .join(assoc_user_role, assoc_user_role.c.user_id == User.id)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .where(Membership.merchant_id == merchant_id, Role.name == role)
    )
    return _read(session, found)


def member_named(session: Session, merchant_id: int, username: str) -> Sequence[Person]:
    """Return who of a merchant's people signs in by a name: one, or nobody."""
    found = _people().join(Membership, Membership.user_id == User.id)
    return _read(
        session, found.where(Membership.merchant_id == merchant_id, User.username == username)
    )


def by_id(session: Session, user_id: int) -> Person | None:
    """Return an active person by key."""
    return _first(session, User.id == user_id)


def by_name_or_email(session: Session, text: str) -> Person | None:
    """Return the active person who signs in by a name, or has an address, in any case."""
    wanted = text.strip().lower()
    return _first(session, func.lower(User.username) == wanted) or _first(
        session, func.lower(User.email) == wanted
    )


def merchant_zone(session: Session, merchant_id: int) -> str:
    """Return the time zone of a merchant."""
    found = select(Merchant.timezone).where(Merchant.id == merchant_id)
    return session.scalar(found.execution_options(**_FINDING)) or "UTC"


def _first(session: Session, which: ColumnElement[bool]) -> Person | None:
    found = _read(session, _people().where(which).limit(1))
    return found[0] if found else None


def _people() -> Select[*tuple[Any, ...]]:
    return (
        select(User.id, User.username, User.email, _LOCALE.value, _ZONE.value)
        .outerjoin(_LOCALE, (_LOCALE.user_id == User.id) & (_LOCALE.name == "locale"))
        .outerjoin(_ZONE, (_ZONE.user_id == User.id) & (_ZONE.name == "timezone"))
        .where(User.active.is_(True))
        .order_by(User.id)
    )


def _read(session: Session, found: Select[*tuple[Any, ...]]) -> list[Person]:
    rows = session.execute(found.execution_options(**_FINDING))
    return [
        Person(key, name, email, locale or "", zone or "")
        for key, name, email, locale, zone in rows
    ]
