"""The session guard, attacked on MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased, make_transient

from app.adapters import clock, db
from app.domain.actors import Actor
from app.errors import TenancyError
from app.models import (
    Capability,
    ConnectorAccount,
    LedgerAccount,
    Merchant,
    Outbox,
    Payment,
    PriceList,
)
from tests.services import flows

if TYPE_CHECKING:
    from tests.fixtures.application import World


@pytest.fixture
def payment_id(world: World) -> str:
    """A payment of globex that was asked for and not sent."""
    return flows.pay(world.stranger(), world.globex, run=False)


def test_select_sees_own_rows_only(world: World, payment_id: str) -> None:
    assert payment_id
    with db.reading(world.owner()) as session:
        assert session.scalars(select(Payment)).all() == []
        assert session.scalars(select(aliased(Payment))).all() == []
        assert {row.merchant_id for row in session.scalars(select(PriceList))} == {world.acme}
        assert [row.key for row in session.scalars(select(Merchant))] == ["acme"]
        assert session.execute(select(Payment.public_id)).all() == []


def test_the_other_book_is_not_seen(world: World, payment_id: str) -> None:
    with db.reading(world.stranger(livemode=True)) as session:
        assert session.scalars(select(Payment)).all() == []
    with db.reading(world.staff(livemode=True)) as session:
        assert session.scalars(select(Payment)).all() == []
    with db.reading(world.staff()) as session:
        assert [row.public_id for row in session.scalars(select(Payment))] == [payment_id]


def test_nobody_sees_anything(world: World, payment_id: str) -> None:
    assert world.acme
    assert payment_id
    for actor in (None, Actor.none()):
        with db.reading(actor) as session:
            for model in (Payment, Outbox, LedgerAccount, Merchant, ConnectorAccount, Capability):
                assert session.scalars(select(model)).all() == []


def test_house_tables_are_closed_to_merchants(world: World, payment_id: str) -> None:
    assert payment_id
    with db.reading(world.stranger()) as session:
        assert session.scalars(select(Outbox)).all() == []
        assert session.scalars(select(ConnectorAccount)).all() == []


def test_update_and_delete_by_criteria_touch_own_rows_only(world: World, payment_id: str) -> None:
    with db.unit_of_work(world.owner()) as session:
        session.execute(update(Payment).values(description="stolen"))
        session.execute(delete(PriceList).where(PriceList.merchant_id == world.globex))
    assert flows.read(world.stranger(), payment_id).description == ""
    with db.reading(world.stranger()) as session:
        assert len(session.scalars(select(PriceList)).all()) == 3


def test_writing_for_another_merchant_is_refused(world: World, payment_id: str) -> None:
    stolen = flows.read(world.stranger(), payment_id)
    make_transient(stolen)
    stolen.id, stolen.public_id, stolen.page_token = 999_999, "pay_stolen", "stolen"
    with (
        pytest.raises(TenancyError, match="acme-owner may not change this Payment"),
        db.unit_of_work(world.owner()) as session,
    ):
        session.add(stolen)


def test_a_row_cannot_be_moved_to_another_merchant(world: World, payment_id: str) -> None:
    with pytest.raises(TenancyError), db.unit_of_work(world.staff()) as session:
        row = session.scalars(select(Payment).where(Payment.public_id == payment_id)).one()
        row.merchant_id = world.acme


def test_merchants_cannot_change_house_rows_they_added(world: World) -> None:
    with pytest.raises(TenancyError), db.unit_of_work(world.owner()) as session:
        session.add(
            ConnectorAccount(
                public_id="ca_x",
                livemode=False,
                merchant_id=world.acme,
                connector="sandbox",
                name="mine",
                base_url="",
                credentials="{}",
                enabled=True,
                created_at=clock.now(),
            )
        )


def test_a_reading_session_refuses_changes(world: World, payment_id: str) -> None:
    with db.reading(world.stranger()) as session:
        row = session.scalars(select(Payment).where(Payment.public_id == payment_id)).one()
        row.description = "changed"
        with pytest.raises(TenancyError, match="only reads"):
            session.flush()
