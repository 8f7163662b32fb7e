"""People who sign in: users, their role, their merchants and their password.

Every change leaves one audit entry. Commands and the seed (a house actor) may do all of it, people
only what their permissions say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.adapters import passwords
from app.domain.actors import ActorKind
from app.domain.card_numbers import refuse
from app.domain.permissions import MERCHANT_ROLES, Permission, RoleName
from app.errors import BadInputError, ForbiddenError, IllegalStateError, NotFoundError, said
from app.models import Membership
from app.models.accounts import User
from app.models.tenancy import actor_of
from app.queries import accounts
from app.services import audit
from app.services.notify import news
from app.services.passwords import check_password

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_NAME_LENGTH = 64
PROFILE = frozenset({"first_name", "last_name", "email"})
CHANGEABLE = PROFILE | {"username", "active", "role", "merchant_ids"}


def create_user(
    session: Session,
    now: datetime,
    *,
    username: str,
    first_name: str,
    last_name: str,
    email: str,
    password: str,
    role: str,
    merchant_ids: Sequence[int],
) -> User:
    """Add an active user with one role; a merchant's role needs at least one merchant.

    Raises BadInputError naming the field, ForbiddenError, or NotFoundError for an unknown merchant.
    """
    _require(session, Permission.USERS_CREATE)
    _require(session, Permission.USERS_UPDATE)
    check_password(password, username)
    _check_role(session, role, merchant_ids)
    user = User(
        password=passwords.digest(password),
        active=True,
        login_count=0,
        fail_login_count=0,
        created_on=now.replace(tzinfo=None),
        changed_on=now.replace(tzinfo=None),
    )
    names = {"username": username, "first_name": first_name, "last_name": last_name, "email": email}
    _name(session, user, names)
    user.roles = [accounts.role(session, role)]
    session.add(user)
    session.flush()
    for merchant_id in dict.fromkeys(merchant_ids):
        session.add(Membership(user_id=user.id, merchant_id=merchant_id, created_at=now))
    session.flush()
    _record(
        session,
        now,
        user,
        "users.create",
        said("Added {user}", user=username),
        after=_seen(session, user),
    )
    return user


def update_user(session: Session, now: datetime, user_id: int, changes: Mapping[str, Any]) -> User:
    """Change names, address, role, merchants or whether the user may sign in.

    `changes` holds only what is to change, by the names in CHANGEABLE. Nobody may change their own
    role or shut themselves out, and the last active Admin stays one. Raises like `create_user`.
    """
    _require(session, Permission.USERS_UPDATE)
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise BadInputError(", ".join(sorted(unknown)), said("cannot be changed here."))
    user = _user(session, user_id)
    before = _seen(session, user)
    role = str(changes.get("role", before["role"]))
    merchant_ids = list(changes.get("merchant_ids", before["merchant_ids"]))
    active = bool(changes.get("active", user.active))
    _check_self(session, user, active=active, same_role=role == before["role"])
    _check_last_admin(session, user, stays=active and role == RoleName.ADMIN)
    _check_role(session, role, merchant_ids)
    _name(
        session,
        user,
        {
            **{name: str(before[name]) for name in (*PROFILE, "username")},
            **{name: str(changes[name]) for name in changes if name in {*PROFILE, "username"}},
        },
    )
    user.active = active
    if role != before["role"]:
        user.roles = [accounts.role(session, role)]
    _set_merchants(session, now, user.id, merchant_ids)
    user.changed_on = now.replace(tzinfo=None)
    session.flush()
    sentence = said("Changed {user}", user=user.username)
    _record(session, now, user, "users.update", sentence, before=before, after=_seen(session, user))
    return user


def update_profile(session: Session, now: datetime, user_id: int, names: Mapping[str, str]) -> User:
    """Change one's own first name, last name and address (the names in PROFILE)."""
    _require(session, Permission.ACCOUNT_UPDATE, own=user_id)
    user = _user(session, user_id)
    before = _seen(session, user)
    _name(
        session,
        user,
        {
            **{name: str(before[name]) for name in (*PROFILE, "username")},
            **{name: names[name] for name in PROFILE & names.keys()},
        },
    )
    user.changed_on = now.replace(tzinfo=None)
    session.flush()
    after = _seen(session, user)
    sentence = said("Changed the profile of {user}", user=user.username)
    _record(session, now, user, "account.update", sentence, before=before, after=after)
    return user


