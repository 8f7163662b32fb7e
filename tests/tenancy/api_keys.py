"""An API key of a merchant of the crawl."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.api_keys import NewKey, Scope
from app.services import api_keys

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.domain.actors import Actor


def api_key(actor: Actor, merchant_id: int, text: Callable[[str], str]) -> None:
    """Make a key that may do everything, with a text as its name."""
    wanted = NewKey(name=text("key-name"), scopes=frozenset(Scope))
    with db.unit_of_work(actor) as session:
        row, _ = api_keys.create(session, clock.now(), merchant_id, wanted)
        api_keys.touch(session, clock.now(), row.id, "203.0.113.7")
