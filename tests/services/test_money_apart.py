"""Money that is not, or not only, what was asked for: second, late, more or less."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.identifiers import new_id
from app.errors import BadInputError, IllegalStateError, LimitExceededError
from app.models import DeskCase, Merchant
from app.providers.base import Outcome
from app.queries import operations
from app.services import (
    attempts,
    closing,
    desk_notice,
    desk_resolutions,
    evidence,
    routing,
    suspense,
)
from tests.services import flows
from tests.services.answers import answer, tell

if TYPE_CHECKING:
    from app.models import Operation
    from app.providers.base import ProviderAnswer
    from tests.fixtures.application import World


def asked(world: World, index: int = 0, payment: str | None = None) -> tuple[str, str]:
    """Ask for 60.00 EUR; answers payment and operation."""
    payment = payment or flows.pay(world.owner(), world.acme, run=False)
    return payment, flows.read_operations(world.owner(), payment)[index].public_id


def again(world: World, payment: str) -> str:
    route = routing.choose("card", livemode=False)
    with db.unit_of_work(world.owner()) as session:
        return attempts.try_again(
            session, clock.now(), payment, route, card_token="tok_approve"
        ).public_id


def cases(world: World, state: str = "open") -> list[tuple[str, int | None]]:
    with db.reading(world.staff()) as session:
        found = session.query(DeskCase).filter_by(state=state).order_by(DeskCase.id)
        return [(case.kind, case.amount_minor) for case in found]


def decide(world: World, ending: str, reference: str = "") -> None:
    """End the one open case, as two people would."""
    with db.unit_of_work(world.staff()) as session:
        case = session.query(DeskCase).filter_by(state="open").one()
        now, approval = clock.now(), new_id("apr", clock.now())
        desk_resolutions.resolve(
            session,
            now,
            case.public_id,
            ending,
            "told by letter",
            reference=reference,
            approval=approval,
        )


def short(world: World) -> dict[str, int]:
    """Return the balances that are not zero, by the account's own name."""
    found = flows.balances(world.staff())
    names = {code: "suspense" if "suspense" in code else code.split(":")[-2] for code in found}
    return {names[code]: amount for code, amount in found.items() if amount}


def came(outcome: Outcome, received: int) -> ProviderAnswer:
    return answer(outcome, received_minor=received)


PAID = {"receivable": 6000, "pending": -5850, "mdr": -150}


def second_success(world: World) -> tuple[str, str]:
    payment, first = asked(world)
    tell(world, first, Outcome.FAILED)
    second = again(world, payment)
    tell(world, second, Outcome.SUCCESS)
    tell(world, first, Outcome.SUCCESS)
    return payment, first


def test_the_late_success_of_a_first_attempt_is_held_apart(world: World) -> None:
    payment, first = second_success(world)
    assert flows.read(world.owner(), payment).status == "succeeded"
    assert cases(world) == [("second", 6000)]
    assert short(world) == {**PAID, "receivable": 12000, "suspense": -6000}
    tell(world, first, Outcome.FAILED)
    assert (cases(world), short(world)) == ([], PAID)


def test_it_is_sent_back_and_the_case_ends(world: World) -> None:
    payment, _ = second_success(world)
    decide(world, "send_back")
    refund = flows.read_operations(world.owner(), payment)[-1]
    assert (refund.kind, refund.suspense) == ("refund", True)
    tell(world, refund.public_id, Outcome.SUCCESS)
    assert short(world) == PAID
    assert flows.read(world.owner(), payment).refunded_minor == 0
    assert cases(world) == []
    tell(world, refund.public_id, Outcome.FAILED)
    assert short(world) == {**PAID, "receivable": 12000, "suspense": -6000}
    assert cases(world) == [("second", 6000)], "it did not go back: people decide again"


def test_the_case_of_a_refund_that_fails_at_once_is_open_again(world: World) -> None:
    payment, _ = second_success(world)
    decide(world, "send_back")
    refund = flows.read_operations(world.owner(), payment)[-1]
    tell(world, refund.public_id, Outcome.PENDING)
    assert cases(world) == []
    tell(world, refund.public_id, Outcome.FAILED)
    assert cases(world) == [("second", 6000)]


def test_it_is_credited_to_the_merchant(world: World) -> None:
    second_success(world)
    decide(world, "credit")
    assert short(world) == {**PAID, "receivable": 12000, "available": -6000}


def test_nothing_is_sent_back_twice(world: World) -> None:
    _, first = second_success(world)
    with db.unit_of_work(world.staff()) as session:
        operation = operations.get(session, first)
        assert operation is not None
        suspense.send_back(session, clock.now(), operation, 4000, "a part")
        with pytest.raises(LimitExceededError, match=r"20\.00 EUR of this money"):
            suspense.send_back(session, clock.now(), operation, 2001, "too much")


@pytest.mark.parametrize("policy", ["accept", "refund"])
def test_late_money_follows_the_merchants_policy(world: World, policy: str) -> None:
    with db.unit_of_work(world.staff()) as session:
        session.query(Merchant).filter_by(id=world.acme).update({"late_money": policy})
    payment, operation = asked(world)
    tell(world, operation, Outcome.ACTION)
    with db.unit_of_work(world.owner()) as session:
        closing.cancel(session, clock.now(), payment, "ordered elsewhere")
    assert flows.read(world.owner(), payment).status == "canceled"
    tell(world, operation, Outcome.SUCCESS)
    if policy == "accept":
        assert (short(world), cases(world)) == (PAID, [])
        return
    assert (short(world), cases(world)) == (
        {"receivable": 6000, "suspense": -6000},
        [("late", 6000)],
    )
    decide(world, "accept")
    assert (short(world), flows.read(world.owner(), payment).status) == (PAID, "succeeded")


