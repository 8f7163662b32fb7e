from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.domain.permissions import ROLES, Permission, fab_pair
from app.models import AuditEntry
from app.models.accounts import Area, PermissionName, PermissionPair, Role
from app.queries import accounts, records
from app.services.roles import sync_roles
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from flask import Flask

HOUSE = Actor.house(None, "seed")
pytestmark = pytest.mark.usefixtures("context")


def _sync() -> bool:
    with unit_of_work(HOUSE) as session:
        return sync_roles(session, NOW)


def _live() -> dict[str, set[tuple[str, str]]]:
    with unit_of_work(HOUSE) as session:
        return {
            role.name: {(pair.permission.name, pair.view_menu.name) for pair in role.permissions}
            for role in accounts.roles(session)
        }


WRITTEN = {
    name.value: {fab_pair(each) for each in permissions} for name, permissions in ROLES.items()
}


def test_the_roles_are_exactly_as_written() -> None:
    assert _sync()
    assert _live() == WRITTEN


def test_a_second_run_changes_and_traces_nothing(context: Flask) -> None:
    assert context
    _sync()
    assert not _sync()
    with unit_of_work(Actor.staff(1, False, "x", frozenset())) as session:
        actions = [row.action for row in records.by_keys(session, AuditEntry, range(100_000))]
    assert actions == ["roles.sync"]


def test_what_was_added_or_taken_by_hand_is_put_right() -> None:
    _sync()
    with unit_of_work(HOUSE) as session:
        role = accounts.role(session, "Merchant clerk")
        assert role
        can_fly = PermissionPair(
            permission=PermissionName(name="can_fly"), view_menu=Area(name="x")
        )
        role.permissions = [can_fly]
        session.add(Role(name="Spare", permissions=[can_fly]))
    assert _sync()
    assert _live() == {**WRITTEN, "Spare": set()}


def test_every_permission_is_a_pair_of_its_own() -> None:
    _sync()
    with unit_of_work(HOUSE) as session:
        assert len(accounts.permission_pairs(session)) == len(Permission)
