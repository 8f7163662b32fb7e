"""Claiming a case: of several at once one has it, and everybody else is told who."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.errors import ForbiddenError, IllegalStateError, NotFoundError
from app.models import AuditEntry
from app.services import desk
from tests.services import cases

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World

AT_ONCE = 8
KINDS = ("over_paid",)


def person(number: int) -> Actor:
    return Actor.staff(number, False, f"person-{number}", ROLES[RoleName.OPERATIONS])


def claim(case: str, actor: Actor) -> str | None:
    with db.unit_of_work(actor) as session:
        return desk.claim(session, clock.now(), case).claimed_label


def release(case: str, actor: Actor) -> None:
    with db.unit_of_work(actor) as session:
        desk.release(session, clock.now(), case)


def traces(world: World) -> list[str]:
    with db.reading(world.staff()) as session:
        found = session.query(AuditEntry).filter_by(object_type="desk_case")
        return [entry.action for entry in found.order_by(AuditEntry.id)]


@pytest.fixture
def case(world: World) -> str:
    """An open case, by its id."""
    cases.over_paid(world)
    return cases.the_open_one(world).public_id


def test_of_several_at_once_one_has_it(context: Flask, world: World, case: str) -> None:
    @db.retry_when_busy
    def ask(number: int) -> str | None:
        with context.app_context():
            try:
                return claim(case, person(number))
            except IllegalStateError:
                return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        winners = [label for label in pool.map(ask, range(1, AT_ONCE + 1)) if label]
    assert winners == [cases.the_open_one(world).claimed_label]
    assert traces(world) == ["desk.claim"]


def test_who_comes_later_is_told_who_has_it(case: str) -> None:
    claim(case, person(1))
    with pytest.raises(IllegalStateError, match="person-1 has claimed"):
        claim(case, person(2))


def test_a_colleague_gives_it_back_and_it_is_free_again(world: World, case: str) -> None:
    claim(case, person(1))
    release(case, person(2))
    assert claim(case, person(2)) == "person-2"
    assert traces(world) == ["desk.claim", "desk.release", "desk.claim"]


def test_what_nobody_has_cannot_be_given_back(case: str) -> None:
    with pytest.raises(IllegalStateError, match="Nobody has claimed"):
        release(case, person(1))


def test_an_ended_case_and_none_at_all_are_not_claimed(world: World, case: str) -> None:
    with db.unit_of_work(world.staff()) as session:
        desk.end_by_itself(session, clock.now(), cases.the_open_one(world).operation_id or 0, KINDS)
    with pytest.raises(IllegalStateError, match="ended already"):
        claim(case, person(1))
    with pytest.raises(NotFoundError):
        claim("case_00000000000000000000000000", person(1))


def test_no_process_claims_a_case(world: World, case: str) -> None:
    with pytest.raises(ForbiddenError):
        claim(case, Actor.system(world.acme, False, "a task"))
