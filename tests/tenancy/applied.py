"""The application that a merchant of the crawl came by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.applications import ApplicationState, NewApplication
from app.queries import applications
from app.queries.applications import Decision
from app.services import sign_up
from tests.services.applying import HOUSE

if TYPE_CHECKING:
    from collections.abc import Callable


def applied(merchant_id: int, text: Callable[[str], str]) -> None:
    """Leave an application that was approved, and became the merchant."""
    wanted = NewApplication(
        business=text("applied-as"),
        country="IN",
        currency="INR",
        timezone="Asia/Kolkata",
        website=f"https://{text('applied-site')}.example.com",
        sells=text("applied-sells"),
        first_name=text("applied-first"),
        last_name=text("applied-last"),
        email=f"{text('applied-mail')}@example.com",
    )
    with db.unit_of_work(HOUSE) as session:
        now = clock.now()
        token = sign_up.keep(session, now, sign_up.check(wanted), "en")
        row = sign_up.confirm(session, now, token)
        decision = Decision(
            state=ApplicationState.APPROVED, by="compliance", at=now, merchant_id=merchant_id
        )
        assert applications.decide(session, row.id, decision)