def delete_user(session: Session, now: datetime, user_id: int) -> None:
    """Remove a user; what they did stays in the audit trail under their name."""
    _require(session, Permission.USERS_DELETE)
    user = _user(session, user_id)
    _check_self(session, user, active=False, same_role=True)
    _check_last_admin(session, user, stays=False)
    before = _seen(session, user)
    for membership in accounts.memberships(session, user.id):
        session.delete(membership)
    session.delete(user)
    session.flush()
    sentence = said("Removed {user}", user=user.username)
    _record(session, now, user, "users.delete", sentence, before=before)


def add_membership(session: Session, now: datetime, user_id: int, merchant_id: int) -> None:
    """Let a user of a merchant's role act for one more merchant; nothing if they already do."""
    user = _user(session, user_id)
    present = [row.merchant_id for row in accounts.memberships(session, user_id)]
    if merchant_id not in present:
        update_user(session, now, user.id, {"merchant_ids": [*present, merchant_id]})


def reset_password(session: Session, now: datetime, user_id: int, password: str) -> None:
    """Give another user a new password, which ends their sessions."""
    _require(session, Permission.USERS_RESET_PASSWORD)
    _set_password(session, now, _user(session, user_id), password, "users.reset_password")


def change_password(
    session: Session, now: datetime, user_id: int, present: str, password: str
) -> None:
    """Change one's own password; `present` is the one so far. Ends all other sessions.

    Raises BadInputError (place "present") where that is wrong, or as `check_password`.
    """
    _require(session, Permission.ACCOUNT_UPDATE, own=user_id)
    user = _user(session, user_id)
    if not passwords.matches(user.password, present):
        raise BadInputError("present", said("is not your present password."))
    _set_password(session, now, user, password, "account.password")


def record_sign_in(
    session: Session, now: datetime, *, user_id: int | None, succeeded: bool
) -> None:
    """Count and trace a sign-in; `user_id` is None where nobody has the name that was typed.

    What was typed as a name is not kept: people type passwords there.
    """
    user = accounts.user(session, user_id) if user_id is not None else None
    if user is not None:
        _count_sign_in(user, now, succeeded=succeeded)
    who = user.username if user is not None else said("an unknown user")
    audit.record(
        session,
        now,
        action="session.sign_in" if succeeded else "session.sign_in_failed",
        object_type="user",
        object_id=str(user.id) if user is not None else "unknown",
        sentence=(
            said("{user} signed in", user=who)
            if succeeded
            else said("A sign-in of {user} failed", user=who)
        ),
    )


def _count_sign_in(user: User, now: datetime, *, succeeded: bool) -> None:
    if succeeded:
        user.login_count = (user.login_count or 0) + 1
        user.fail_login_count = 0
        user.last_login = now.replace(tzinfo=None)
    else:
        user.fail_login_count = (user.fail_login_count or 0) + 1


def _set_password(session: Session, now: datetime, user: User, password: str, action: str) -> None:
    check_password(password, user.username)
    user.password = passwords.digest(password)
    user.changed_on = now.replace(tzinfo=None)
    session.flush()
    sentence = said("Set a new password for {user}", user=user.username)
    _record(session, now, user, action, sentence)
    news.password_changed(session, now, user.id)


def _set_merchants(
    session: Session, now: datetime, user_id: int, merchant_ids: Sequence[int]
) -> None:
    present = {row.merchant_id: row for row in accounts.memberships(session, user_id)}
    for merchant_id in present.keys() - set(merchant_ids):
        session.delete(present[merchant_id])
    for merchant_id in set(merchant_ids) - present.keys():
        session.add(Membership(user_id=user_id, merchant_id=merchant_id, created_at=now))
    session.flush()


