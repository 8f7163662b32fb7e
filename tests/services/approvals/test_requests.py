from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.errors import BadInputError, CardNumberRefusedError, ForbiddenError, IllegalStateError
from app.queries import approvals
from app.queries.approvals import ApprovalFilter
from app.queries.listing import Window
from app.services.approvals import digest_of, request
from tests.services import flows
from tests.services.approvals import people

if TYPE_CHECKING:
    from datetime import datetime

    from tests.fixtures.application import World


def ask(
    actor: Actor,
    merchant_id: int | None,
    *,
    command: str = "desk.resolve",
    object_id: str = "case_1",
    reason: str = "the payer called",
    facts: str = "open",
    now: datetime | None = None,
) -> str:
    """Ask for the end of a case at the desk, which nothing carries out here."""
    with db.unit_of_work(actor) as session:
        return request(
            session,
            now or clock.now(),
            command=command,
            object_type="desk_case",
            object_id=object_id,
            object_digest=digest_of(facts),
            payload={"b": 2, "a": "ü"},
            sentence="Accept 12.00 EUR",
            reason=reason,
            merchant_id=merchant_id,
            amount=Money(12_00, "EUR"),
        ).public_id


def test_a_request_is_kept_with_all_that_it_needs(world: World) -> None:
    row = people.read(ask(people.OPERATIONS, world.acme))
    assert (row.state, row.command, row.object_id) == ("waiting", "desk.resolve", "case_1")
    assert (row.maker_user_id, row.maker_label) == (people.OPERATIONS.user_id, "operations")
    assert (row.amount_minor, row.currency) == (12_00, "EUR")
    assert json.loads(row.payload) == {"a": "ü", "b": 2}
    assert row.lapses_at - row.created_at == timedelta(days=7)
    assert people.traces(row.public_id) == ["approvals.request"]


def test_the_same_is_asked_for_once_at_a_time(world: World) -> None:
    first = ask(people.OPERATIONS, world.acme)
    with pytest.raises(IllegalStateError, match=f"{first} by operations waits") as caught:
        ask(people.FINANCE, world.acme)
    assert caught.value.data["request"] == first
    others = ask(people.FINANCE, world.acme, object_id="case_2")
    another = ask(people.FINANCE, world.acme, command="operation.end_unknown")
    assert len({first, others, another}) == 3


def test_the_books_do_not_stand_in_each_others_way(world: World) -> None:
    ask(people.OPERATIONS, world.acme)
    assert ask(world.staff(livemode=True), world.acme)


def test_what_nobody_could_approve_any_more_makes_room(world: World) -> None:
    long_ago = clock.now() - timedelta(days=8)
    late = ask(people.OPERATIONS, world.acme, now=long_ago)
    changed = ask(people.OPERATIONS, world.acme)
    last = ask(people.FINANCE, world.acme, facts="another")
    assert [people.read(each).state for each in (late, changed, last)] == [
        "lapsed",
        "lapsed",
        "waiting",
    ]
    assert people.traces(changed) == ["approvals.request", "approvals.lapse"]


def test_who_may_not_ask_is_refused(world: World) -> None:
    for actor in (people.COMPLIANCE, world.owner()):
        with pytest.raises(ForbiddenError, match="Your role may not ask"):
            ask(actor, world.acme)
    with pytest.raises(ForbiddenError, match="Only a person"):
        ask(Actor.house(livemode=False, label="seed"), None)


@pytest.mark.parametrize(
    "reason,error",
    [
        ("  ", BadInputError),
        ("x" * 201, BadInputError),
        ("card 4242424242424242", CardNumberRefusedError),
    ],
)
def test_a_reason_is_needed(world: World, reason: str, error: type[BadInputError]) -> None:
    with pytest.raises(error) as caught:
        ask(people.OPERATIONS, world.acme, reason=reason)
    assert caught.value.place == "reason"


def test_merchants_see_their_own_and_of_it_what_they_can_ask_for(sandbox_world: World) -> None:
    world = sandbox_world
    own = people.ask_refund(world.owner(), people.paid(world))
    house = ask(people.OPERATIONS, world.acme)
    theirs = flows.pay(world.stranger(), world.globex, amount_minor=5_000_00)
    foreign = people.ask_refund(people.OPERATIONS, theirs)
    for actor, seen in (
        (world.owner(), {own}),
        (world.stranger(), {foreign}),
        (people.OPERATIONS, {own, house, foreign}),
        (world.staff(livemode=True), set()),
    ):
        with db.reading(actor) as session:
            found = approvals.page(session, ApprovalFilter(), Window()).rows
            assert {row.public_id for row in found} == seen
            assert approvals.count(session, ApprovalFilter()) == len(seen)
            gotten = {each for each in (own, house, foreign) if approvals.get(session, each)}
            assert gotten == seen


def test_the_update_itself_passes_the_maker_by(world: World) -> None:
    row = people.read(ask(people.OPERATIONS, world.acme))
    with db.unit_of_work(people.OPERATIONS) as session:
        maker = (row.maker_user_id, row.maker_label)
        assert not approvals.end(session, row.id, approvals.APPROVED, clock.now(), checker=maker)
    assert people.read(row.public_id).state == "waiting"
