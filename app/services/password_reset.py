"""A new password for somebody who forgot theirs, by a link that only their mailbox holds.

Whether a name is known is told by nothing: neither answer, nor trace in the answer, nor a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.notifications import NotificationKind
from app.domain.person_tokens import MOST_RESETS, RESET_LASTS, TokenKind
from app.errors import NotFoundError, said
from app.queries import people, person_tokens
from app.services import accounts, audit, person_links
from app.services.notify.asking import Notice, ask
from app.services.notify.news import reader

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.queries.people import Person

ASKED = "password.forgot"


def ask_link(session: Session, now: datetime, text: str) -> None:
    """Mail the person of a name or an address a link, if there is one and not too many were."""
    person = people.by_name_or_email(session, text)
    if person is None:
        _record(session, now, "unknown", said("Somebody asked for a new password of nobody"))
        return
    if person_tokens.resets_since(session, person.user_id, now - RESET_LASTS) >= MOST_RESETS:
        _record(
            session,
            now,
            str(person.user_id),
            said("A new password for {user} was asked for too often", user=person.username),
        )
        return
    row, token = person_links.issue(
        session,
        now,
        TokenKind.RESET,
        RESET_LASTS,
        email=person.email,
        invited_by=person.username,
        user_id=person.user_id,
    )
    notice = Notice(
        kind=NotificationKind.RESET,
        to=reader(person),
        object_type="person_token",
        object_id=row.public_id,
        params={"username": person.username, "expires_at": row.expires_at.isoformat()},
        secret=token,
    )
    ask(session, now, notice)
    sentence = said("A new password for {user} was asked for", user=person.username)
    _record(session, now, str(person.user_id), sentence)


def holder(session: Session, now: datetime, token: str) -> Person:
    """Return whose password a link lets one choose; raises NotFoundError where it does not work."""
    row = person_links.found(session, now, TokenKind.RESET, token)
    person = people.by_id(session, row.user_id or 0)
    if person is None:
        raise NotFoundError(said("The user does not exist."))
    return person


def set_password(session: Session, now: datetime, token: str, password: str) -> None:
    """Set the password of a link's holder, once; every session and other link of theirs ends.

    Raises NotFoundError where the link does not work, BadInputError as `check_password`: then it
    still does.
    """
    person = holder(session, now, token)
    person_links.use(session, now, person_links.found(session, now, TokenKind.RESET, token))
    person_tokens.revoke_resets(session, person.user_id, now)
    accounts.reset_password(session, now, person.user_id, password)


def _record(session: Session, now: datetime, object_id: str, sentence: str) -> None:
    audit.record(
        session, now, action=ASKED, object_type="user", object_id=object_id, sentence=sentence
    )
