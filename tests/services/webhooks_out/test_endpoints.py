"""Endpoints of merchants on MariaDB: made, changed, disabled, deleted, each with its trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.webhooks_out import MOST_ENDPOINTS, NewEndpoint
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError
from app.models import AuditEntry
from app.services.webhooks_out import endpoints
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

    from app.domain.actors import Actor
    from tests.fixtures.application import World

URL = "http://127.0.0.1:9999/hook"


def _trail(actor: Actor) -> list[str]:
    with db.reading(actor) as session:
        found = select(AuditEntry.action).where(AuditEntry.object_type == "webhook_endpoint")
        return list(session.scalars(found.order_by(AuditEntry.id)))


def test_each_change_leaves_one_trace_and_counts_the_version(world: World) -> None:
    owner = world.owner()
    endpoint, _ = sending.listen(owner, URL)
    other = endpoints.checked(NewEndpoint(url=f"{URL}2", events=("payment.*",)))
    with db.unit_of_work(owner) as session:
        endpoints.update(session, clock.now(), endpoint, other, 1)
        endpoints.rotate(session, clock.now(), endpoint, timedelta(days=7))
        endpoints.disable(session, clock.now(), endpoint, "moving house")
        endpoints.enable(session, clock.now(), endpoint)
    row = sending.endpoint(owner, endpoint)
    assert (row.url, row.events, row.state, row.version) == (f"{URL}2", "payment.*", "enabled", 5)
    with db.unit_of_work(owner) as session:
        endpoints.delete(session, clock.now(), endpoint)
    verbs = ("create", "update", "rotate", "disable", "enable", "delete")
    assert _trail(owner) == [f"webhooks.{verb}" for verb in verbs]
    with pytest.raises(NotFoundError):
        sending.endpoint(owner, endpoint)


def test_secrets_stand_nowhere_in_the_open(world: World, migrator_engine: Engine) -> None:
    endpoint, secret = sending.listen(world.owner(), URL)
    with db.unit_of_work(world.owner()) as session:
        _, new = endpoints.rotate(session, clock.now(), endpoint, timedelta(days=7))
    with migrator_engine.connect() as connection:
        for table in ("webhook_endpoint", "audit_entry"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows
            assert secret[6:] not in repr(rows)
            assert new[6:] not in repr(rows)


def test_who_looked_at_an_older_version_changes_nothing(world: World) -> None:
    endpoint, _ = sending.listen(world.owner(), URL)
    asked = endpoints.checked(NewEndpoint(url=URL, events=("*",)))
    with db.unit_of_work(world.owner()) as session:
        endpoints.update(session, clock.now(), endpoint, asked, 1)
    with pytest.raises(IllegalStateError), db.unit_of_work(world.owner()) as session:
        endpoints.update(session, clock.now(), endpoint, asked, 1)


def test_nobody_reaches_another_merchants_or_books_endpoint(world: World) -> None:
    endpoint, _ = sending.listen(world.owner(), URL)
    for actor in (world.stranger(), world.owner(livemode=True)):
        with db.unit_of_work(actor) as session:
            for act in (endpoints.enable, endpoints.delete):
                with pytest.raises(NotFoundError):
                    act(session, clock.now(), endpoint)
            with pytest.raises(NotFoundError):
                endpoints.get(session, endpoint)
    assert sending.endpoint(world.owner(), endpoint).state == "enabled"


def test_there_are_at_most_twenty_however_many_ask_at_once(world: World, context: Flask) -> None:
    for number in range(MOST_ENDPOINTS - 1):
        sending.listen(world.owner(), f"{URL}/{number}")

    @db.retry_when_busy
    def one(number: int) -> bool:
        with context.app_context():
            try:
                sending.listen(world.owner(), f"{URL}/more/{number}")
            except LimitExceededError:
                return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 1


@pytest.mark.parametrize("overlap", [timedelta(hours=1), timedelta(days=8), -timedelta(hours=24)])
def test_another_overlap_than_offered_is_refused(world: World, overlap: timedelta) -> None:
    endpoint, _ = sending.listen(world.owner(), URL)
    with pytest.raises(BadInputError, match="overlap"), db.unit_of_work(world.owner()) as session:
        endpoints.rotate(session, clock.now(), endpoint, overlap)
