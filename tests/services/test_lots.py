"""What a capture puts aside, and until when, on MariaDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.adapters import db
from app.domain.actors import Actor
from app.models import SettlementSchedule
from app.providers.base import Outcome
from app.queries import operations, settlement
from app.services import lots, records
from tests.services import answers, flows
from tests.services.releasing import let_all_be_due, lots_of, release

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

# A Friday evening in UTC that is a Saturday already in India; the Monday is Republic Day.
FRIDAY = datetime(2026, 1, 23, 20, 0, tzinfo=UTC)


def agree(world: World, method: str = "", **terms: int | str) -> None:
    values = {"release_days": 1, "calendar": "DE", "reserve_bps": 0, "reserve_days": 0}
    with db.unit_of_work(world.staff()) as session:
        asked = values | terms | {"merchant_id": world.acme, "method": method}
        records.create(session, FRIDAY, SettlementSchedule, asked)


def terms(world: World, method: str = "card") -> lots.Terms:
    with db.reading(Actor.system(world.acme, livemode=False, label="test")) as session:
        merchant = operations.merchant_of(session, world.acme)
        return lots.terms_of(session, merchant, method, FRIDAY)


def test_without_a_schedule_two_business_days_of_the_merchants_country(world: World) -> None:
    # The Saturday of the capture, then Tuesday and Wednesday, as they begin in India.
    assert terms(world).release_at == datetime(2026, 1, 27, 18, 30, tzinfo=UTC)


def test_the_schedule_of_the_method_comes_before_the_one_for_all(world: World) -> None:
    agree(world, release_days=5)
    agree(world, "card", release_days=1, reserve_days=30)
    assert terms(world).release_at == datetime(2026, 1, 25, 18, 30, tzinfo=UTC)
    assert terms(world).reserve_release_at == datetime(2026, 2, 22, 18, 30, tzinfo=UTC)
    assert terms(world, "upi").release_at == datetime(2026, 1, 29, 18, 30, tzinfo=UTC)


def test_a_capture_opens_one_lot_of_what_it_put_aside(sandbox_world: World) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    (lot,) = lots_of(sandbox_world, payment)
    assert (lot.kind, lot.amount_minor, lot.currency, lot.state) == (
        "pending",
        5850,
        "EUR",
        "held",
    )
    assert timedelta(days=1) < lot.release_at - lot.created_at < timedelta(days=12)


def test_a_payment_that_fails_has_no_lot(sandbox_world: World) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme, token="tok_decline")
    assert lots_of(sandbox_world, payment) == []


def test_a_capture_that_comes_back_waits_anew(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    operation = flows.read_operations(sandbox_world.owner(), payment)[0].public_id
    (before,) = lots_of(sandbox_world, payment)
    answers.tell(sandbox_world, operation, Outcome.FAILED)
    answers.tell(sandbox_world, operation, Outcome.SUCCESS, now=before.release_at)
    (after,) = lots_of(sandbox_world, payment)
    assert after.id == before.id
    assert after.release_at > before.release_at
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    answers.tell(sandbox_world, operation, Outcome.FAILED)
    answers.tell(sandbox_world, operation, Outcome.SUCCESS)
    assert [(lot.number, lot.state) for lot in lots_of(sandbox_world, payment)] == [
        (1, "released"),
        (2, "held"),
    ]


def test_what_a_failed_refund_gives_back_is_released_too(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    refund = flows.refund(owner, acme, payment, 2000, run=False)
    let_all_be_due(migrator_engine)
    release(sandbox_world)
    assert flows.balances(owner)[f"{_account(sandbox_world, 'available')}"] == -3850
    answers.tell(sandbox_world, refund, Outcome.FAILED)
    assert [lot.amount_minor for lot in lots_of(sandbox_world, payment)] == [5850, 2000]
    release(sandbox_world)
    balances = flows.balances(owner)
    assert balances[_account(sandbox_world, "pending")] == 0
    assert balances[_account(sandbox_world, "available")] == -5850


def _account(world: World, kind: str) -> str:
    with db.reading(world.staff()) as session:
        merchant = operations.merchant_of(session, world.acme).public_id
    return f"merchant:{merchant}:{kind}:EUR"


def test_a_refund_that_fails_before_the_release_needs_no_lot(sandbox_world: World) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    refund = flows.refund(owner, acme, payment, 2000, run=False)
    answers.tell(sandbox_world, refund, Outcome.FAILED)
    assert len(lots_of(sandbox_world, payment)) == 1


def test_an_open_lot_is_found_by_its_operation(sandbox_world: World) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    (lot,) = lots_of(sandbox_world, payment)
    with db.reading(sandbox_world.staff()) as session:
        last = settlement.last_lot(session, lot.operation_id, "pending")
        assert last is not None
        assert last.id == lot.id
        assert settlement.last_lot(session, lot.operation_id, "reserve") is None
