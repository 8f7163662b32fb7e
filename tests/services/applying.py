"""Applications of a test: made, confirmed, decided on by people of the house."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.applications import NewApplication
from app.domain.permissions import ROLES, RoleName
from app.models import MerchantApplication, Notification
from app.services import applications, sign_up
from app.services.applications import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUSE: Final = Actor.house(None, "sign-up")
COMPLIANCE: Final = Actor.staff(
    4, livemode=False, label="lena", permissions=ROLES[RoleName.COMPLIANCE]
)
ASKED: Final = NewApplication(
    business="Café Nord",
    country="de",
    currency="eur",
    timezone="Europe/Berlin",
    website="",
    sells="Coffee by subscription",
    first_name="Ida",
    last_name="Nord",
    email="ida@example.com",
)
TERMS: Final = Terms(
    key="cafe-nord", name="Café Nord", country="DE", currency="EUR", timezone="Europe/Berlin"
)


def apply(email: str = ASKED.email, business: str = ASKED.business, locale: str = "en") -> None:
    """Sign a business up."""
    wanted = sign_up.check(replace(ASKED, email=email, business=business))
    with db.unit_of_work(HOUSE) as session:
        sign_up.apply(session, clock.now(), wanted, locale)


def token() -> str:
    """Return the token of the newest mail that has one."""
    with db.reading(HOUSE) as session:
        found = select(Notification.secret).where(Notification.secret.is_not(None))
        return session.scalars(found.order_by(Notification.id.desc()).limit(1)).one() or ""


def confirm(text: str) -> str:
    """Prove an address by a link; answers the application's id."""
    with db.unit_of_work(HOUSE) as session:
        return sign_up.confirm(session, clock.now(), text).public_id


def waiting(email: str = ASKED.email, business: str = ASKED.business, locale: str = "en") -> str:
    """Return an application that waits for the house."""
    apply(email, business, locale)
    return confirm(token())


def approve(public_id: str, terms: Terms = TERMS, actor: Actor = COMPLIANCE) -> int:
    """Take a business on; answers the merchant's key."""
    with db.unit_of_work(actor) as session:
        return applications.approve(session, clock.now(), public_id, terms).id


def reject(public_id: str, reason: str, actor: Actor = COMPLIANCE) -> None:
    """Turn a business down."""
    with db.unit_of_work(actor) as session:
        applications.reject(session, clock.now(), public_id, reason)


def rows() -> Sequence[MerchantApplication]:
    """Return every application, oldest first."""
    with db.reading(HOUSE) as session:
        return session.scalars(select(MerchantApplication).order_by(MerchantApplication.id)).all()


def lapse() -> int:
    """End what nobody confirmed in time; answers how many."""
    with db.unit_of_work(HOUSE) as session:
        return applications.lapse(session, clock.now())
