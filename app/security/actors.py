"""Who acts in a request: from the signed-in user, the roles in the database and the cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import g, session
from flask_login import current_user

from app.domain.actors import Actor
from app.domain.permissions import MERCHANT_ROLES, STAFF_ROLES, from_fab_pair
from app.extensions import db
from app.queries import actors

if TYPE_CHECKING:
    from collections.abc import Sequence

BOOK = "livemode"
MERCHANT = "merchant"


@dataclass(frozen=True, slots=True)
class Choice:
    """A merchant that the user may act for, its time zone; `chosen` is the one of this request."""

    key: str
    name: str
    zone: str
    chosen: bool


def find() -> Actor:
    """Return who acts, in at most three statements; whoever is not clear is nobody."""
    g.choices = []
    if not current_user.is_authenticated:
        return Actor.none()
    read = db.session()
    rights = actors.rights(read, current_user.id)
    permissions = frozenset(
        permission for pair in rights.pairs if (permission := from_fab_pair(*pair)) is not None
    )
    livemode = session.get(BOOK) is True
    label = str(current_user.username)
    if rights.roles and rights.roles <= STAFF_ROLES:
        return Actor.staff(current_user.id, livemode, label, permissions)
    if rights.roles and rights.roles <= MERCHANT_ROLES:
        merchant_id = _merchant(actors.memberships(read, current_user.id))
        if merchant_id is not None:
            return Actor.merchant(merchant_id, livemode, current_user.id, label, permissions)
    return Actor.none()


def choices() -> list[Choice]:
    """Return the merchants among which the user of this request may switch."""
    found: list[Choice] = g.get("choices", [])
    return found


def _merchant(memberships: Sequence[tuple[int, str, str, str]]) -> int | None:
    """Take the merchant in the cookie if there is still a membership, else the first."""
    if not memberships:
        return None
    wanted = session.get(MERCHANT)
    keys = [key for _, key, _, _ in memberships]
    index = keys.index(wanted) if wanted in keys else 0
    g.choices = [
        Choice(key, name, zone, number == index)
        for number, (_, key, name, zone) in enumerate(memberships)
    ]
    return memberships[index][0]
