"""The people of the demo as those who act in its test book."""

from __future__ import annotations

from app.adapters.db import reading
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.errors import IllegalStateError
from app.queries import actors
from app.services import demo


def owner(key: str) -> Actor:
    """Return the owner of a demo merchant, who makes its payments."""
    username = f"{key}-owner"
    return Actor.merchant(
        demo.merchant_id(key),
        livemode=False,
        user_id=_user_id(username),
        label=username,
        permissions=ROLES[RoleName.MERCHANT_OWNER],
    )


def staff(username: str) -> Actor:
    """Return a person of the house, by a username of `demo.USERS`."""
    role = next(user.role for user in demo.USERS if user.username == username)
    return Actor.staff(_user_id(username), livemode=False, label=username, permissions=ROLES[role])


def _user_id(username: str) -> int:
    with reading(demo.HOUSE) as session:
        found = actors.user_by_name(session, username)
    if found is None:
        raise IllegalStateError(f"The demo's user {username} does not exist.")
    return int(found.id)
