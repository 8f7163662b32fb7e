"""A mail of a merchant of the crawl, and invitations to its team."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.notifications import NotificationState
from app.domain.permissions import RoleName
from app.services import invitations
from app.services.notify.asking import ask
from tests.services.notify import mailing

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.actors import Actor


def notices(actor: Actor, merchant_id: int, text: Callable[[str], str]) -> None:
    """Leave an invitation that was taken back, one that waits, and a mail that was given up."""
    with db.unit_of_work(actor) as session:
        now = clock.now()
        receipt = mailing.receipt(
            merchant_id,
            f"{text('mail-to')}@example.com",
            text("mail-about")[:40],
            description=text("mail-text"),
        )
        row = ask(session, now, receipt)
        assert row is not None
        row.state = NotificationState.GIVEN_UP
        made = [
            invitations.invite(
                session,
                now,
                email=f"{text('invited')}@example.com",
                role=RoleName.MERCHANT_CLERK,
                merchant_id=merchant_id,
            )
            for _ in range(2)
        ]
        invitations.revoke(session, now, made[0].public_id)
