from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.money import Money
from app.errors import BadInputError, IllegalStateError, NotFoundError
from app.models import AmountLimit, Merchant
from app.queries import records as rows
from app.services import merchants, records
from app.services.approvals import limits
from app.services.records import ConflictError
from tests.services.approvals import people

if TYPE_CHECKING:
    from tests.fixtures.application import World


def _key() -> int:
    found = people.limit()
    assert found is not None
    return found.id


def _remove() -> str:
    with db.unit_of_work(people.COMPLIANCE) as session:
        return limits.ask(session, clock.now(), "delete", _key(), {}, "not needed").public_id


def _set_beside(world: World, most_minor: int) -> None:
    """Set the limit as a command of the house does, which no second person sees."""
    with db.unit_of_work(world.staff()) as session:
        (merchant,) = rows.by_keys(session, Merchant, [world.acme])
        merchants.limit(session, clock.now(), merchant, "card", Money(most_minor, "EUR"))


def test_a_limit_comes_changes_and_goes_by_two_people(world: World) -> None:
    request = people.ask_limit(world, 500_00)
    assert people.limit() is None
    made = people.approve(people.COMPLIANCE_2, request).result_id
    assert people.traces(made) == ["amount_limit.create"]
    people.approve(people.COMPLIANCE_2, people.ask_limit(world, 750_00, _key()))
    changed = people.limit()
    assert changed is not None
    assert (changed.public_id, changed.max_minor) == (made, 750_00)
    people.approve(people.COMPLIANCE_2, _remove())
    assert people.limit() is None
    assert people.traces(made) == [
        f"amount_limit.{each}" for each in ("create", "update", "delete")
    ]


def test_the_request_says_before_and_after(world: World) -> None:
    people.set_limit(world, 500_00)
    row = people.read(people.ask_limit(world, 750_00, _key()))
    assert row.sentence == (
        "Change the limit of a single payment of Acme by card from 500.00 EUR to 750.00 EUR"
    )
    payload = json.loads(row.payload)
    assert payload["before"] == {"max_minor": 500_00, "currency": "EUR"}
    assert payload["after"] == {"max_minor": 750_00, "currency": "EUR"}


def test_one_change_of_a_limit_waits_at_a_time(world: World) -> None:
    first = people.ask_limit(world, 500_00)
    with pytest.raises(IllegalStateError, match=first):
        people.ask_limit(world, 400_00)
    people.approve(people.COMPLIANCE_2, first)
    second = people.ask_limit(world, 400_00, _key())
    with pytest.raises(IllegalStateError, match=second):
        _remove()


def test_a_change_lapses_where_the_limit_was_changed_meanwhile(world: World) -> None:
    people.set_limit(world, 500_00)
    request = people.ask_limit(world, 750_00, _key())
    with db.unit_of_work(people.COMPLIANCE) as session:
        records.update(session, clock.now(), AmountLimit, _key(), {"max_minor": 1_00})
    assert not people.approve(people.COMPLIANCE_2, request).is_done
    found = people.limit()
    assert found is not None
    assert found.max_minor == 1_00


def test_a_new_limit_lapses_where_there_is_one_by_now(world: World) -> None:
    request = people.ask_limit(world, 500_00)
    _set_beside(world, 1_00)
    assert not people.approve(people.COMPLIANCE_2, request).is_done
    with pytest.raises(ConflictError):
        people.ask_limit(world, 500_00)


def test_what_is_no_change_is_not_asked_for(world: World) -> None:
    people.set_limit(world, 500_00)
    for wrong in (500_00, 0):
        with pytest.raises(BadInputError) as caught:
            people.ask_limit(world, wrong, _key())
        assert caught.value.place == "max_minor"
    with pytest.raises(NotFoundError):
        people.ask_limit(world, 1_00, 10**9)
    with db.reading(people.OPERATIONS) as session:
        assert len(session.scalars(select(AmountLimit)).all()) == 1
