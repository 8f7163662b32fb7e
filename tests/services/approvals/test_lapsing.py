from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import clock, db
from app.jobs.handlers import HANDLERS
from app.services import leases, recurring
from app.services.approvals import digest_of, lapsing, request
from tests.services.approvals import people

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World


def _house_request() -> str:
    with db.unit_of_work(people.FINANCE) as session:
        return request(
            session,
            clock.now(),
            command="ledger.adjust",
            object_type="ledger_account",
            object_id="acc_1",
            object_digest=digest_of(1),
            payload={},
            sentence="Move 1.00 EUR",
            reason="a cent too much",
            merchant_id=None,
        ).public_id


def _run(engine: Engine) -> None:
    with db.unit_of_work(lapsing.HOUSE) as session:
        recurring.plan(session, clock.now())
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE outbox SET run_at = created_at - INTERVAL 1 DAY")
    leases.drain("default", HANDLERS)


def test_what_waited_too_long_lapses_of_merchants_and_of_the_house(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    late = [
        people.ask_refund(people.OPERATIONS, people.paid(sandbox_world)),
        people.ask_limit(sandbox_world, 500_00),
        _house_request(),
    ]
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE approval_request SET lapses_at = created_at")
    young = people.ask_refund(
        people.OPERATIONS, people.paid(sandbox_world, reference="order-2"), None
    )
    _run(migrator_engine)
    assert {people.read(each).state for each in late} == {"lapsed"}
    assert people.read(young).state == "waiting"
    for each in late:
        assert people.traces(each) == ["approvals.request", "approvals.lapse"]
    assert [people.read(each).open_key for each in late] == [None] * 3


def test_nothing_lapses_twice(sandbox_world: World, migrator_engine: Engine) -> None:
    request_id = people.ask_refund(people.OPERATIONS, people.paid(sandbox_world))
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE approval_request SET lapses_at = created_at")
    for expected in (1, 0):
        with db.unit_of_work(people.OPERATIONS) as session:
            assert lapsing.lapse_due(session, clock.now()) == expected
    assert people.traces(request_id)[-1] == "approvals.lapse"
