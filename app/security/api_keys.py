"""Who acts in a request of the API: the key that it carries."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.domain import api_keys as rules
from app.domain.actors import Actor
from app.domain.api_keys import KeyState
from app.errors import DatabaseBusyError, ForbiddenError, UnauthenticatedError, said
from app.queries import actors
from app.queries.api_keys import TOUCHED_EVERY
from app.services import api_keys

if TYPE_CHECKING:
    from datetime import datetime

    from app.domain.api_keys import Scope
    from app.queries.actors import KeyOwner

_BEARER: Final = "bearer"


@dataclass(frozen=True, slots=True)
class Known:
    """Who acts by a key, what it may do in the API's words, and the version it is pinned to."""

    actor: Actor
    scopes: frozenset[Scope]
    version: str
    key_id: int


def find(authorization: str | None, address: str) -> Known:
    """Return who acts, by the header `Authorization` and the address of the request.

    Keeps that the key was used. Raises UnauthenticatedError where no key, or none that works, was
    sent, and ForbiddenError where it may not be used from the address.
    """
    secret = _sent(authorization)
    if not rules.is_secret(secret):
        raise _unknown()
    with db.reading(None) as session:
        owner = actors.api_key(session, rules.digest(secret))
    if owner is None:
        raise _unknown()
    now = clock.now()
    _check(owner, address, now)
    actor = Actor.merchant(
        owner.merchant_id,
        owner.livemode,
        None,
        f"key {owner.prefix}…",
        rules.permissions(owner.scopes),
    )
    _touch(actor, owner, address, now)
    return Known(actor, owner.scopes, owner.version, owner.key_id)


def _sent(authorization: str | None) -> str:
    scheme, _, credentials = (authorization or "").strip().partition(" ")
    if scheme.lower() != _BEARER or not credentials.strip():
        raise UnauthenticatedError(
            said("An API key is missing: send it as Authorization: Bearer, followed by the key.")
        )
    return credentials.strip()


def _unknown() -> UnauthenticatedError:
    return UnauthenticatedError(
        said("This API key is not known: send the whole of one as it was shown when it was made.")
    )


def _check(owner: KeyOwner, address: str, now: datetime) -> None:
    match rules.state(owner.expires_at, owner.ended_at, now):
        case KeyState.ENDED:
            raise UnauthenticatedError(
                said("This API key was revoked or replaced: use another one.")
            )
        case KeyState.EXPIRED:
            raise UnauthenticatedError(said("This API key has expired: make a new one."))
    if not owner.is_active:
        raise UnauthenticatedError(
            said("The merchant of this API key is not active: ask your contact why.")
        )
    if not rules.allows(owner.networks, address):
        raise ForbiddenError(
            said(
                "This API key may not be used from the address {address}: change where it is used,"
                " or make one that allows it.",
                address=address,
            )
        )


def _touch(actor: Actor, owner: KeyOwner, address: str, now: datetime) -> None:
    if owner.last_used_at is not None and owner.last_used_at > now - TOUCHED_EVERY:
        return
    # Nobody is turned away because this could not be written down; the next request does it.
    with suppress(DatabaseBusyError), db.unit_of_work(actor) as session:
        api_keys.touch(session, now, owner.key_id, address)
