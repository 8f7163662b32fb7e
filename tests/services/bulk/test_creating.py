from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.adapters import db, queue
from app.domain.actors import Actor
from app.domain.money import Money
from app.errors import CapabilityMissingError, LimitExceededError
from app.models import Attempt, AuditEntry, Operation, Outbox, Payment
from app.services import payments, routing
from app.services.bulk import creating
from app.services.payments import NewPayment
from tests.fixtures.application import NOW
from tests.services.families import wish

if TYPE_CHECKING:
    import pytest
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from tests.fixtures.application import World

# Ids, secrets and what points to them differ by nature; the run_at by the one wake-up for all.
OWN = {
    "id",
    "public_id",
    "page_token",
    "return_nonce",
    "payment_id",
    "attempt_id",
    "provider_key",
    "ref",
    "job_key",
    "object_id",
    "run_at",
}
ASKED = [
    NewPayment(
        amount=Money(1050 + number, currency),
        method="card",
        reference=f"order-{number}",
        origin="bulk",
        card_token="tok_approve",
        capture=capture,
        customer_name=name,
        customer_email=f"{name}@example.com" if name else "",
        customer_phone="",
        description="chairs",
        metadata={"room": str(number)},
    )
    for number, (currency, capture, name) in enumerate(
        [("EUR", "automatic", "josé"), ("JPY", "manual", ""), ("INR", "automatic", "maria")]
    )
]


def written(session: Session) -> list[list[dict[str, Any]]]:
    tables = []
    for model in (Payment, Attempt, Operation, Outbox, AuditEntry):
        rows = session.scalars(select(model).order_by(model.id)).all()
        names = [column.key for column in model.__mapper__.column_attrs if column.key not in OWN]
        tables.append([{name: getattr(row, name) for name in names} for row in rows])
    return tables


def test_many_at_once_write_what_one_by_one_write(world: World) -> None:
    found = []
    for at_once in (True, False):
        routes = routing.routes(livemode=False)
        actor = Actor.system(world.acme, livemode=False, label="upload")
        session = db.new_session(actor, write=True)
        if at_once:
            creating.create_all(session, NOW, world.acme, ASKED, routes)
        else:
            for each in ASKED:
                payments.create(session, NOW, world.acme, each, routes.choose(each.method))
        found.append(written(session))
        session.rollback()
        session.close()
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [3, 3, 3, 3, 3]


def test_every_family_is_written_alike_at_once_and_one_by_one(families: World) -> None:
    asked = [
        wish("upi", "qr", currency="INR", origin="bulk", reference="u"),
        wish("crypto", "BTC", origin="bulk", reference="c", details={"refund_address": "bc1q"}),
        wish("apm", "ideal", origin="bulk", reference="a"),
    ]
    routes = routing.routes(livemode=False)
    found = []
    for at_once in (True, False):
        actor = Actor.system(families.acme, livemode=False, label="upload")
        session = db.new_session(actor, write=True)
        if at_once:
            assert creating.refusals(session, NOW, families.acme, asked, routes) == {}
            creating.create_all(session, NOW, families.acme, asked, routes)
        else:
            for each in asked:
                route = routes.choose(each.method, each.method_name, each.amount.currency)
                payments.create(session, NOW, families.acme, each, route)
        found.append(written(session))
        session.rollback()
        session.close()
    assert found[0] == found[1]
    assert [row["method_name"] for row in found[0][1]] == ["qr", "BTC", "ideal"]
    assert all(row["expires_at"] for row in found[0][0])


def test_each_row_points_to_its_own_payment(world: World) -> None:
    routes = routing.routes(livemode=False)
    with db.unit_of_work(world.owner()) as session:
        creating.create_all(session, NOW, world.acme, ASKED, routes)
        rows = session.execute(
            select(Payment.reference, Operation.amount_minor)
            .join(Attempt, Attempt.payment_id == Payment.id)
            .join(Operation, Operation.attempt_id == Attempt.id)
            .order_by(Payment.id)
        ).all()
    assert [tuple(row) for row in rows] == [("order-0", 1050), ("order-1", 1051), ("order-2", 1052)]


def test_the_workers_are_woken_once_for_a_hundred(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(queue, "wake", woken.append)
    routes = routing.routes(livemode=False)
    asked = [ASKED[0]] * 101
    with db.unit_of_work(world.owner()) as session:
        creating.create_all(session, NOW, world.acme, asked, routes)
        assert woken == []
    assert woken == ["money", "money"]


def test_refusals_are_found_row_by_row(world: World, migrator_engine: Engine) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO amount_limit (public_id, merchant_id, livemode, kind, currency, "
            "max_minor, created_at) VALUES ('lim_1', %s, 0, 'card', 'EUR', 1050, '2026-03-01')",
            (world.acme,),
        )
    routes = routing.routes(livemode=False)
    over = NewPayment(
        amount=Money(1051, "EUR"), method="card", reference="x", origin="bulk", card_token="t"
    )
    with db.reading(world.owner()) as session:
        found = creating.refusals(session, NOW, world.acme, [*ASKED, over], routes)
        assert {place: type(error) for place, error in found.items()} == {3: LimitExceededError}
    with db.reading(world.owner(livemode=True)) as session:
        found = creating.refusals(session, NOW, world.acme, ASKED, routes)
        assert {type(error) for error in found.values()} == {CapabilityMissingError}
        assert sorted(found) == [0, 1, 2]
