from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.adapters import db, passwords
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.errors import BadInputError, ForbiddenError, IllegalStateError, NotFoundError
from app.queries import accounts as people
from app.services import accounts
from app.services.roles import sync_roles
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from app.models.accounts import User
    from tests.fixtures.application import World

HOUSE = Actor.house(None, "test")
PASSWORD = "a sentence of words"


@pytest.fixture(autouse=True)
def _roles(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world
    monkeypatch.setattr(passwords, "digest", "hash of {}".format)
    with db.unit_of_work(HOUSE) as session:
        sync_roles(session, NOW)


def _create(changes: Mapping[str, Any] | None = None, actor: Actor = HOUSE) -> int:
    names = {"username": "peter", "first_name": "P", "last_name": "G", "email": "p@example.com"}
    rest = {"password": PASSWORD, "role": RoleName.FINANCE, "merchant_ids": []}
    with db.unit_of_work(actor) as session:
        return int(accounts.create_user(session, NOW, **{**names, **rest, **(changes or {})}).id)


def _as(actor: Actor, change: Callable[[Session], object]) -> None:
    with db.unit_of_work(actor) as session:
        change(session)


def _update(actor: Actor, user_id: int, changes: Mapping[str, Any]) -> None:
    with db.unit_of_work(actor) as session:
        accounts.update_user(session, NOW, user_id, changes)


def _user(user_id: int) -> User:
    with db.reading(None) as session:
        found = people.user(session, user_id)
    assert found
    return found


def _memberships(user_id: int) -> list[int]:
    with db.reading(HOUSE) as session:
        return [row.merchant_id for row in people.memberships(session, user_id)]


def _staff(role: RoleName, user_id: int = 999) -> Actor:
    return Actor.staff(user_id, False, role.value, ROLES[role])


def test_a_merchants_user_gets_memberships(world: World) -> None:
    key = _create({"role": RoleName.MERCHANT_OWNER, "merchant_ids": [world.acme, world.acme]})
    assert _memberships(key) == [world.acme]
    _as(HOUSE, lambda session: accounts.add_membership(session, NOW, key, world.globex))
    _as(HOUSE, lambda session: accounts.add_membership(session, NOW, key, world.globex))
    assert sorted(_memberships(key)) == sorted([world.acme, world.globex])


REFUSED = [
    ({"username": "Peter"}, "username"),
    ({"username": "p"}, "username"),
    ({"username": "4242424242424242"}, "username"),
    ({"email": "nowhere"}, "email"),
    ({"first_name": " "}, "first_name"),
    ({"last_name": "x" * 65}, "last_name"),
    ({"role": "King"}, "role"),
    ({"role": "Merchant owner"}, "merchants"),
    ({"role": "Merchant clerk", "merchant_ids": []}, "merchants"),
    ({"merchant_ids": [1]}, "merchants"),
    ({"password": "peter"}, "password"),
]


@pytest.mark.parametrize("changes,place", REFUSED)
def test_what_cannot_be_is_refused_at_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(BadInputError) as caught:
        _create(changes)
    assert caught.value.place == place


@pytest.mark.parametrize(
    "changes,place",
    [
        ({"email": "other@example.com"}, "username"),
        ({"username": "paul", "email": "P@Example.com"}, "email"),
    ],
)
def test_a_name_or_address_is_taken_once(changes: dict[str, str], place: str) -> None:
    _create()
    with pytest.raises(BadInputError, match="taken") as caught:
        _create(changes)
    assert caught.value.place == place


def test_an_unknown_merchant_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        _create({"role": RoleName.MERCHANT_OWNER, "merchant_ids": [10**9]})


def test_an_unknown_user_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        _as(HOUSE, lambda session: accounts.delete_user(session, NOW, 10**9))


@pytest.mark.parametrize("role", [role for role in RoleName if role is not RoleName.ADMIN])
def test_only_who_may_hand_out_rights_does(role: RoleName, world: World) -> None:
    key, actor = _create(), _staff(role)
    assert world
    changes: list[Callable[[Session], object]] = [
        lambda session: accounts.update_user(session, NOW, key, {"role": "Admin"}),
        lambda session: accounts.delete_user(session, NOW, key),
        lambda session: accounts.reset_password(session, NOW, key, PASSWORD),
        lambda session: accounts.add_membership(session, NOW, key, world.acme),
        lambda session: accounts.update_profile(session, NOW, key, {"first_name": "x"}),
        lambda session: accounts.change_password(session, NOW, key, PASSWORD, PASSWORD),
    ]
    for change in changes:
        with pytest.raises(ForbiddenError):
            _as(actor, change)
    with pytest.raises(ForbiddenError):
        _create({"username": "paul", "email": "paul@example.com"}, actor)


def test_nobody_raises_themselves() -> None:
    key = _create({"role": RoleName.ADMIN})
    _create({"username": "paul", "email": "paul@example.com", "role": RoleName.ADMIN})
    own = _staff(RoleName.ADMIN, key)
    for changes in ({"role": "Finance"}, {"active": False}):
        with pytest.raises(ForbiddenError, match="own role"):
            _update(own, key, changes)
    with pytest.raises(ForbiddenError, match="own role"):
        _as(own, lambda session: accounts.delete_user(session, NOW, key))


def test_the_last_active_admin_stays() -> None:
    key = _create({"role": RoleName.ADMIN})
    for changes in ({"role": "Finance"}, {"active": False}):
        with pytest.raises(IllegalStateError, match="last active Admin"):
            _update(HOUSE, key, changes)
    with pytest.raises(IllegalStateError, match="last active Admin"):
        _as(HOUSE, lambda session: accounts.delete_user(session, NOW, key))


def test_only_what_is_listed_changes() -> None:
    key = _create()
    with pytest.raises(BadInputError, match="password"):
        _update(HOUSE, key, {"password": "x"})


def test_a_change_of_role_needs_fitting_merchants(world: World) -> None:
    key = _create()
    with pytest.raises(BadInputError, match="at least one"):
        _update(HOUSE, key, {"role": "Merchant owner"})
    both = {"role": "Merchant owner", "merchant_ids": [world.acme]}
    _update(HOUSE, key, both)
    assert _memberships(key) == [world.acme]
    with pytest.raises(BadInputError, match="belongs to the house"):
        _update(HOUSE, key, {"role": "Finance"})


def test_sign_ins_are_counted_and_a_success_forgives() -> None:
    key = _create()
    for succeeded in (False, False, True):
        with db.unit_of_work(HOUSE) as session:
            accounts.record_sign_in(session, NOW, user_id=key, succeeded=succeeded)
    assert (_user(key).login_count, _user(key).fail_login_count) == (1, 0)
    assert _user(key).last_login == NOW.replace(tzinfo=None)


def test_without_roles_nobody_is_made() -> None:
    with db.unit_of_work(HOUSE) as session:
        for role in people.roles(session):
            session.delete(role)
    with pytest.raises(IllegalStateError, match="seed"):
        _create()
