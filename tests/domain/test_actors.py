from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from app.domain.actors import Actor, ActorKind
from app.domain.permissions import Permission

READ = frozenset({Permission.PAYMENTS_READ})
NOBODY = Actor.none()
OWNER = Actor.merchant(1, livemode=False, user_id=7, label="acme-owner", permissions=READ)
KEY = Actor.merchant(1, livemode=True, user_id=None, label="sk_live_…", permissions=READ)
STAFF = Actor.staff(8, livemode=False, label="operations", permissions=READ)
SYSTEM = Actor.system(1, livemode=False, label="outbox")
HOUSE = Actor.house(None, "sweeper")


def test_actors_say_who_they_are() -> None:
    kinds = [actor.kind for actor in (NOBODY, OWNER, KEY, STAFF, SYSTEM, HOUSE)]

    assert kinds == ["none", "merchant", "merchant", "staff", "system", "house"]
    assert (OWNER.merchant_id, OWNER.livemode, OWNER.user_id) == (1, False, 7)
    assert (STAFF.merchant_id, STAFF.livemode, STAFF.user_id) == (None, False, 8)
    assert (SYSTEM.merchant_id, SYSTEM.livemode, SYSTEM.user_id) == (1, False, None)
    assert (HOUSE.merchant_id, HOUSE.livemode, HOUSE.user_id) == (None, None, None)
    assert Actor.house(livemode=True, label="sealer").livemode is True


def test_only_people_and_keys_hold_permissions() -> None:
    assert OWNER.may(Permission.PAYMENTS_READ)
    assert not OWNER.may(Permission.PAYMENTS_REFUND)
    for actor in (NOBODY, SYSTEM, HOUSE):
        assert not any(actor.may(permission) for permission in Permission)


@pytest.mark.parametrize(
    "actor, change, fault",
    [
        (NOBODY, {"livemode": False}, "it has no book"),
        (NOBODY, {"merchant_id": 1}, "merchant_id"),
        (NOBODY, {"user_id": 1}, "user_id is too much"),
        (NOBODY, {"permissions": READ}, "it holds permissions"),
        (OWNER, {"merchant_id": None}, "merchant_id"),
        (OWNER, {"livemode": None}, "needs a book"),
        (OWNER, {"livemode": 1}, "no truth value"),
        (OWNER, {"label": ""}, "label is empty"),
        (STAFF, {"merchant_id": 1}, "merchant_id"),
        (STAFF, {"livemode": None}, "needs a book"),
        (STAFF, {"user_id": None}, "user_id is missing"),
        (SYSTEM, {"merchant_id": None}, "merchant_id"),
        (SYSTEM, {"livemode": None}, "needs a book"),
        (SYSTEM, {"user_id": 7}, "user_id is too much"),
        (SYSTEM, {"permissions": READ}, "it holds permissions"),
        (HOUSE, {"merchant_id": 1}, "merchant_id"),
        (HOUSE, {"user_id": 7}, "user_id is too much"),
        (HOUSE, {"permissions": READ}, "it holds permissions"),
    ],
    ids=str,
)
def test_impossible_actors_cannot_be_made(actor: Actor, change: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        replace(actor, **change)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"kind merchant: it needs a book; merchant_id is missing"):
        Actor(ActorKind.MERCHANT, None, None, None, "x", frozenset())


def test_an_actor_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        STAFF.merchant_id = 1  # type: ignore[misc]  # the attack itself
