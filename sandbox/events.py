"""The event log: each change of what an object looks like is one event, for the account to hear."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from sandbox import clock, views
from sandbox.steps import Case, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Transaction

_PERCENT = 100


def record(tx: Transaction, settings: Mapping[str, int]) -> None:
    """Add an event for each object of the touched charges that looks different now."""
    for charge, account in tx.touched.items():
        objects = tx.of_charge(charge)
        if objects[0].facts.get("silent"):
            continue
        effects = tuple(tx.effects(charge))
        case = Case(objects[0], effects, tx.now_ms, settings)
        for made in objects:
            data = json.dumps(views.show(case, made), ensure_ascii=False, sort_keys=True)
            last = tx.rows(
                "SELECT data FROM events WHERE object = ? ORDER BY seq DESC LIMIT 1", made.id
            )
            if not last or last[0][0] != data:
                columns = "events (id, account, object, type, created, data)"
                row = (made.id, f"{made.kind}.updated", tx.now_ms // clock.MS, data)
                seq = tx.append(columns, new_id("event"), account, *row)
                _plan(tx, account, seq, settings)


def listed(tx: Transaction, account: str, after: int, limit: int) -> dict[str, Any]:
    """Read a page of an account's events, in order."""
    rows = tx.rows(
        "SELECT seq, id, type, created, data FROM events WHERE account = ? AND seq > ?"
        " ORDER BY seq LIMIT ?",
        account,
        after,
        limit,
    )
    data = [{"seq": seq, **shown(*row)} for seq, *row in rows]
    return {"data": data, "next": data[-1]["seq"] if data else after}


def shown(event_id: str, kind: str, created: int, data: str) -> dict[str, object]:
    return {"id": event_id, "type": kind, "created": created, "data": json.loads(data)}


def _plan(tx: Transaction, account: str, event: int, settings: Mapping[str, int]) -> None:
    """Plan the deliveries of an event as the weather has them, for an account with an endpoint."""
    if not tx.rows("SELECT 1 FROM endpoints WHERE account = ? LIMIT 1", account):
        return
    due_ms = tx.now_ms + settings["delay_webhooks"] * clock.MS
    dropped, held = _strikes(settings["drop_webhooks"]), _strikes(settings["reorder_webhooks"])
    columns = "deliveries (event, account, copy, due_ms, held, dropped)"
    for copy in range(1, 3 if _strikes(settings["duplicate_webhooks"]) else 2):
        tx.append(columns, event, account, copy, due_ms, held, dropped)


def _strikes(rate: int) -> bool:
    return secrets.randbelow(_PERCENT) < rate
