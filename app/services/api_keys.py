"""API keys of merchants: made, rolled, revoked; the secret is told once and kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain import api_keys as rules
from app.domain.api_keys import API_VERSION, MOST_LIVING, KeyState, NewKey
from app.domain.identifiers import new_id
from app.errors import IllegalStateError, LimitExceededError, NotFoundError, said
from app.models import ApiKey
from app.models.tenancy import actor_of
from app.queries import api_keys
from app.services import audit, reasons

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session


def create(session: Session, now: datetime, merchant_id: int, wanted: NewKey) -> tuple[ApiKey, str]:
    """Make a key of a merchant in the actor's book; answers it and its secret, told only now.

    Raises BadInputError naming the place, and LimitExceededError where 20 of them work already.
    """
    checked = rules.check(wanted, now)
    _check_room(api_keys.lock_living(session, merchant_id, now))
    row, secret = _add(session, now, merchant_id, checked, new_id("key", now))
    sentence = said("Made the API key {name} ({prefix}…)", name=row.name, prefix=row.prefix)
    audit.of_row(session, now, row, "keys.create", sentence, after=as_data(row))
    return row, secret


def roll(session: Session, now: datetime, public_id: str, overlap: timedelta) -> tuple[ApiKey, str]:
    """Make the key that follows another and may do the same; answers it and its secret.

    The old one works on for `overlap`, 0 to 7 days. Raises BadInputError (place: overlap),
    NotFoundError, IllegalStateError where the old one has ended, expired or is followed already,
    and LimitExceededError where 20 keys would work at a time without it.
    """
    rules.check_overlap(overlap)
    old = get(session, public_id)
    living = api_keys.lock_living(session, old.merchant_id, now)
    new_public_id = new_id("key", now)
    if not api_keys.follow(session, old.id, new_public_id, now + overlap, now):
        raise _refusal(get(session, public_id), now)
    _check_room(living - (0 if overlap else 1))
    wanted = NewKey(
        name=old.name,
        scopes=rules.kept(old.scopes),
        networks=tuple(old.networks.splitlines()),
        expires_at=old.expires_at,
    )
    before = as_data(old)
    session.refresh(old)
    row, secret = _add(session, now, old.merchant_id, wanted, new_public_id)
    sentence = said(
        "Rolled the API key {name}: {new}… follows {old}…, which ends at {moment}",
        name=row.name,
        new=row.prefix,
        old=old.prefix,
        moment=(now + overlap).strftime("%Y-%m-%d %H:%M UTC"),
    )
    after = {**as_data(old), "followed_by": as_data(row)}
    audit.of_row(session, now, old, "keys.roll", sentence, before=before, after=after)
    return row, secret


def revoke(session: Session, now: datetime, public_id: str, reason: str) -> ApiKey:
    """Let a key end at once; nothing brings it back.

    Raises BadInputError (place: reason), NotFoundError, and IllegalStateError where it does not
    work any more.
    """
    why = reasons.checked(reason, said("Say why; it is kept in the audit trail."))
    rules.refuse_secret(why, "reason")
    row = get(session, public_id)
    before = as_data(row)
    if not api_keys.end(session, row.id, now):
        raise _refusal(row, now)
    session.refresh(row)
    sentence = said(
        "Revoked the API key {name} ({prefix}…): {reason}",
        name=row.name,
        prefix=row.prefix,
        reason=why,
    )
    after = {**as_data(row), "reason": why}
    audit.of_row(session, now, row, "keys.revoke", sentence, before=before, after=after)
    return row


def touch(session: Session, now: datetime, key_id: int, address: str) -> None:
    """Keep when and from where a key was last used, written at most once a minute."""
    api_keys.touch(session, key_id, now, address)


def get(session: Session, public_id: str) -> ApiKey:
    """Return a key that the actor may see; raises NotFoundError."""
    found = api_keys.get(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no API key {id}.", id=public_id))
    return found


def as_data(row: ApiKey) -> dict[str, Any]:
    """Return what a key is, for the audit trail: nothing by which it could be used."""
    return {
        "id": row.public_id,
        "name": row.name,
        "prefix": row.prefix,
        "scopes": row.scopes.split(),
        "networks": row.networks.splitlines(),
        "version": row.version,
        "expires_at": row.expires_at,
        "ended_at": row.ended_at,
        "rolled_to": row.rolled_to,
    }


def _add(
    session: Session, now: datetime, merchant_id: int, wanted: NewKey, public_id: str
) -> tuple[ApiKey, str]:
    actor = actor_of(session)
    livemode = bool(actor.livemode)
    secret = rules.secret(livemode)
    row = ApiKey(
        public_id=public_id,
        merchant_id=merchant_id,
        livemode=livemode,
        name=wanted.name,
        prefix=rules.prefix(secret),
        secret_digest=rules.digest(secret),
        scopes=rules.written(wanted.scopes),
        networks="\n".join(wanted.networks),
        version=API_VERSION,
        created_at=now,
        created_by=actor.label[:255],
        expires_at=wanted.expires_at,
    )
    session.add(row)
    session.flush()
    return row, secret


def _check_room(living: int) -> None:
    if living >= MOST_LIVING:
        raise LimitExceededError(
            said(
                "{count} keys work in this book already, and there can be no more. Revoke one that"
                " nothing uses.",
                count=MOST_LIVING,
            )
        )


def _refusal(row: ApiKey, now: datetime) -> IllegalStateError:
    match rules.state(row.expires_at, row.ended_at, now):
        case KeyState.ENDED:
            return IllegalStateError(said("This key has ended already. Make a new one."))
        case KeyState.EXPIRED:
            return IllegalStateError(said("This key has expired already. Make a new one."))
        case _:
            return IllegalStateError(
                said("Another key follows this one already. Roll that one, or revoke this one.")
            )
