"""PayAgency's entrance: makes the keys, and records what one request writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.extensions import db
from benchmarks.money import derive, door
from benchmarks.money.script import to_json
from benchmarks.peers import crew
from benchmarks.peers.door import app

if TYPE_CHECKING:
    from collections.abc import Sequence


def record(merchants: Sequence[int]) -> dict[str, Any]:
    """Make keys and one payment of a request; returns the secrets and the script."""
    with app.app_context():
        secrets = door.keys(merchants)
        engine = db.engine
        of = dict(zip(merchants, secrets, strict=True))
        client = app.test_client()
        script = derive.payment(
            engine, merchants, lambda merchant, name: door.pay(client, of[merchant], name)
        )
    return {"secrets": secrets, "script": to_json(script)}


def main() -> None:
    """Serve."""
    crew.serve({"record": record})


if __name__ == "__main__":
    main()
