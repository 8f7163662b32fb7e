from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import db
from app.domain.actors import Actor
from app.errors import TenancyError
from app.models import Payment
from app.queries import audit
from app.queries.listing import Window
from app.services.unscoped import unscoped
from tests.fixtures.application import NOW
from tests.services import flows

if TYPE_CHECKING:
    from tests.fixtures.application import World

HOUSE = Actor.house(None, "proof")


def _pay_both(world: World) -> None:
    flows.pay(world.owner(), world.acme, run=False)
    flows.pay(world.stranger(), world.globex, run=False)


def test_it_reads_every_merchants_rows_and_leaves_one_entry(world: World) -> None:
    _pay_both(world)
    with db.reading(HOUSE) as session:
        assert session.scalars(select(Payment)).all() == []
    with unscoped(HOUSE, NOW, "a proof") as session:
        merchants = {payment.merchant_id for payment in session.scalars(select(Payment))}
    assert merchants == {world.acme, world.globex}
    with db.reading(world.staff()) as session:
        wanted = audit.AuditFilter(action="books.read_all")
        (entry,) = audit.page(session, wanted, Window(limit=10)).rows
    assert (entry.actor_label, entry.sentence) == ("proof", "Read all merchants' rows: a proof")


def test_it_refuses_changes(world: World) -> None:
    _pay_both(world)
    with unscoped(HOUSE, NOW, "a proof") as session:
        payment = session.scalars(select(Payment)).first()
        assert payment is not None
        payment.description = "changed"
        with pytest.raises(TenancyError):
            session.flush()


def test_it_reads_one_moment(world: World) -> None:
    with unscoped(HOUSE, NOW, "a proof") as session:
        assert session.scalars(select(Payment)).all() == []
        _pay_both(world)
        assert session.scalars(select(Payment)).all() == []
