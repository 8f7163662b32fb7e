"""The demo's applications: one that waits for a decision, one that was rejected."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.domain.applications import NewApplication
from app.queries import applications as rows
from app.queries.applications import ApplicationFilter
from app.queries.listing import Window
from app.services import applications, demo, demo_people, sign_up

if TYPE_CHECKING:
    from datetime import datetime

_WAITS: Final = NewApplication(
    business="Lotus Books",
    country="IN",
    currency="INR",
    timezone="Asia/Kolkata",
    website="https://lotus-books.example.com",
    sells="Second-hand books, sent all over India",
    first_name="Meera",
    last_name="Nair",
    email="meera.nair@example.com",
)
_REJECTED: Final = NewApplication(
    business="Lucky Seven",
    country="MT",
    currency="EUR",
    timezone="Europe/Malta",
    website="",
    sells="Bets on football matches",
    first_name="Karl",
    last_name="Vella",
    email="karl.vella@example.com",
)
_WAITS_SINCE: Final = timedelta(hours=3)
_REJECTED_AGO: Final = timedelta(days=2)
_WHY: Final = "We take on no businesses that offer bets."


def make(now: datetime) -> int:
    """Sign two businesses up, once, and reject one; answers how many there are."""
    with reading(demo.HOUSE) as session:
        if rows.page(session, ApplicationFilter(), Window(limit=1)).rows:
            return 2
    rejected = _proved(_REJECTED, now - _REJECTED_AGO)
    _proved(_WAITS, now - _WAITS_SINCE)
    moment = now - _REJECTED_AGO + timedelta(hours=1)
    with clock.at(moment), unit_of_work(demo_people.staff("compliance")) as session:
        applications.reject(session, clock.now(), rejected, _WHY)
    return 2


def _proved(wanted: NewApplication, moment: datetime) -> str:
    """Sign a business up whose address is proved a little later; answers the application's id."""
    with clock.at(moment), unit_of_work(demo.HOUSE) as session:
        token = sign_up.keep(session, clock.now(), sign_up.check(wanted), "en")
    with clock.at(moment + timedelta(minutes=4)), unit_of_work(demo.HOUSE) as session:
        return sign_up.confirm(session, clock.now(), token).public_id
