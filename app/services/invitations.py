"""Inviting people to a merchant or to the house, and coming in by such a link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters.crypto import blind_index
from app.domain.actors import ActorKind
from app.domain.notifications import NotificationKind, is_address, masked
from app.domain.permissions import MERCHANT_ROLES, Permission, RoleName
from app.domain.person_tokens import (
    INVITATION_LASTS,
    MOST_INVITATIONS,
    TokenKind,
    roles_to_give,
)
from app.errors import (
    BadInputError,
    ForbiddenError,
    IllegalStateError,
    LimitExceededError,
    NotFoundError,
    said,
)
from app.models.tenancy import actor_of
from app.queries import accounts as account_rows
from app.queries import people, person_tokens
from app.services import accounts, audit, person_links
from app.services.notify.asking import Notice, Recipient, ask

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Merchant, PersonToken
    from app.models.accounts import User

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link invites to: `merchant` is empty for the house.

    `user_id` is who has the address already, and then has to sign in.
    """

    email: str
    role: str
    merchant: str
    user_id: int | None


def invite(
    session: Session, now: datetime, *, email: str, role: str, merchant_id: int | None
) -> PersonToken:
    """Invite an address to a role, of a merchant or of the house; a former invitation ends.

    Raises ForbiddenError for a role or a merchant that the actor may not give, BadInputError naming
    the field, IllegalStateError for a member, LimitExceededError past so many a day.
    """
    merchant = _checked(session, role, merchant_id)
    address = _address(email)
    if merchant is not None:
        _refuse_member(session, merchant.id, address)
    if person_tokens.invitations_since(session, merchant_id, now - _DAY) >= MOST_INVITATIONS:
        raise LimitExceededError(
            said("{count} people were invited today. Go on tomorrow.", count=MOST_INVITATIONS)
        )
    for old in person_tokens.pending_to(
        session, blind_index(address, person_links.EMAIL), merchant_id, now
    ):
        person_tokens.revoke(session, old.id, now)
    return _issue(session, now, merchant, address, role)


def welcome(
    session: Session, now: datetime, merchant: Merchant, *, email: str, locale: str = ""
) -> PersonToken:
    """Invite the first owner of a merchant that was just taken on, in their language if known.

    Whoever takes merchants on may do so, as long as nobody acts for the merchant. Raises
    ForbiddenError, BadInputError naming `owner_email`.
    """
    actor = actor_of(session)
    if not actor.may(Permission.MERCHANTS_CREATE):
        raise ForbiddenError(said("{actor} may not do this.", actor=actor.label))
    if person_tokens.members(session, merchant.id):
        raise ForbiddenError(said("This merchant has people already, who invite others."))
    address = _address(email, "owner_email")
    role = RoleName.MERCHANT_OWNER
    return _issue(session, now, merchant, address, role, welcome_in=locale or "en")


def revoke(session: Session, now: datetime, public_id: str) -> None:
    """Take an invitation back. Raises NotFoundError, IllegalStateError where it is over."""
    _require(session)
    row = person_tokens.get(session, public_id)
    if row is None:
        raise NotFoundError(said("There is no invitation {id}.", id=public_id))
    if not person_tokens.revoke(session, row.id, now):
        raise IllegalStateError(said("This invitation is over already."))
    sentence = said("Took the invitation of {address} back", address=masked(row.email))
    audit.of_row(session, now, row, "team.revoke", sentence, after={"role": row.role})


def look(session: Session, now: datetime, token: str) -> Invitation:
    """Return what a link invites to; raises NotFoundError where it does not work."""
    row = person_links.found(session, now, TokenKind.INVITATION, token)
    merchant = _merchant(session, row.merchant_id)
    user = people.by_name_or_email(session, row.email)
    # Nobody signs in by an address; who has it as their name is somebody else.
    known = user if user and user.email.casefold() == row.email.casefold() else None
    return Invitation(
        email=row.email,
        role=row.role or "",
        merchant=merchant.name if merchant else "",
        user_id=known.user_id if known else None,
    )


def accept_as_new(
    session: Session,
    now: datetime,
    token: str,
    *,
    username: str,
    first_name: str,
    last_name: str,
    password: str,
) -> User:
    """Come in as somebody new; the link is used up.

    Raises NotFoundError where it does not work, BadInputError naming the field: then it still does.
    """
    row = person_links.found(session, now, TokenKind.INVITATION, token)
    person_links.use(session, now, row)
    user = accounts.create_user(
        session,
        now,
        username=username,
        first_name=first_name,
        last_name=last_name,
        email=row.email,
        password=password,
        role=row.role or "",
        merchant_ids=[] if row.merchant_id is None else [row.merchant_id],
    )
    _joined(session, now, row, user)
    return user


def accept_as_known(session: Session, now: datetime, token: str, user_id: int) -> None:
    """Let somebody who has an account act for one more merchant; the link is used up.

    A person has one role wherever they act, so that only an invitation to the very role is one.
    Raises NotFoundError, ForbiddenError for somebody of another address, IllegalStateError.
    """
    row = person_links.found(session, now, TokenKind.INVITATION, token)
    user = account_rows.user(session, user_id)
    if user is None or not user.active or user.email.casefold() != row.email.casefold():
        raise ForbiddenError(said("This invitation is for somebody else."))
    roles = {role.name for role in user.roles}
    if roles != {row.role} or row.merchant_id is None:
        raise IllegalStateError(
            said(
                "You have another role already, and a person has one. Ask whoever invited you to"
                " use another address."
            )
        )
    person_links.use(session, now, row)
    accounts.add_membership(session, now, user.id, row.merchant_id)
    _joined(session, now, row, user)


