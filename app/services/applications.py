"""Deciding who is taken on as a merchant, once each; what nobody confirmed is forgotten in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.domain import applications as rules
from app.domain.actors import Actor
from app.domain.applications import (
    TEST_CAPABILITIES,
    UNCONFIRMED_LASTS,
    ApplicationState,
    may_become,
)
from app.domain.card_numbers import refuse
from app.domain.permissions import Permission
from app.errors import BadInputError, ForbiddenError, IllegalStateError, NotFoundError, said
from app.models.tenancy import actor_of
from app.queries import actors, applications, outbox
from app.queries.applications import Decision
from app.services import audit, invitations, merchants
from app.services.notify import news
from app.services.sign_up import OBJECT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Merchant, MerchantApplication
    from app.queries.outbox import Lease

HOUSE: Final = Actor.house(None, "applications")
MOST_AT_ONCE: Final = 100
_MOST_TRIES: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """As what a merchant is taken on: short key, ISO 3166 country, currency, IANA time zone."""

    key: str
    name: str
    country: str
    currency: str
    timezone: str


def approve(session: Session, now: datetime, public_id: str, terms: Terms) -> Merchant:
    """Take a business on: a merchant with test payments only, whose owner is mailed an invitation.

    The actor acts in the test book, since what it may do is granted there. Raises NotFoundError,
    ForbiddenError, IllegalStateError where it was decided on already, BadInputError naming the
    field.
    """
    row = _waiting(session, public_id, ApplicationState.APPROVED)
    if actor_of(session).livemode is not False:
        raise ForbiddenError(said("A merchant is taken on in the test book."))
    key = terms.key.strip()
    if actors.merchant_by_key(session, key) is not None:
        raise BadInputError("key", said("is taken."), said("Choose another short name."))
    merchant = merchants.create_merchant(
        session,
        now,
        key=key,
        name=terms.name,
        country=terms.country,
        currency=terms.currency,
        timezone=terms.timezone,
    )
    for kind in TEST_CAPABILITIES:
        merchants.grant(session, now, merchant, kind)
    decision = Decision(
        state=ApplicationState.APPROVED,
        by=actor_of(session).label,
        at=now,
        merchant_id=merchant.id,
    )
    _decide(session, now, row, decision, said("Took {business} on", business=row.business))
    invitations.welcome(session, now, merchant, email=row.email or "", locale=row.locale)
    return merchant


def reject(session: Session, now: datetime, public_id: str, reason: str) -> MerchantApplication:
    """Turn a business down, and mail it why.

    Raises NotFoundError, ForbiddenError, IllegalStateError where it was decided on already,
    BadInputError for a reason that cannot be mailed.
    """
    row = _waiting(session, public_id, ApplicationState.REJECTED)
    why = rules.reason(reason)
    refuse(why, "reason")
    decision = Decision(
        state=ApplicationState.REJECTED, by=actor_of(session).label, at=now, reason=why
    )
    _decide(session, now, row, decision, said("Turned {business} down", business=row.business))
    news.application_rejected(session, now, row, why)
    return row


def suggested_key(session: Session, name: str) -> str:
    """Return a short name for a business that no merchant has."""
    taken: set[str] = set()
    for _ in range(_MOST_TRIES):
        key = rules.suggested_key(name, taken)
        if actors.merchant_by_key(session, key) is None:
            return key
        taken.add(key)
    return ""


def lapse(session: Session, now: datetime) -> int:
    """End applications whose address nobody proved in time and forget who it was; answers how many.

    Their mails and links are removed with them.
    """
    rows = applications.unconfirmed_before(session, now - UNCONFIRMED_LASTS, MOST_AT_ONCE)
    for row in rows:
        audit.record(
            session,
            now,
            action="applications.lapse",
            object_type=OBJECT,
            object_id=row.public_id,
            sentence=said("The application of {business} lapsed", business=row.business),
            before={"state": row.state},
            after={"state": ApplicationState.LAPSED},
        )
    session.flush()
    if rows:
        applications.forget_person(
            session,
            [row.public_id for row in rows],
            [row.token_id for row in rows if row.token_id is not None],
        )
    return len(rows)


def run(lease: Lease) -> None:
    """Do the recurring task: forget applications that nobody confirmed, a batch at a time."""
    with db.unit_of_work(HOUSE) as session:
        ended = lapse(session, clock.now())
    with db.unit_of_work(HOUSE) as session:
        if ended == MOST_AT_ONCE:
            outbox.postpone(session, lease, seconds=1)
        else:
            outbox.finish(session, lease)


def _waiting(session: Session, public_id: str, then: ApplicationState) -> MerchantApplication:
    """Return an application, locked, on which the actor may decide so."""
    actor = actor_of(session)
    if not actor.may(Permission.APPLICATIONS_DECIDE):
        raise ForbiddenError(said("{actor} may not do this.", actor=actor.label))
    row = applications.lock(session, public_id)
    if row is None:
        raise NotFoundError(said("There is no application {id}.", id=public_id))
    if not may_become(ApplicationState(row.state), then):
        raise IllegalStateError(
            said("This application does not wait for a decision: it is {state}.", state=row.state)
        )
    return row


def _decide(
    session: Session, now: datetime, row: MerchantApplication, decision: Decision, sentence: str
) -> None:
    if not applications.decide(session, row.id, decision):
        raise IllegalStateError(said("Somebody else decided on this application meanwhile."))
    audit.record(
        session,
        now,
        action="applications.approve"
        if decision.state is ApplicationState.APPROVED
        else "applications.reject",
        object_type=OBJECT,
        object_id=row.public_id,
        sentence=sentence,
        before={"state": row.state},
        after={"state": decision.state, "reason": decision.reason},
        merchant_id=decision.merchant_id,
    )
