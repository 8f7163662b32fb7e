"""What tests do with lots: let them be due, release them as the worker does, look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.jobs.handlers import HANDLERS
from app.models import Lot, Payment
from app.services import leases, recurring

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World


def let_all_be_due(engine: Engine, where: str = "1 = 1") -> None:
    """Let the date of held lots have come."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE lot SET release_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE"
            f" WHERE state = 'held' AND {where}"
        )


def release(world: World) -> None:
    """Let one round of the recurring task be done, and what it asked for."""
    assert world
    with db.unit_of_work(Actor.house(None, "test")) as session:
        recurring.plan(session, clock.now())
    due_now()
    leases.drain("default", HANDLERS)
    leases.drain("default", HANDLERS)


def due_now() -> None:
    """Let the recurring look be due, whenever it ran last."""
    with db.unit_of_work(Actor.house(None, "test")) as session:
        session.connection().exec_driver_sql(
            "UPDATE outbox SET run_at = UTC_TIMESTAMP(6), state = 'waiting', attempt = 0"
            " WHERE kind = 'settlement.look'"
        )


def lots_of(world: World, payment: str) -> list[Lot]:
    """Return a payment's lots, oldest first."""
    with db.reading(world.staff()) as session:
        found = select(Lot).join(Payment, Payment.id == Lot.payment_id)
        found = found.where(Payment.public_id == payment).order_by(Lot.id)
        return list(session.scalars(found))