def remove_member(session: Session, now: datetime, username: str) -> None:
    """Let somebody act for the actor's merchant no longer; their account stays.

    Raises ForbiddenError for oneself, NotFoundError.
    """
    _require(session)
    actor = actor_of(session)
    if actor.kind is not ActorKind.MERCHANT or actor.merchant_id is None:
        raise ForbiddenError(said("Members are removed by their merchant."))
    row = person_tokens.membership(session, actor.merchant_id, username)
    if row is None:
        raise NotFoundError(said("Nobody of that name works here."))
    if row.user_id == actor.user_id:
        raise ForbiddenError(said("Nobody removes themselves."))
    user_id = row.user_id
    session.delete(row)
    session.flush()
    audit.record(
        session,
        now,
        action="team.remove",
        object_type="user",
        object_id=str(user_id),
        sentence=said("Removed {user} from the team", user=username),
        before={"merchant_id": actor.merchant_id},
        merchant_id=actor.merchant_id,
    )


def _checked(session: Session, role: str, merchant_id: int | None) -> Merchant | None:
    """Return the merchant to invite to, if any; raises where the actor may not give that role."""
    actor = actor_of(session)
    if role not in set(RoleName):
        raise BadInputError("role", said("is unknown."), said("Choose one from the list."))
    if role not in roles_to_give(actor):
        raise ForbiddenError(said("You may not invite to this role."))
    if actor.kind is ActorKind.MERCHANT and merchant_id != actor.merchant_id:
        raise ForbiddenError(said("You may not invite to another merchant."))
    if (role in MERCHANT_ROLES) is (merchant_id is None):
        raise BadInputError(
            "merchant",
            said("does not go with the role."),
            said("A merchant's people have one, people of the house have none."),
        )
    merchant = _merchant(session, merchant_id)
    if merchant_id is not None and merchant is None:
        raise NotFoundError(said("A merchant does not exist."))
    return merchant


def _merchant(session: Session, merchant_id: int | None) -> Merchant | None:
    found = account_rows.merchants(session, [] if merchant_id is None else [merchant_id])
    return found[0] if found else None


def _refuse_member(session: Session, merchant_id: int, address: str) -> None:
    rows = person_tokens.members(session, merchant_id)
    if any(row.User.email.casefold() == address.casefold() for row in rows):
        raise IllegalStateError(said("Somebody with this address works here already."))


def _address(email: str, place: str = "email") -> str:
    address = email.strip()
    if not is_address(address):
        raise BadInputError(
            place, said("is not an address."), said("Write it like name@example.com.")
        )
    return address


def _issue(
    session: Session,
    now: datetime,
    merchant: Merchant | None,
    address: str,
    role: str,
    *,
    welcome_in: str = "",
) -> PersonToken:
    """Make the link, mail it and leave a trace; `welcome_in` is the language of a welcome."""
    row, token = person_links.issue(
        session,
        now,
        TokenKind.INVITATION,
        INVITATION_LASTS,
        email=address,
        invited_by=actor_of(session).label,
        merchant_id=merchant.id if merchant else None,
        role=role,
    )
    _mail(session, now, row, token, merchant, welcome_in)
    sentence = said("Invited {address} as {role}", address=masked(address), role=role)
    audit.of_row(session, now, row, "team.invite", sentence, after={"role": row.role})
    return row


def _mail(
    session: Session,
    now: datetime,
    row: PersonToken,
    token: str,
    merchant: Merchant | None,
    welcome_in: str,
) -> None:
    actor = actor_of(session)
    # Nobody knows how a stranger reads; most likely as whoever invites them.
    inviter = people.by_id(session, actor.user_id or 0)
    locale = welcome_in or (inviter.locale if inviter else "")
    zone = merchant.timezone if merchant else (inviter.zone if inviter else "")
    notice = Notice(
        kind=NotificationKind.INVITATION,
        to=Recipient(row.email, locale or "en", zone or "UTC"),
        object_type="person_token",
        object_id=row.public_id,
        params={
            "inviter": actor.label,
            "merchant": merchant.name if merchant else "",
            "role": row.role,
            "expires_at": row.expires_at.isoformat(),
            "is_welcome": bool(welcome_in),
        },
        merchant_id=row.merchant_id,
        secret=token,
    )
    ask(session, now, notice)


def _joined(session: Session, now: datetime, row: PersonToken, user: User) -> None:
    sentence = said("{user} accepted the invitation of {by}", user=user.username, by=row.invited_by)
    audit.of_row(session, now, row, "team.join", sentence, after={"role": row.role})


def _require(session: Session) -> None:
    if not actor_of(session).may(Permission.TEAM_UPDATE):
        raise ForbiddenError(said("{actor} may not do this.", actor=actor_of(session).label))
