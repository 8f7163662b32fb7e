"""Signing up: a business applies, and proves by a mail that the address is its own.

Whether an address is known is told by nothing: neither answer, nor limit. Somebody who has an
account already is mailed that instead.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters.crypto import blind_index
from app.domain import applications as rules
from app.domain.applications import MOST_A_DAY, UNCONFIRMED_LASTS, ApplicationState
from app.domain.card_numbers import refuse
from app.domain.identifiers import new_id
from app.domain.notifications import NotificationKind, masked
from app.domain.person_tokens import TokenKind
from app.errors import NotFoundError, said
from app.models import Merchant, MerchantApplication
from app.queries import applications, people
from app.services import audit, person_links
from app.services.notify import news
from app.services.notify.asking import RECIPIENT, Notice, Recipient, ask
from app.services.record_rules import clean

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.applications import NewApplication
    from app.queries.people import Person

EMAIL: Final = "merchant_application.email"
"""The place of the blind index of applicants' addresses."""
APPLIED: Final = "applications.apply"
OBJECT: Final = "merchant_application"
_DAY: Final = timedelta(days=1)
_TEXTS: Final = ("business", "sells", "website", "first_name", "last_name")


def check(wanted: NewApplication) -> NewApplication:
    """Return what a business tells, ready to be kept; raises BadInputError naming the field."""
    kept = rules.check(wanted)
    for place in _TEXTS:
        refuse(getattr(kept, place), place)
    values = {
        "name": kept.business,
        "country": kept.country,
        "default_currency": kept.currency,
        "timezone": kept.timezone,
    }
    found = clean(Merchant, values)
    return replace(kept, country=found["country"], currency=found["default_currency"])


def apply(session: Session, now: datetime, wanted: NewApplication, locale: str) -> None:
    """Keep an application and mail the link that proves its address, at most so many a day.

    `wanted` was checked. Who has an account already is told so by mail, and nothing is kept.
    """
    index = blind_index(wanted.email, RECIPIENT)
    if applications.mails_since(session, index, now - _DAY) >= MOST_A_DAY:
        text = said("Somebody signed up too often as {address}", address=masked(wanted.email))
        _record(session, now, "none", APPLIED, text)
        return
    person = people.by_name_or_email(session, wanted.email)
    if person is not None:
        _tell_known(session, now, person, wanted)
    else:
        keep(session, now, wanted, locale)


def keep(session: Session, now: datetime, wanted: NewApplication, locale: str) -> str:
    """Keep an application of somebody new; answers the token, which nothing but its mail may keep.

    `wanted` was checked.
    """
    link, token = person_links.issue(
        session,
        now,
        TokenKind.SIGN_UP,
        UNCONFIRMED_LASTS,
        email=wanted.email,
        invited_by="sign-up",
    )
    row = MerchantApplication(
        public_id=new_id("app", now),
        state=ApplicationState.UNCONFIRMED,
        business=wanted.business,
        country=wanted.country,
        default_currency=wanted.currency,
        timezone=wanted.timezone,
        website=wanted.website,
        sells=wanted.sells,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        email=wanted.email,
        email_index=blind_index(wanted.email, EMAIL),
        locale=locale,
        token_id=link.id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    notice = Notice(
        kind=NotificationKind.SIGN_UP_CONFIRM,
        to=Recipient(wanted.email, locale, wanted.timezone),
        object_type=OBJECT,
        object_id=row.public_id,
        params={
            "first_name": wanted.first_name,
            "business": wanted.business,
            "expires_at": link.expires_at.isoformat(),
        },
        secret=token,
    )
    ask(session, now, notice)
    text = said("{business} signed up, and is mailed a link", business=wanted.business)
    _record(session, now, row.public_id, APPLIED, text, after=ApplicationState.UNCONFIRMED)
    return token


def look(session: Session, now: datetime, token: str) -> MerchantApplication:
    """Return the application that a link confirms; raises NotFoundError where it does not work."""
    link = person_links.found(session, now, TokenKind.SIGN_UP, token)
    row = applications.of_token(session, link.id)
    if row is None:
        raise NotFoundError(said("There is no such application."))
    return row


def confirm(session: Session, now: datetime, token: str) -> MerchantApplication:
    """Prove an address by its link, once: the application waits for the house from now on.

    Raises NotFoundError where the link does not work (any more).
    """
    row = look(session, now, token)
    person_links.use(session, now, person_links.found(session, now, TokenKind.SIGN_UP, token))
    if not applications.confirm(session, row.id, now):
        raise NotFoundError(said("There is no such application."))
    _record(
        session,
        now,
        row.public_id,
        "applications.confirm",
        said("{business} proved its address and waits to be taken on", business=row.business),
        before=ApplicationState.UNCONFIRMED,
        after=ApplicationState.WAITING,
    )
    return row


def _tell_known(session: Session, now: datetime, person: Person, wanted: NewApplication) -> None:
    notice = Notice(
        kind=NotificationKind.SIGN_UP_KNOWN,
        to=news.reader(person),
        object_type="user",
        object_id=str(person.user_id),
        occasion=now.isoformat(),
        params={"username": person.username, "business": wanted.business},
    )
    ask(session, now, notice)
    text = said(
        "{user} signed up anew, and is mailed that they have an account", user=person.username
    )
    _record(session, now, "none", APPLIED, text)


def _record(
    session: Session,
    now: datetime,
    public_id: str,
    action: str,
    sentence: str,
    *,
    before: str = "",
    after: str = "",
) -> None:
    audit.record(
        session,
        now,
        action=action,
        object_type=OBJECT,
        object_id=public_id,
        sentence=sentence,
        before={"state": before} if before else None,
        after={"state": after} if after else None,
    )
