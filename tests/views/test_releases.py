"""The screen of what becomes available: by date, what is left of it, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.models import LedgerAccount, Lot, SettlementSchedule
from app.queries import releases
from app.queries.listing import Window
from app.queries.releases import ReleaseFilter
from tests.fixtures.application import NOW
from tests.services import flows
from tests.services.telling import Provider, provider
from tests.views.markup import faults

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.views.desk import Desk

__all__ = ["provider"]
pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def reserve(desk: Desk) -> None:
    """Keep a tenth of what acme takes for thirty days."""
    with db.unit_of_work(desk.world.staff()) as session:
        session.add(
            SettlementSchedule(
                public_id="sch_1",
                merchant_id=desk.world.acme,
                livemode=False,
                release_days=2,
                calendar="DE",
                reserve_bps=1000,
                reserve_days=30,
                created_at=NOW,
            )
        )


def take(desk: Desk, provider: Provider, reference: str) -> str:
    """Let a payment of 60.00 EUR be captured."""
    payment = flows.pay(desk.world.owner(), desk.world.acme, reference=reference, run=False)
    provider.tell(provider.charge(payment))
    return payment


def set_dates(engine: Engine) -> None:
    """Let the lots be released in the order of their ids, a day apart."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE lot SET release_at = '2030-01-01' + INTERVAL (id - (SELECT low FROM"
            " (SELECT MIN(id) AS low FROM lot) AS least)) DAY"
        )


@pytest.mark.usefixtures("reserve")
def test_the_nearest_date_comes_first_with_what_is_left_of_it(
    desk: Desk, provider: Provider, migrator_engine: Engine
) -> None:
    first, second = take(desk, provider, "order-1"), take(desk, provider, "order-2")
    set_dates(migrator_engine)
    flows.refund(desk.world.owner(), desk.world.acme, first, 1000, run=False)
    with db.reading(desk.world.staff()) as session:
        rows = releases.page(session, ReleaseFilter(), Window()).rows
        pages = releases.page(session, ReleaseFilter(), Window(limit=3))
        rest = releases.page(session, ReleaseFilter(), Window(older=pages.older or "", limit=3))
        held = -sum(flows.balances(desk.world.owner())[code] for code in _codes(desk))
    assert [(row.payment_public_id, row.kind) for row in rows] == [
        (payment, kind) for payment in (first, second) for kind in ("pending", "reserve")
    ]
    assert [(row.amount_minor, row.left_minor) for row in rows] == [
        (5250, 4850),
        (600, 0),
        (5250, 5250),
        (600, 600),
    ]
    assert sum(row.left_minor for row in rows) == held
    assert [*pages.rows, *rest.rows] == rows


def _codes(desk: Desk) -> list[str]:
    found = flows.balances(desk.world.owner())
    return [code for code in found if code.split(":")[-2] in {"pending", "reserve"}]


@pytest.mark.usefixtures("reserve")
def test_it_is_narrowed_handed_out_and_reached(desk: Desk, provider: Provider) -> None:
    payment, finance = take(desk, provider, "order-1"), desk.person("finance")
    text = finance.get("/releases/?kind=reserve&merchant=acme&currency=eur&from=2020-01-01")
    rows = text.partition('class="picks')[2] or text.rpartition("<tbody>")[2]
    assert f"/payments/{payment}" in text
    assert "6.00" in rows
    assert "52.50" not in rows
    assert faults(text) == []
    for query in ("merchant=globex", "currency=USD", "to=2020-01-01"):
        assert "Nothing matches" in finance.get(f"/releases/?{query}")
    finance.get("/releases/?kind=nonsense", 400)
    head, *lines = finance.post("/releases/export.csv", finance.csrf()).text.splitlines()
    assert "To release" in head
    assert sorted(line.rsplit(",", 2)[1] for line in lines) == ["52.50", "6.00"]
    with db.reading(desk.world.staff()) as session:
        account = session.query(LedgerAccount).filter(LedgerAccount.code.like("%:reserve")).one()
    page = finance.get(f"/ledger/accounts/{account.public_id}")
    merchant = account.code.split(":")[1]
    assert f"/releases/?merchant={merchant}&kind=reserve&currency=EUR" in page
    assert f"/payments/{payment}" in finance.get(f"/releases/?merchant={merchant}&kind=reserve")


def test_a_merchant_sees_its_own_and_what_a_dispute_stops(desk: Desk, provider: Provider) -> None:
    payment, owner = take(desk, provider, "order-1"), desk.person("acme-owner")
    charge = provider.charge(payment)
    provider.tell(provider.dispute(charge, "open"))
    assert 'href="/releases/"' in owner.get("/").partition('id="balance"')[2]
    text = owner.get("/releases/")
    assert f"/payments/{payment}" in text
    assert "An open dispute" in text
    assert "Nothing waits to be released" in desk.person("globex-owner").get("/releases/")
    desk.person("acme-clerk").get("/releases/", 403)
    with db.reading(desk.world.stranger()) as session:
        assert session.query(Lot).count() == 0
