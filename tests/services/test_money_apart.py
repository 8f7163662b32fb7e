"""Money that is not, or not only, what was asked for: second, late, more or less."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.identifiers import new_id
from app.errors import BadInputError, IllegalStateError, LimitExceededError
from app.models import DeskCase, Merchant
from app.providers.base import Capabilities, Outcome
from app.queries import operations
from app.services import (
    attempts,
    closing,
    desk_notice,
    desk_resolutions,
    evidence,
    money_back,
    routing,
)
from tests.services import flows
from tests.services.answers import answer, tell

if TYPE_CHECKING:
    from app.domain.methods.rows import MethodRow
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
        money_back.send_back(session, clock.now(), operation, 4000, "a part")
        with pytest.raises(LimitExceededError, match=r"20\.00 EUR of this money"):
            money_back.send_back(session, clock.now(), operation, 2001, "too much")


def late(world: World, policy: str) -> tuple[str, str]:
    """Money comes for a payment that was canceled."""
    with db.unit_of_work(world.staff()) as session:
        session.query(Merchant).filter_by(id=world.acme).update({"late_money": policy})
    payment, operation = asked(world)
    tell(world, operation, Outcome.ACTION)
    with db.unit_of_work(world.owner()) as session:
        closing.cancel(session, clock.now(), payment, "ordered elsewhere")
    assert flows.read(world.owner(), payment).status == "canceled"
    tell(world, operation, Outcome.SUCCESS)
    return payment, operation


def sent_back(world: World, payment: str) -> Operation:
    refund = flows.read_operations(world.owner(), payment)[-1]
    assert (refund.kind, refund.suspense, refund.requested_by) == ("refund", True, "system")
    return refund


def test_late_money_is_taken_where_the_merchant_takes_it(world: World) -> None:
    late(world, "accept")
    assert (short(world), cases(world)) == (PAID, [])


def test_late_money_goes_back_by_itself_where_the_policy_says_so(world: World) -> None:
    payment, operation = late(world, "refund")
    refund = sent_back(world, payment)
    assert (refund.state, refund.amount_minor) == ("init", 6000)
    assert (short(world), cases(world)) == ({"receivable": 6000, "suspense": -6000}, [])
    tell(world, operation, Outcome.SUCCESS)
    tell(world, refund.public_id, Outcome.SUCCESS)
    assert (short(world), cases(world)) == ({}, [])
    assert len(flows.read_operations(world.owner(), payment)) == 2
    found = flows.read(world.owner(), payment)
    assert (found.status, found.captured_minor, found.refunded_minor) == ("canceled", 0, 0)


def test_a_second_payment_goes_back_by_itself_too(world: World) -> None:
    with db.unit_of_work(world.staff()) as session:
        session.query(Merchant).filter_by(id=world.acme).update({"late_money": "refund"})
    payment, _ = second_success(world)
    tell(world, sent_back(world, payment).public_id, Outcome.SUCCESS)
    assert (short(world), cases(world)) == (PAID, [])
    assert flows.read(world.owner(), payment).status == "succeeded"


@pytest.mark.parametrize("way", ["second", "late"])
def test_what_does_not_go_back_comes_to_the_desk(world: World, way: str) -> None:
    if way == "late":
        payment, _ = late(world, "refund")
    else:
        with db.unit_of_work(world.staff()) as session:
            session.query(Merchant).filter_by(id=world.acme).update({"late_money": "refund"})
        payment, _ = second_success(world)
    refund = sent_back(world, payment).public_id
    tell(world, refund, Outcome.FAILED)
    assert cases(world) == [(way, 6000)]
    tell(world, refund, Outcome.SUCCESS)
    assert cases(world) == []


@pytest.mark.parametrize("is_refundable", [True, False])
def test_where_to_send_it_must_be_known(
    world: World, monkeypatch: pytest.MonkeyPatch, *, is_refundable: bool
) -> None:
    plain = Capabilities.row

    def row(self: Capabilities, family: str, name: str = "") -> MethodRow | None:
        found = plain(self, family, name)
        if found is None:
            return None
        return replace(found, refundable=is_refundable, payer_sets_amount=is_refundable)

    monkeypatch.setattr(Capabilities, "row", row)
    payment, _ = late(world, "refund")
    assert cases(world) == [("late", 6000)]
    assert len(flows.read_operations(world.owner(), payment)) == 1


def test_late_money_may_be_accepted_after_all(world: World) -> None:
    payment, _ = late(world, "refund")
    tell(world, sent_back(world, payment).public_id, Outcome.FAILED)
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