def _name(session: Session, user: User, names: Mapping[str, str]) -> None:
    texts = {place: text.strip() for place, text in names.items()}
    for place, text in texts.items():
        refuse(text, place)
    if not _USERNAME.fullmatch(texts["username"]):
        way_out = said("Use 2 to 64 of a-z, 0-9, dot, dash and underscore.")
        raise BadInputError("username", said("is not usable."), way_out)
    if not _EMAIL.fullmatch(texts["email"]):
        raise BadInputError(
            "email", said("is not an address."), said("Write it like name@example.com.")
        )
    for place in ("first_name", "last_name"):
        if not 1 <= len(texts[place]) <= _NAME_LENGTH:
            raise BadInputError(
                place,
                said("is missing or too long."),
                said("At most {count}.", count=_NAME_LENGTH),
            )
    for place in sorted(accounts.taken(session, texts["username"], texts["email"], user.id)):
        raise BadInputError(place, said("is already taken."), said("Choose another one."))
    for place, text in texts.items():
        setattr(user, place, text)


def _check_role(session: Session, role: str, merchant_ids: Sequence[int]) -> None:
    if role not in set(RoleName):
        raise BadInputError(
            "role", said("is unknown."), said("One of {known}.", known=", ".join(RoleName))
        )
    if role in MERCHANT_ROLES and not merchant_ids:
        raise BadInputError(
            "merchants", said("are missing: {role} acts for at least one.", role=role)
        )
    if role not in MERCHANT_ROLES and merchant_ids:
        raise BadInputError(
            "merchants", said("are too much: {role} belongs to the house.", role=role)
        )
    found = {merchant.id for merchant in accounts.merchants(session, merchant_ids)}
    if set(merchant_ids) - found:
        raise NotFoundError(said("A merchant does not exist."))
    if accounts.role(session, role) is None:
        raise IllegalStateError(said("The roles are missing. Run `flask payagency seed`."))


def _check_self(session: Session, user: User, *, active: bool, same_role: bool) -> None:
    if actor_of(session).user_id == user.id and not (active and same_role):
        raise ForbiddenError(said("Nobody changes their own role or shuts themselves out."))


def _check_last_admin(session: Session, user: User, *, stays: bool) -> None:
    if not stays and accounts.active_with_role(session, RoleName.ADMIN) == {user.id}:
        raise IllegalStateError(
            said("The last active Admin stays. Make somebody else Admin first.")
        )


def _require(session: Session, permission: Permission, *, own: int | None = None) -> None:
    actor = actor_of(session)
    allowed = actor.kind is ActorKind.HOUSE or actor.may(permission)
    if not allowed or (own is not None and actor.user_id != own):
        raise ForbiddenError(
            said("{actor} may not do this.", actor=actor.label), permission=str(permission)
        )


def _user(session: Session, user_id: int) -> User:
    user = accounts.user(session, user_id)
    if user is None:
        raise NotFoundError(said("The user does not exist."))
    return user


def _seen(session: Session, user: User) -> dict[str, Any]:
    return {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "active": bool(user.active),
        "role": ", ".join(sorted(role.name for role in user.roles)),
        "merchant_ids": sorted(row.merchant_id for row in accounts.memberships(session, user.id)),
    }


def _record(
    session: Session,
    now: datetime,
    user: User,
    action: str,
    sentence: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    old, new = dict(before or {}), dict(after or {})
    same = {key for key in old.keys() & new.keys() if old[key] == new[key]}
    audit.record(
        session,
        now,
        action=action,
        object_type="user",
        object_id=str(user.id),
        sentence=sentence,
        before={key: value for key, value in old.items() if key not in same},
        after={key: value for key, value in new.items() if key not in same},
    )
