"""One-time links to people: what they are for, how long they work, whom one may invite to what."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from app.domain.actors import Actor, ActorKind
from app.domain.permissions import MERCHANT_ROLES, Permission, RoleName


class TokenKind(StrEnum):
    """What a link lets its holder do: choose a new password, come in, or prove an address."""

    RESET = "reset"
    INVITATION = "invitation"
    SIGN_UP = "sign_up"


class InvitationState(StrEnum):
    """How an invitation stands."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    LAPSED = "lapsed"


RESET_LASTS: Final = timedelta(hours=1)
INVITATION_LASTS: Final = timedelta(days=7)
MOST_RESETS: Final = 3
"""Links to a new password that one person is mailed within RESET_LASTS."""
MOST_INVITATIONS: Final = 50
"""Invitations of one merchant, or of the house, within a day."""


def roles_to_give(actor: Actor) -> tuple[RoleName, ...]:
    """Return the roles to which somebody may invite: never more than they may hand out anyway.

    A merchant's owner gives the roles of merchants. Of the house only those who may add users
    invite, since whoever accepts becomes one.
    """
    if not actor.may(Permission.TEAM_UPDATE):
        return ()
    if actor.kind is ActorKind.MERCHANT:
        return tuple(role for role in RoleName if role in MERCHANT_ROLES)
    adds_users = actor.may(Permission.USERS_CREATE) and actor.may(Permission.USERS_UPDATE)
    return tuple(RoleName) if adds_users else ()
