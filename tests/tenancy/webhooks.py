"""A webhook endpoint of a merchant of the crawl, with events on their way to it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.webhooks_out import NewEndpoint
from app.services.webhooks_out import endpoints, resending
from app.services.webhooks_out.endpoints import Checked

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.actors import Actor


def webhooks(actor: Actor, merchant_id: int, text: Callable[[str], str]) -> None:
    """Make an endpoint that is told of a test and of a span again, and one that is disabled."""
    day, now = timedelta(days=1), clock.now()
    with db.unit_of_work(actor) as session:
        for is_disabled in (False, True):
            wanted = NewEndpoint(
                url=f"http://127.0.0.1:9999/{text('hook')}",
                events=("*",),
                description=text("hook-description"),
            )
            row, _ = endpoints.create(session, now, merchant_id, Checked(wanted))
            resending.send_test(session, now, row.public_id)
            resending.ask_range(session, now, row.public_id, now - day, now + day, "failed")
            if is_disabled:
                endpoints.disable(session, now, row.public_id, text("hook-reason"))
