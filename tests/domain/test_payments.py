"""The rules of the status, one example each, in the order in which they hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict, Unpack

import pytest

from app.domain.operations import OperationKind, OperationState
from app.domain.payments import (
    CaptureMode,
    Closure,
    OperationFact,
    PaymentFacts,
    PaymentStatus,
    PaymentSummary,
    summarize,
)


class OfFact(TypedDict, total=False):
    attempt: int
    sequence: int
    queued: bool
    conflicted: bool
    suspense: bool
    dispute_status: str | None
    dispute_stage: str


class OfPayment(TypedDict, total=False):
    capture_mode: CaptureMode
    closed: Closure
    in_review: bool
    attempts_left: bool


def op(kind: str, state: str, amount_minor: int = 6000, **details: Unpack[OfFact]) -> OperationFact:
    fact = OperationFact(
        OperationKind(kind), OperationState(state), 1, amount_minor, sequence=1, queued=False
    )
    return replace(fact, **details)


def summary(*operations: OperationFact, **details: Unpack[OfPayment]) -> PaymentSummary:
    return summarize(replace(PaymentFacts(6000, "manual", operations, None), **details))


def status(*operations: OperationFact, **details: Unpack[OfPayment]) -> str:
    return summary(*operations, **details).status


PURCHASED = op("purchase", "success")
AUTHORIZED = op("authorize", "success")


def test_a_payment_without_operations_is_created() -> None:
    assert status() == "created"


@pytest.mark.parametrize("closed", ["blocked", "canceled", "expired"])
def test_a_closed_payment_that_nothing_paid_says_why(closed: Closure) -> None:
    assert status(op("purchase", "failed"), closed=closed) == closed


@pytest.mark.parametrize("state", ["pending", "unknown"])
def test_an_open_purchase_is_processing_even_when_the_payment_was_canceled(state: str) -> None:
    assert status(op("purchase", state), closed="canceled") == "processing"


@pytest.mark.parametrize("state", ["init", "not_sent"])
def test_what_did_not_leave_counts_only_while_its_task_is_queued(state: str) -> None:
    assert status(op("purchase", state, queued=True)) == "processing"
    assert status(op("purchase", state), attempts_left=True) == "created"


def test_a_purchase_that_never_left_and_has_no_way_on_failed() -> None:
    assert status(op("purchase", "not_sent")) == "failed"


def test_an_intent_without_a_task_waits_for_its_look_up() -> None:
    assert status(op("purchase", "init")) == "created"


def test_action_comes_before_processing() -> None:
    other = op("purchase", "pending", attempt=2, sequence=2)
    assert status(op("purchase", "action"), other) == "requires_action"


def test_a_refund_that_waits_for_the_payer_asks_nothing_of_the_payment() -> None:
    assert status(PURCHASED, op("refund", "action")) == "succeeded"


def test_a_declined_attempt_fails_the_payment_only_when_it_was_the_last() -> None:
    declined = op("purchase", "failed")
    assert status(declined) == "failed"
    assert status(declined, attempts_left=True) == "created"


def test_the_last_attempt_decides_whatever_the_order_of_the_facts() -> None:
    operations = [
        op("purchase", "init", attempt=2, sequence=3),
        op("purchase", "failed", attempt=1, sequence=1),
    ]
    assert status(*operations) == status(*reversed(operations)) == "created"


def test_a_success_pays() -> None:
    assert summary(PURCHASED) == PaymentSummary(
        status=PaymentStatus.SUCCEEDED,
        authorized_minor=0,
        captured_minor=6000,
        refunded_minor=0,
        disputed_minor=0,
        charged_back_minor=0,
    )


def test_a_late_success_pays_an_expired_payment() -> None:
    assert status(PURCHASED, closed="expired") == "succeeded"


def test_a_returned_bank_debit_leaves_nothing_captured() -> None:
    returned = summary(op("purchase", "failed"))
    assert (returned.status, returned.captured_minor) == ("failed", 0)


@pytest.mark.parametrize("state", ["init", "pending", "unknown", "failed", "not_sent"])
@pytest.mark.parametrize("kind", ["capture", "void"])
def test_an_unfinished_capture_or_void_leaves_the_payment_authorized(kind: str, state: str) -> None:
    assert status(AUTHORIZED, op(kind, state, queued=True)) == "authorized"


@pytest.mark.parametrize("state", ["init", "pending", "unknown", "failed", "not_sent"])
def test_an_unfinished_refund_leaves_the_payment_succeeded(state: str) -> None:
    assert status(PURCHASED, op("refund", state, queued=True)) == "succeeded"


def test_a_voided_authorization_cancels_the_payment() -> None:
    assert status(AUTHORIZED, op("void", "success")) == "canceled"
    assert status(AUTHORIZED, op("void", "success"), closed="expired") == "expired"


def test_a_voided_authorization_with_a_capture_on_its_way_is_not_over() -> None:
    capture = op("capture", "unknown")
    assert status(AUTHORIZED, op("void", "success"), capture) == "processing"


def test_a_void_of_an_earlier_attempt_does_not_touch_the_later_one() -> None:
    later = op("authorize", "success", attempt=2, sequence=3)
    void = op("void", "success", sequence=2)
    assert summary(AUTHORIZED, void, later).authorized_minor == 6000
    assert status(AUTHORIZED, void, replace(later, state=OperationState.FAILED)) == "failed"


def test_a_part_is_captured_while_the_rest_can_be() -> None:
    captured = op("capture", "success", 2000)
    part = summary(AUTHORIZED, captured)
    assert (part.status, part.authorized_minor) == ("partially_captured", 6000)
    released = summary(AUTHORIZED, captured, op("void", "success", 4000))
    assert (released.status, released.authorized_minor) == ("succeeded", 2000)


def test_an_automatic_capture_leaves_no_rest() -> None:
    captured = op("capture", "success", 2000)
    assert status(AUTHORIZED, captured, capture_mode="automatic") == "succeeded"


def test_refunds_add_up() -> None:
    part, rest = op("refund", "success", 2000), op("refund", "success", 4000)
    assert summary(PURCHASED, part).refunded_minor == 2000
    assert status(PURCHASED, part) == "partially_refunded"
    assert status(PURCHASED, part, rest) == "refunded"
    assert status(PURCHASED, part, replace(rest, state=OperationState.FAILED)) == (
        "partially_refunded"
    )


def test_a_refund_of_a_part_keeps_the_rest_capturable() -> None:
    captured, refund = op("capture", "success", 2000), op("refund", "success", 1000)
    assert status(AUTHORIZED, captured, refund) == "partially_captured"


@pytest.mark.parametrize("dispute_status", ["open", "under_review", None, "of another world"])
def test_a_dispute_is_open_until_it_is_known_to_be_over(dispute_status: str | None) -> None:
    disputed = summary(PURCHASED, op("dispute", "success", 4000, dispute_status=dispute_status))
    assert (disputed.status, disputed.disputed_minor) == ("disputed", 4000)


@pytest.mark.parametrize("dispute_status", ["lost", "accepted", "expired"])
def test_a_dispute_is_lost_in_three_ways(dispute_status: str) -> None:
    dispute = op("dispute", "success", dispute_status=dispute_status)
    lost = summary(PURCHASED, dispute)
    assert (lost.status, lost.charged_back_minor) == ("charged_back", 6000)
    part = replace(dispute, amount_minor=4000)
    assert status(PURCHASED, part) == "partially_refunded"
    assert status(PURCHASED, part, op("refund", "success", 2000)) == "charged_back"


def test_a_dispute_that_was_won_leaves_no_trace() -> None:
    assert summary(PURCHASED, op("dispute", "success", dispute_status="won")) == summary(PURCHASED)


def test_an_inquiry_is_an_open_dispute_that_moves_no_money() -> None:
    inquiry = op("dispute", "pending", dispute_status="open", dispute_stage="inquiry")
    asked = summary(PURCHASED, inquiry)
    assert (asked.status, asked.disputed_minor) == ("disputed", 0)
    assert status(PURCHASED, replace(inquiry, dispute_status="lost")) == "succeeded"


def test_a_refund_and_a_chargeback_of_the_same_money_are_everyday_life() -> None:
    lost = op("dispute", "success", dispute_status="lost")
    assert status(PURCHASED, op("refund", "success"), lost) == "charged_back"


def test_review_comes_before_everything_but_a_conflict() -> None:
    assert status(PURCHASED, in_review=True) == "in_review"
    assert status(replace(PURCHASED, conflicted=True), in_review=True) == "conflicted"


@pytest.mark.parametrize(
    "operations",
    [
        (op("purchase", "success", 6001),),
        (PURCHASED, op("refund", "success", 6001)),
        (PURCHASED, op("dispute", "success", 6001, dispute_status="lost")),
        (op("purchase", "failed"), op("refund", "pending", 1)),
        (op("authorize", "pending"), op("capture", "init", 1)),
        (op("purchase", "success", 3000), op("purchase", "success", 3000, attempt=2)),
        (AUTHORIZED, op("authorize", "success", attempt=2)),
    ],
    ids=[
        "over-captured",
        "over-refunded",
        "over-charged-back",
        "given back and never taken",
        "captured and not held",
        "paid twice",
        "held twice",
    ],
)
def test_facts_that_contradict_are_a_conflict(operations: tuple[OperationFact, ...]) -> None:
    assert status(*operations) == "conflicted"


def test_money_in_suspense_changes_no_amount() -> None:
    second = op("purchase", "success", attempt=2, suspense=True)
    returned = op("refund", "success", attempt=2, suspense=True)
    assert summary(PURCHASED, second, returned) == summary(PURCHASED)


def test_a_late_success_that_was_not_accepted_leaves_the_payment_failed() -> None:
    assert status(op("purchase", "success", suspense=True)) == "failed"


def test_a_payout_is_nothing_to_a_payment() -> None:
    assert status(op("payout", "pending")) == "created"
