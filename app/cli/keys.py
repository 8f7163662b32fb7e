"""`flask payagency keys create | list | roll | revoke`: merchants' API keys without a screen."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from app.adapters import clock
from app.adapters.db import reading, retry_when_busy, unit_of_work
from app.cli.base import Commands, acting_for, merchant_named, moment
from app.domain import api_keys as rules
from app.domain.api_keys import NewKey, Scope
from app.queries import api_keys as rows
from app.queries.api_keys import KeyFilter
from app.queries.listing import CHUNK_ROWS, Window
from app.services import api_keys, refusals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import ApiKey

_Result = TypeVar("_Result")

_MERCHANT = click.option("--merchant", required=True, help="The merchant's short name or id.")
_LIVE = click.option("--live", is_flag=True, help="In the live book, not the test book.")
_KEY = click.argument("key", metavar="KEY_ID")


@click.group("keys", cls=Commands)
def keys() -> None:
    """API keys of merchants."""


@keys.command("create")
@_MERCHANT
@_LIVE
@click.option("--name", required=True, help="What will use it, such as Shop.")
@click.option("--scope", "scopes", multiple=True, help="May be given repeatedly; all by default.")
@click.option("--network", "networks", multiple=True, help="From where; everywhere by default.")
@click.option("--expires", help="Moment in UTC, such as 2027-03-31T23:59:59Z; never by default.")
def create(
    *,
    merchant: str,
    live: bool,
    name: str,
    scopes: tuple[str, ...],
    networks: tuple[str, ...],
    expires: str | None,
) -> None:
    """Make a key and print its secret, which is told only this once."""
    owner = merchant_named(merchant)
    wanted = NewKey(
        name=name,
        scopes=rules.check_scopes(scopes or Scope),
        networks=rules.check_networks("\n".join(networks)),
        expires_at=None if expires is None else moment(expires, "--expires"),
    )
    actor = acting_for(owner, live=live)
    with refusals.audited(
        actor, action="keys.create", object_type="merchant", object_id=owner.public_id
    ):
        made = _done(actor, lambda session: api_keys.create(session, clock.now(), owner.id, wanted))
    _tell(*made)


@keys.command("list")
@_MERCHANT
@_LIVE
def listed(*, merchant: str, live: bool) -> None:
    """Print every key of a merchant in a book, newest first: nothing by which it could be used."""
    now = clock.now()
    for row in _all(acting_for(merchant_named(merchant), live=live), now):
        state = rules.state(row.expires_at, row.ended_at, now)
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else "never"
        click.echo(f"{row.public_id} {row.prefix}… {state.value:8} used {used:16} {row.name}")


@keys.command("roll")
@_KEY
@_MERCHANT
@_LIVE
@click.option("--overlap-hours", type=int, default=24, show_default=True, help="0 to 168.")
def roll(*, key: str, merchant: str, live: bool, overlap_hours: int) -> None:
    """Make the key that follows KEY_ID, which works on for the overlap; prints the new secret."""
    overlap = timedelta(hours=overlap_hours)
    actor = acting_for(merchant_named(merchant), live=live)
    with refusals.audited(actor, action="keys.roll", object_type="api_key", object_id=key):
        made = _done(actor, lambda session: api_keys.roll(session, clock.now(), key, overlap))
    _tell(*made)


@keys.command("revoke")
@_KEY
@_MERCHANT
@_LIVE
@click.option("--reason", required=True, help="Kept in the audit trail.")
def revoke(*, key: str, merchant: str, live: bool, reason: str) -> None:
    """Let KEY_ID end at once; nothing brings it back."""
    actor = acting_for(merchant_named(merchant), live=live)
    with refusals.audited(actor, action="keys.revoke", object_type="api_key", object_id=key):
        row = _done(actor, lambda session: api_keys.revoke(session, clock.now(), key, reason))
    click.echo(f"Revoked {row.public_id} ({row.prefix}…).")


def _all(actor: Actor, now: datetime) -> Iterator[Any]:
    older: str | None = ""
    with reading(actor) as session:
        while older is not None:
            window = Window(older=older, limit=CHUNK_ROWS)
            found = rows.page(session, KeyFilter(now=now), window)
            yield from found.rows
            older = found.older


@retry_when_busy
def _done(actor: Actor, act: Callable[[Session], _Result]) -> _Result:
    with unit_of_work(actor) as session:
        return act(session)


def _tell(row: ApiKey, secret: str) -> None:
    click.echo(f"Made {row.public_id}. Its secret is shown only this once:")
    click.echo(secret)
