"""Who acts by an API key, and each way in which one is turned away."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.domain import api_keys as rules
from app.domain.api_keys import API_VERSION, NewKey, Scope
from app.errors import DatabaseBusyError, ForbiddenError, UnauthenticatedError
from app.queries import api_keys as rows
from app.security.api_keys import find
from app.services import api_keys

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.models import ApiKey
    from tests.fixtures.application import World

KEY: Final = NewKey(name="Shop", scopes=frozenset({Scope.PAYMENTS_READ, Scope.REFUNDS_READ}))
HOME: Final = "203.0.113.7"
HOUR: Final = timedelta(hours=1)


def _make(world: World, wanted: NewKey = KEY, *, livemode: bool = False) -> tuple[ApiKey, str]:
    with db.unit_of_work(world.owner(livemode=livemode)) as session:
        return api_keys.create(session, clock.now(), world.acme, wanted)


def _refused(authorization: str | None, address: str = HOME) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        find(authorization, address)
    assert (refused.value.code, refused.value.status) == ("unauthenticated", 401)
    return refused.value.detail


@pytest.mark.parametrize("livemode", [False, True])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_key_acts_for_its_merchant_in_its_book(
    world: World, scheme: str, *, livemode: bool
) -> None:
    row, secret = _make(world, livemode=livemode)
    known = find(f"{scheme} {secret}", HOME)
    actor = known.actor
    assert (actor.merchant_id, actor.livemode, actor.user_id) == (world.acme, livemode, None)
    assert actor.label == f"key {secret[:12]}…"
    assert actor.permissions == {"payments:read"}
    assert (known.scopes, known.version, known.key_id) == (KEY.scopes, API_VERSION, row.id)


def test_the_use_of_a_key_is_kept(world: World) -> None:
    row, secret = _make(world)
    for address in (HOME, "198.51.100.1"):
        find(f"Bearer {secret}", address)
    with db.reading(world.owner()) as session:
        left = api_keys.get(session, row.public_id)
    assert left.last_used_address == HOME
    assert left.last_used_at is not None


def test_a_busy_database_turns_nobody_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_arguments: object) -> bool:
        raise DatabaseBusyError("busy")

    _, secret = _make(world)
    monkeypatch.setattr(rows, "touch", busy)
    assert find(f"Bearer {secret}", HOME).actor.merchant_id == world.acme


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic c2s6", "sk_test_x"])
def test_without_a_key_nobody_is_known(header: str | None) -> None:
    assert "key is missing" in _refused(header)


def test_an_unknown_and_a_malformed_key_are_told_alike(world: World) -> None:
    _, secret = _make(world)
    told = {
        _refused(f"Bearer {wrong}")
        for wrong in (rules.secret(False), secret[:-1], f"{secret} x", secret.swapcase(), "x")
    }
    assert len(told) == 1
    assert "not known" in told.pop()


def test_a_key_expires(world: World) -> None:
    _, secret = _make(world, replace(KEY, expires_at=clock.now() + HOUR))
    assert find(f"Bearer {secret}", HOME)
    with clock.at(clock.now() + HOUR):
        assert "has expired" in _refused(f"Bearer {secret}")


def test_a_revoked_key_is_over_at_once(world: World) -> None:
    row, secret = _make(world)
    with db.unit_of_work(world.owner()) as session:
        api_keys.revoke(session, clock.now(), row.public_id, "leaked")
    assert "revoked or replaced" in _refused(f"Bearer {secret}")


def test_both_keys_work_while_they_overlap(world: World) -> None:
    row, old = _make(world)
    with db.unit_of_work(world.owner()) as session:
        _, new = api_keys.roll(session, clock.now(), row.public_id, HOUR)
    assert find(f"Bearer {old}", HOME)
    assert find(f"Bearer {new}", HOME)
    with clock.at(clock.now() + HOUR):
        assert "revoked or replaced" in _refused(f"Bearer {old}")
        assert find(f"Bearer {new}", HOME)


def test_a_key_is_used_from_its_addresses_only(world: World) -> None:
    _, secret = _make(world, replace(KEY, networks=("203.0.113.0/24",)))
    assert find(f"Bearer {secret}", f"::ffff:{HOME}")
    with pytest.raises(ForbiddenError, match=r"from the address 198\.51\.100\.1"):
        find(f"Bearer {secret}", "198.51.100.1")


def test_the_keys_of_a_suspended_merchant_are_closed_as_its_people_are(
    world: World, migrator_engine: Engine
) -> None:
    _, secret = _make(world)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE merchant SET status = 'suspended'")
    assert "not active" in _refused(f"Bearer {secret}")