def test_too_little_waits_and_is_topped_up_late(world: World) -> None:
    payment, operation = asked(world)
    tell(world, operation, came(Outcome.PENDING, 2500))
    assert short(world) == {"receivable": 2500, "suspense": -2500}
    tell(world, operation, came(Outcome.FAILED, 2500))
    assert (cases(world), flows.read(world.owner(), payment).status) == (
        [("under_paid", 2500)],
        "failed",
    )
    tell(world, operation, came(Outcome.SUCCESS, 6000))
    assert (cases(world), short(world)) == ([], PAID)


def test_one_case_tells_of_money_that_was_too_little_and_is_too_much(world: World) -> None:
    _, operation = asked(world)
    tell(world, operation, came(Outcome.FAILED, 2500))
    tell(world, operation, came(Outcome.SUCCESS, 9000))
    assert cases(world) == [("over_paid", 3000)]
    assert cases(world, "resolved") == [("under_paid", 2500)]
    tell(world, operation, came(Outcome.FAILED, 2500))
    assert cases(world) == [("under_paid", 2500)]
    assert cases(world, "resolved") == [("over_paid", 3000)]


def test_what_is_short_within_tolerance_is_captured_as_it_came(world: World) -> None:
    payment, operation = asked(world)
    tell(world, operation, came(Outcome.SUCCESS, 5980))
    stored = flows.read(world.owner(), payment)
    assert (stored.captured_minor, stored.status) == (5980, "succeeded")
    assert short(world)["receivable"] == 5980


def test_too_much_is_held_apart_and_more_of_it_opens_the_case_again(world: World) -> None:
    _, operation = asked(world)
    tell(world, operation, came(Outcome.SUCCESS, 9000))
    assert short(world) == {**PAID, "receivable": 9000, "suspense": -3000}
    decide(world, "credit")
    assert short(world) == {**PAID, "receivable": 9000, "available": -3000}
    tell(world, operation, came(Outcome.SUCCESS, 9500))
    assert cases(world) == [("over_paid", 500)]
    tell(world, operation, came(Outcome.PENDING, 0))
    assert sum(short(world).values()) == 0


def unknown(world: World) -> tuple[str, Operation]:
    payment, operation = asked(world)
    tell(world, operation, Outcome.UNKNOWN, source=evidence.ANSWER)
    return payment, flows.read_operations(world.owner(), payment)[0]


def test_an_unknown_outcome_has_a_deadline_that_does_not_move(world: World) -> None:
    payment, operation = unknown(world)
    assert operation.deadline_at is not None
    assert operation.deadline_at - operation.created_at <= timedelta(minutes=31)
    tell(world, operation.public_id, Outcome.PENDING)
    assert flows.read_operations(world.owner(), payment)[0].deadline_at is None


@pytest.mark.parametrize(
    "ending, status, balances", [("succeeded", "succeeded", PAID), ("failed", "failed", {})]
)
def test_people_end_an_unknown_outcome(
    world: World, ending: str, status: str, balances: dict[str, int]
) -> None:
    payment, operation = unknown(world)
    with db.unit_of_work(world.staff()) as session:
        desk_notice.open_unknown(session, clock.now(), operation)
    decide(world, ending, reference="sbx_by_letter")
    assert (flows.read(world.owner(), payment).status, short(world)) == (status, balances)


def test_a_success_after_people_said_failed_is_held_apart(world: World) -> None:
    _, operation = unknown(world)
    with db.unit_of_work(world.staff()) as session:
        desk_notice.open_unknown(session, clock.now(), operation)
    decide(world, "failed")
    tell(world, operation.public_id, Outcome.SUCCESS)
    assert (cases(world), short(world)) == (
        [("late", 6000)],
        {"receivable": 6000, "suspense": -6000},
    )


def test_who_says_it_happened_names_the_providers_id(world: World) -> None:
    _, operation = unknown(world)
    with db.unit_of_work(world.staff()) as session:
        desk_notice.open_unknown(session, clock.now(), operation)
    with pytest.raises(BadInputError, match="reference"):
        decide(world, "succeeded")
    assert cases(world) == [("unknown", 6000)]


def test_a_contradiction_is_kept_or_set_apart(world: World) -> None:
    payment, operation = asked(world)
    tell(world, operation, Outcome.SUCCESS)
    tell(world, operation, answer(Outcome.SUCCESS, amount_minor=6001))
    assert cases(world) == [("conflicted", 6000)]
    decide(world, "set_apart")
    assert flows.read(world.owner(), payment).captured_minor == 0
    assert (cases(world), short(world)) == (
        [("second", 6000)],
        {"receivable": 6000, "suspense": -6000},
    )


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.UNKNOWN])
def test_no_second_attempt_while_one_may_still_pay(world: World, outcome: Outcome) -> None:
    payment, operation = asked(world)
    tell(world, operation, outcome, source=evidence.ANSWER)
    with pytest.raises(IllegalStateError, match="may still pay"):
        again(world, payment)
    with (
        pytest.raises(IllegalStateError, match="may have paid"),
        db.unit_of_work(world.owner()) as session,
    ):
        closing.cancel(session, clock.now(), payment, "too slow")
