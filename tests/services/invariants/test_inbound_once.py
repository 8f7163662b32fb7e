from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.services import flows
from tests.services.invariants.planting import found, planted
from tests.services.telling import Provider, provider

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine

__all__ = ["provider"]

# Invariant, part of what it says, the statement that breaks it.
PLANTED: Final = (
    ("inbound_once", "no task works on it", "UPDATE inbound_event SET state = 'received'"),
    ("inbound_once", "is lost and no task", "UPDATE inbound_event SET state = 'lost' LIMIT 1"),
    ("inbound_once", "without evidence", "DELETE FROM evidence LIMIT 1"),
    ("inbound_once", "without evidence", "UPDATE inbound_event SET operation_id = NULL LIMIT 1"),
    ("inbound_once", "without evidence", "UPDATE evidence SET operation_id = operation_id + 1"),
    ("payment_summaries", "disputed_minor 4000", "UPDATE dispute SET status = 'won'"),
    ("payment_summaries", "disputed_minor 4000", "UPDATE dispute SET stage = 'inquiry'"),
)


def test_every_planted_violation_is_found(
    provider: Provider, subtests: pytest.Subtests, migrator_engine: Engine
) -> None:
    payment = flows.pay(provider.world.owner(), provider.world.acme, run=False)
    charge = provider.charge(payment)
    provider.tell(charge, provider.dispute(charge, "open"))
    with migrator_engine.connect() as connection:
        assert {name: found(connection, name) for name, _, _ in PLANTED} == {
            "inbound_once": [],
            "payment_summaries": [],
        }
    for name, words, statement in PLANTED:
        with (
            subtests.test(words, statement=statement),
            planted(migrator_engine, statement) as connection,
        ):
            told = [f"{each.subject}: {each.text}" for each in found(connection, name)]
            assert any(words in line for line in told), told
