"""What captures, refunds and chargebacks cost, by configuration, on MariaDB."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.fees import FeeRule, ListTerms, Terms, Tier
from app.domain.identifiers import new_id
from app.domain.operations import OperationState
from app.models import SettlementSchedule
from app.providers.base import Outcome
from app.queries import operations
from app.services import fees, outcomes, prices
from tests.services import flows
from tests.services.answers import tell

if TYPE_CHECKING:
    from datetime import datetime

    from tests.fixtures.application import World

CARD = FeeRule(250, 0, "EUR", method="card")
LIST = ListTerms(
    currency="EUR",
    effective_from=None,
    rules=(CARD,),
    terms=Terms(tax_bps=1800, agent="partner", agent_bps=2000),
    refund_fee_minor=50,
    chargeback_fee_minor=1500,
    returns_fee="all",
)


def _agree(world: World, wanted: ListTerms, now: datetime | None = None) -> str:
    with db.unit_of_work(world.staff()) as session:
        return prices.agree(session, now or clock.now(), world.acme, wanted).public_id


def _keep_in_reserve(world: World, bps: int, method: str = "") -> None:
    with db.unit_of_work(world.staff()) as session:
        session.add(
            SettlementSchedule(
                public_id=new_id("sch", clock.now()),
                merchant_id=world.acme,
                livemode=False,
                method=method,
                release_days=2,
                calendar="IN",
                reserve_bps=bps,
                reserve_days=90,
                created_at=clock.now(),
            )
        )


def _totals(world: World) -> dict[str, int]:
    found = flows.balances(world.staff())
    return {code.split(":")[-2]: amount for code, amount in found.items() if amount}


def _kept(world: World, payment: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        flows.read_operations(world.owner(), payment)[0].fee_breakdown or ""
    )
    return found


def test_the_worked_example_comes_out_by_configuration(sandbox_world: World) -> None:
    world, owner = sandbox_world, sandbox_world.owner()
    _agree(world, replace(LIST, terms=Terms(tax_bps=1800), refund_fee_minor=0, returns_fee="none"))
    _keep_in_reserve(world, 1000)
    payment = flows.pay(owner, world.acme, amount_minor=6000)
    assert _totals(world) == {
        "receivable": 6000,
        "pending": -5223,
        "reserve": -600,
        "mdr": -150,
        "fee": -27,
    }
    flows.refund(owner, world.acme, payment, 2000)
    assert _totals(world) == {"receivable": 4000, "pending": -3823, "mdr": -150, "fee": -27}


def test_the_agent_is_paid_and_the_breakdown_says_how(sandbox_world: World) -> None:
    world = sandbox_world
    public_id = _agree(world, LIST)
    _keep_in_reserve(world, 500)
    _keep_in_reserve(world, 1000, "card")
    kept = _kept(world, flows.pay(world.owner(), world.acme))
    assert _totals(world)["commission"] == -30
    assert _totals(world)["mdr"] == -120
    assert (kept["list"], kept["reserve_bps"], kept["agent_minor"]) == (public_id, 1000, 30)
    assert kept["sentence"].startswith("2.50 % of 60.00 EUR = 1.50, fixed 0.00, fee 1.50, tax")
    assert ", ".join(kept["parts"]) == kept["sentence"]


def test_a_capture_that_un_happened_takes_the_fee_back(sandbox_world: World) -> None:
    _agree(sandbox_world, LIST)
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    operation = flows.read_operations(sandbox_world.owner(), payment)[0].public_id
    tell(sandbox_world, operation, Outcome.FAILED)
    assert _totals(sandbox_world) == {}


def test_the_list_of_the_moment_counts_and_the_rule_of_the_brand_wins(
    sandbox_world: World,
) -> None:
    world = sandbox_world
    visa = replace(CARD, percent_bps=100, brand="VISA")
    _agree(world, replace(LIST, rules=(CARD, visa)))
    first = flows.pay(world.owner(), world.acme)
    tomorrow = clock.now().replace(year=clock.now().year + 1)
    _agree(world, replace(LIST, rules=(replace(CARD, percent_bps=900),), effective_from=tomorrow))
    second = flows.pay(world.owner(), world.acme, reference="order-2")
    brands = {_kept(world, payment)["brand"] for payment in (first, second)}
    assert brands == {"visa"}
    assert {_kept(world, payment)["percent_bps"] for payment in (first, second)} == {100}


def test_tiers_follow_what_was_captured_since_the_month_began(sandbox_world: World) -> None:
    world = sandbox_world
    tiers = (Tier(6000, 200, 0), Tier(12_000, 100, 0))
    _agree(world, replace(LIST, rules=(replace(CARD, tiers=tiers),)))
    payments = [flows.pay(world.owner(), world.acme, reference=f"order-{n}") for n in range(3)]
    kept = [_kept(world, payment) for payment in payments]
    assert [each["volume_minor"] for each in kept] == [0, 6000, 12_000]
    assert [each["percent_minor"] for each in kept] == [150, 120, 60]
    assert [each["tier_from_minor"] for each in kept] == [0, 6000, 12_000]


def test_refunds_cost_their_fee_and_bring_back_exactly_the_fee(sandbox_world: World) -> None:
    world, owner = sandbox_world, sandbox_world.owner()
    _agree(world, LIST)
    payment = flows.pay(owner, world.acme, amount_minor=6001)
    for amount in (1, 1999, 2000, 2001):
        flows.refund(owner, world.acme, payment, amount)
    # Nothing of capture fee, tax and agent is left; what is left are four refund fees with tax.
    assert _totals(world) == {"available": 236, "refund_fee": -200, "fee": -36}


def test_a_list_may_return_the_percentage_only(sandbox_world: World) -> None:
    world, owner = sandbox_world, sandbox_world.owner()
    rule = replace(CARD, fixed_minor=150)
    _agree(world, replace(LIST, rules=(rule,), refund_fee_minor=0, returns_fee="percent"))
    flows.refund(owner, world.acme, flows.pay(owner, world.acme))
    totals = _totals(world)
    assert totals["fixed"] == -150
    assert totals["fee"] == -27
    assert "mdr" not in totals


def test_a_refund_that_did_not_last_gives_its_fee_back_and_takes_it_again(
    sandbox_world: World,
) -> None:
    world, owner = sandbox_world, sandbox_world.owner()
    _agree(world, LIST)
    payment = flows.pay(owner, world.acme)
    refund = flows.refund(owner, world.acme, payment, 3000)
    done = _totals(world)
    tell(world, refund, Outcome.FAILED)
    undone = _totals(world)
    assert (undone["mdr"], undone["commission"], undone["fee"]) == (-120, -30, -27)
    assert "refund_fee" not in undone
    tell(world, refund, Outcome.SUCCESS)
    assert {code: _totals(world)[code] for code in ("mdr", "commission", "fee", "refund_fee")} == {
        code: done[code] for code in ("mdr", "commission", "fee", "refund_fee")
    }


def test_a_chargeback_costs_its_fee_once(sandbox_world: World) -> None:
    world = sandbox_world
    _agree(world, LIST)
    payment = flows.pay(world.owner(), world.acme)
    for _ in range(2):
        with db.unit_of_work(Actor.system(world.acme, livemode=False, label="test")) as session:
            now, row = clock.now(), flows.read(world.owner(), payment)
            operation = operations.of_payment(session, row.id)[0]
            event = outcomes.event(
                session, now, operation, OperationState.SUCCESS, OperationState.SUCCESS, None
            )
            session.flush()
            cause = outcomes.cause_of(session, row, operation, event.public_id)
            fees.post_chargeback(session, now, row, operation, cause)
    totals = _totals(world)
    assert (totals["chargeback_fee"], totals["available"]) == (-1500, 1770)


def test_a_method_without_a_rule_costs_nothing_and_says_by_which_list(
    sandbox_world: World,
) -> None:
    public_id = _agree(sandbox_world, replace(LIST, rules=(replace(CARD, method="upi"),)))
    kept = _kept(sandbox_world, flows.pay(sandbox_world.owner(), sandbox_world.acme))
    assert (kept["total_minor"], kept["rule"], kept["list"]) == (0, "", public_id)
