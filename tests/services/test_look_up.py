"""A person, or the payer's return, asks the provider at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.errors import BadInputError, IllegalStateError, NotFoundError
from app.queries import audit, jobs
from app.queries.audit import AuditFilter
from app.queries.jobs import TaskFilter
from app.queries.listing import Window
from app.services import look_up
from app.services.operations import MONEY_QUEUE
from tests.services import flows

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.services.look_up import LookUp
    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer


def ask(actor: Actor, payment: str) -> LookUp:
    with db.unit_of_work(actor) as session:
        return look_up.ask(session, clock.now(), payment)


def test_an_open_payment_gets_its_outcome(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    world = sandbox_world
    payment = flows.pay(world.owner(), world.acme, token="tok_challenge")
    (operation,) = flows.read_operations(world.staff(), payment)
    sandbox_server.answer_challenge(operation.provider_reference or "", "decline")
    look_up.run(ask(world.staff(), payment))
    assert flows.read(world.staff(), payment).status == "failed"


def test_who_asked_is_kept(sandbox_world: World) -> None:
    world = sandbox_world
    payment = flows.pay(world.owner(), world.acme, token="tok_challenge")
    ask(world.staff(), payment)
    with db.reading(world.staff()) as session:
        wanted = AuditFilter(action="payments.look_up")
        (entry,) = audit.page(session, wanted, Window()).rows
    assert (entry.actor_label, entry.object_id) == ("operations", payment)


def test_nothing_is_asked_of_a_payment_that_is_over(sandbox_world: World) -> None:
    world = sandbox_world
    payment = flows.pay(world.owner(), world.acme)
    assert look_up.is_open(flows.read_operations(world.staff(), payment)) is False
    with pytest.raises(IllegalStateError):
        ask(world.staff(), payment)


def test_another_merchants_payment_is_not_found(sandbox_world: World) -> None:
    world = sandbox_world
    payment = flows.pay(world.owner(), world.acme, token="tok_challenge")
    with pytest.raises(NotFoundError):
        ask(world.stranger(), payment)


def test_a_second_look_at_once_does_no_harm(sandbox_world: World) -> None:
    world = sandbox_world
    payment = flows.pay(world.owner(), world.acme, token="tok_challenge")
    asked = ask(world.staff(), payment)
    look_up.run(asked)
    look_up.run(asked)
    assert flows.read(world.staff(), payment).status == "requires_action"


def test_several_payments_are_left_to_the_workers_at_once(sandbox_world: World) -> None:
    world = sandbox_world
    open_ones = [flows.pay(world.owner(), world.acme, token="tok_challenge") for _ in range(2)]
    ended = flows.pay(world.owner(), world.acme)
    with db.unit_of_work(world.staff()) as session:
        asked = look_up.ask_all(session, clock.now(), [*open_ones, ended, open_ones[0]])
        woken = session.info["woken"]
    assert (asked, woken) == (2, {"money"})
    with db.reading(world.staff()) as session:
        entries = audit.page(session, AuditFilter(action="payments.look_up"), Window()).rows
        due = jobs.page(session, TaskFilter(state="waiting"), Window()).rows
    assert sorted(entry.object_id for entry in entries) == sorted(open_ones)
    money = [task for task in due if task.queue == MONEY_QUEUE]
    assert len([task for task in money if task.run_at <= clock.now()]) == 2


@pytest.mark.parametrize("count", [0, look_up.MOST_AT_ONCE + 1])
def test_too_many_payments_or_none_are_refused(world: World, count: int) -> None:
    wanted = [f"pay_{number}" for number in range(count)]
    with db.unit_of_work(world.staff()) as session, pytest.raises(BadInputError):
        look_up.ask_all(session, clock.now(), wanted)


def test_payments_that_are_over_or_of_others_are_not_asked(sandbox_world: World) -> None:
    world = sandbox_world
    ended = flows.pay(world.owner(), world.acme)
    with db.unit_of_work(world.staff()) as session, pytest.raises(IllegalStateError):
        look_up.ask_all(session, clock.now(), [ended])
    with db.unit_of_work(world.stranger()) as session, pytest.raises(NotFoundError):
        look_up.ask_all(session, clock.now(), [ended])
