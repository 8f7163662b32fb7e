"""`flask payagency webhooks resend`: sending merchants' events again without a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from app.adapters import clock
from app.adapters.db import reading, retry_when_busy, unit_of_work
from app.cli.base import Commands, acting_for, merchant_named, moment
from app.domain.webhooks_out import MOST_ENDPOINTS, EndpointState
from app.errors import NotFoundError
from app.queries import webhooks_out as rows
from app.queries.listing import Window
from app.queries.webhooks_out import EndpointFilter
from app.services import refusals
from app.services.webhooks_out import endpoints, resending

if TYPE_CHECKING:
    from datetime import datetime

    from app.domain.actors import Actor
    from app.services.webhooks_out.resending import Which


@click.group("webhooks", cls=Commands)
def webhooks() -> None:
    """Webhooks to merchants."""


@webhooks.command("resend")
@click.option("--merchant", required=True, help="The merchant's short name or id.")
@click.option("--live", is_flag=True, help="In the live book, not the test book.")
@click.option("--from", "first", required=True, help="Moment in UTC, such as 2027-03-01T00:00:00Z.")
@click.option("--to", "end", required=True, help="Moment in UTC; what happened then is left out.")
@click.option("--endpoint", help="The endpoint's id; every enabled one by default.")
@click.option("--all", "is_all", is_flag=True, help="Delivered events too, not only the failed.")
def resend(
    *, merchant: str, live: bool, first: str, end: str, endpoint: str | None, is_all: bool
) -> None:
    """Have workers send the events of a span again, under the same ids."""
    actor = acting_for(merchant_named(merchant), live=live)
    begins, ends = moment(first, "--from"), moment(end, "--to")
    for public_id in _wanted(actor, endpoint):
        with refusals.audited(
            actor,
            action="webhooks.resend_range",
            object_type="webhook_endpoint",
            object_id=public_id,
        ):
            made = _ask(actor, public_id, begins, ends, "all" if is_all else "failed")
        click.echo(f"Asked to send again to {public_id}: {made}.")


def _wanted(actor: Actor, endpoint: str | None) -> list[str]:
    """Return the endpoints that are meant. Raises NotFoundError where there is none."""
    with reading(actor) as session:
        if endpoint is not None:
            return [endpoints.get(session, endpoint).public_id]
        states = (EndpointState.ENABLED.value, rows.FAILING)
        found = rows.page(session, EndpointFilter(states=states), Window(limit=MOST_ENDPOINTS))
    if not found.rows:
        raise NotFoundError("This merchant has no enabled endpoint in this book.")
    return [row.public_id for row in found.rows]


@retry_when_busy
def _ask(actor: Actor, public_id: str, first: datetime, end: datetime, which: Which) -> str:
    with unit_of_work(actor) as session:
        now = clock.now()
        return resending.ask_range(session, now, public_id, first, end, which).public_id
