"""A merchant who owes us is on the desk once, for as long as the debt lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.models import DeskCase
from app.queries import outbox
from app.services import desk_resolutions
from app.services.desk_debts import run
from app.services.outbox import enqueue
from tests.services import flows
from tests.services.releasing import let_all_be_due, release

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

OWED = 150
"""The fee of 60.00 EUR that were refunded in full."""
HOUSE = Actor.house(None, "test")


def owe(world: World) -> None:
    """A payment is refunded in full, and its fee stays."""
    payment = flows.pay(world.owner(), world.acme)
    flows.refund(world.owner(), world.acme, payment)


def earn(world: World, engine: Engine) -> str:
    """A payment becomes available and covers what is owed."""
    payment = flows.pay(world.owner(), world.acme)
    let_all_be_due(engine)
    release(world)
    return payment


def look() -> None:
    """Do the recurring task."""
    with db.unit_of_work(HOUSE) as session:
        key = new_id("req", clock.now())
        enqueue(
            session,
            clock.now(),
            queue="default",
            kind="desk.debts",
            ref="desk.debts",
            job_key=key,
            merchant_id=None,
            livemode=False,
        )
        session.flush()
        lease = outbox.lease_now(session, key, "test", 25)
    assert lease is not None
    run(lease)


def cases(world: World) -> list[tuple[str, str, int | None, str | None]]:
    with db.reading(world.staff()) as session:
        found = session.query(DeskCase).order_by(DeskCase.id)
        return [(each.kind, each.state, each.amount_minor, each.resolution) for each in found]


def dismiss(world: World) -> None:
    with db.unit_of_work(world.staff()) as session:
        case = session.query(DeskCase).filter_by(state="open").one().public_id
        desk_resolutions.resolve(
            session, clock.now(), case, "dismiss", "agreed", approval=new_id("apr", clock.now())
        )


def test_a_debt_is_one_case_until_it_is_covered(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    look()
    assert cases(sandbox_world) == []
    owe(sandbox_world)
    look()
    look()
    assert cases(sandbox_world) == [("negative_balance", "open", OWED, None)]
    owe(sandbox_world)
    look()
    assert cases(sandbox_world) == [("negative_balance", "open", 2 * OWED, None)]
    earn(sandbox_world, migrator_engine)
    look()
    assert cases(sandbox_world) == [("negative_balance", "resolved", 2 * OWED, "by_itself")]


def test_what_people_ended_stays_so_until_the_next_debt(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    owe(sandbox_world)
    look()
    dismiss(sandbox_world)
    owe(sandbox_world)
    look()
    assert [state for _, state, _, _ in cases(sandbox_world)] == ["resolved"]
    earned = earn(sandbox_world, migrator_engine)
    flows.refund(sandbox_world.owner(), sandbox_world.acme, earned)
    look()
    assert [state for _, state, _, _ in cases(sandbox_world)] == ["resolved", "open"]
