"""API keys on MariaDB: made, rolled, revoked, many at once, and their secret nowhere."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain import api_keys as rules
from app.domain.api_keys import NewKey, Scope
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError
from app.extensions import metadata
from app.models import ApiKey, AuditEntry
from app.queries.api_keys import KeyFilter, page
from app.queries.listing import Window
from app.services import api_keys

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask import Flask
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from tests.fixtures.application import World

KEY = NewKey(
    name="Shop",
    scopes=frozenset({Scope.PAYMENTS_WRITE, Scope.PAYMENTS_READ}),
    networks=("203.0.113.0/24", "2001:db8::1"),
)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


def make(world: World, wanted: NewKey = KEY) -> tuple[ApiKey, str]:
    """Make a key of acme."""
    with db.unit_of_work(world.owner()) as session:
        return api_keys.create(session, clock.now(), world.acme, wanted)


def _roll(world: World, public_id: str, overlap: timedelta = HOUR) -> ApiKey:
    with db.unit_of_work(world.owner()) as session:
        return api_keys.roll(session, clock.now(), public_id, overlap)[0]


def _read(world: World, public_id: str) -> ApiKey:
    with db.reading(world.owner()) as session:
        return api_keys.get(session, public_id)


def _at_once(context: Flask, act: Callable[[], object], times: int = 8) -> list[str]:
    """Do something many times at once; answers the name of each error, empty where there is none.

    A deadlock is tried again, as every screen does it.
    """

    @db.retry_when_busy
    def one(_number: int) -> str:
        with context.app_context():
            try:
                act()
            except (IllegalStateError, LimitExceededError) as error:
                return type(error).__name__
        return ""

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_a_key_is_kept_without_its_secret(
    world: World, migrator_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        row, secret = make(world)
        with db.unit_of_work(world.owner()) as session:
            after, other = api_keys.roll(session, clock.now(), row.public_id, HOUR)
            api_keys.revoke(session, clock.now(), after.public_id, "a test")
    assert (row.secret_digest, row.prefix) == (rules.digest(secret), secret[:12])
    assert row.scopes == "payments:read payments:write"
    with migrator_engine.connect() as connection:
        rows = [
            str(tuple(found))
            for table in metadata.sorted_tables
            for found in connection.execute(table.select())
        ]
    assert any(row.public_id in found for found in rows)
    for hidden in (secret, other):
        assert not [found for found in rows if hidden[12:] in found]
        assert hidden[12:] not in caplog.text


def test_every_act_leaves_one_trace(world: World) -> None:
    row, _ = make(world)
    after = _roll(world, row.public_id)
    with db.unit_of_work(world.owner()) as session:
        api_keys.revoke(session, clock.now(), after.public_id, " not needed ")
    with db.reading(world.owner()) as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [each.action for each in found] == ["keys.create", "keys.roll", "keys.revoke"]
    assert [each.object_id for each in found] == [row.public_id, row.public_id, after.public_id]
    assert after.public_id in found[1].changes
    assert found[2].sentence.endswith(": not needed")


def test_the_key_that_follows_may_do_the_same(world: World) -> None:
    old, _ = make(world, replace(KEY, expires_at=clock.now() + WEEK))
    new = _roll(world, old.public_id, HOUR)
    for name in ("name", "scopes", "networks", "expires_at", "merchant_id", "livemode", "version"):
        assert getattr(new, name) == getattr(old, name)
    left = _read(world, old.public_id)
    assert left.rolled_to == new.public_id
    assert left.ended_at is not None
    assert abs(left.ended_at - clock.now() - HOUR) < timedelta(minutes=1)
    assert new.secret_digest != old.secret_digest


def test_a_key_is_rolled_once_however_many_ask(context: Flask, world: World) -> None:
    old, _ = make(world)
    told = _at_once(context, lambda: _roll(world, old.public_id))
    assert sorted(told) == ["", *["IllegalStateError"] * 7]
    with db.reading(world.owner()) as session:
        assert len(page(session, KeyFilter(now=clock.now()), Window()).rows) == 2


def test_what_has_ended_is_not_rolled_or_revoked_again(world: World) -> None:
    old, _ = make(world)
    _roll(world, old.public_id)
    with pytest.raises(IllegalStateError, match="follows this one"):
        _roll(world, old.public_id)
    with db.unit_of_work(world.owner()) as session:
        ended = api_keys.revoke(session, clock.now(), old.public_id, "leaked")
    assert ended.ended_at is not None
    assert ended.ended_at <= clock.now()
    acts: list[Callable[[Any], Any]] = [
        lambda session: api_keys.revoke(session, clock.now(), old.public_id, "again"),
        lambda session: api_keys.roll(session, clock.now(), old.public_id, HOUR),
    ]
    for act in acts:
        with pytest.raises(IllegalStateError, match="ended already"), _owner(world) as session:
            act(session)


def test_an_expired_key_is_over(world: World) -> None:
    row, _ = make(world, replace(KEY, expires_at=clock.now() + HOUR))
    with clock.at(clock.now() + HOUR), pytest.raises(IllegalStateError, match="expired already"):
        _roll(world, row.public_id)


def test_revoking_needs_a_reason_without_a_secret_in_it(world: World) -> None:
    row, secret = make(world)
    for reason, words in ((" ", "missing"), (f"it was {secret}", "secret of an API key")):
        with pytest.raises(BadInputError, match=words) as refused, _owner(world) as session:
            api_keys.revoke(session, clock.now(), row.public_id, reason)
        assert refused.value.place == "reason"
        assert secret not in refused.value.detail


def test_twenty_keys_work_at_a_time(context: Flask, world: World) -> None:
    made = [make(world)[0] for _ in range(17)]
    told = _at_once(context, lambda: make(world))
    assert sorted(told) == ["", "", "", *["LimitExceededError"] * 5]
    with pytest.raises(LimitExceededError, match="20 keys"):
        _roll(world, made[0].public_id, HOUR)
    _roll(world, made[0].public_id, timedelta(0))
    with db.unit_of_work(world.owner(livemode=True)) as session:
        live, secret = api_keys.create(session, clock.now(), world.acme, KEY)
    assert live.livemode
    assert secret.startswith("sk_live_")


def test_the_last_use_is_kept_once_a_minute(world: World) -> None:
    row, _ = make(world)
    now = clock.now()
    for seconds, address in ((0, "203.0.113.7"), (59, "203.0.113.8"), (60, "203.0.113.9")):
        with _owner(world) as session:
            api_keys.touch(session, now + timedelta(seconds=seconds), row.id, address)
        if seconds == 59:
            assert _read(world, row.public_id).last_used_address == "203.0.113.7"
    left = _read(world, row.public_id)
    assert left.last_used_address == "203.0.113.9"
    assert left.last_used_at == now + timedelta(minutes=1)


def test_another_merchant_meets_no_key(world: World) -> None:
    row, _ = make(world)
    for stranger in (world.stranger(), world.owner(livemode=True)):
        with pytest.raises(NotFoundError), db.unit_of_work(stranger) as session:
            api_keys.revoke(session, clock.now(), row.public_id, "not mine")
    assert _read(world, row.public_id).ended_at is None


def _owner(world: World) -> AbstractContextManager[Session]:
    return db.unit_of_work(world.owner())
