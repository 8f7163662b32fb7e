from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.services.invariants.planting import found, planted
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine

    from tests.fixtures.application import World

# Part of what it says, the statement that breaks it.
PLANTED: Final = (
    ("no task works on it", "UPDATE outbox SET state = 'done' WHERE queue = 'webhooks'"),
    ("no task works on it", "UPDATE webhook_delivery SET task_id = task_id + 100 LIMIT 1"),
    ("is lost and no task", "UPDATE webhook_delivery SET state = 'lost', task_id = 0 LIMIT 1"),
    ("of somebody else", "UPDATE event SET livemode = 1 LIMIT 1"),
)


def test_every_planted_violation_is_found(
    world: World, subtests: pytest.Subtests, migrator_engine: Engine
) -> None:
    endpoint, _ = sending.listen(world.owner(), "http://127.0.0.1:9999/hook")
    sending.ask_test(world.owner(), endpoint)
    with migrator_engine.connect() as connection:
        assert found(connection, "outbound_once") == []
    for words, statement in PLANTED:
        with (
            subtests.test(words, statement=statement),
            planted(migrator_engine, statement) as connection,
        ):
            told = [each.text for each in found(connection, "outbound_once")]
            assert any(words in text for text in told), told
