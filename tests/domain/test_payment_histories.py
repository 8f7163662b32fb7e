"""The status over every small history and every small combination of facts."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING

import pytest

from app.domain.operations import OperationKind, OperationState
from app.domain.payments import (
    PAYMENT_EDGES,
    Closure,
    OperationFact,
    PaymentFacts,
    PaymentStatus,
    PaymentSummary,
    is_listed,
    summarize,
)
from tests.domain.payment_histories import reachable_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

PAID = {"succeeded", "partially_captured", "partially_refunded", "refunded", "charged_back"}
UNPAID = set(PaymentStatus) - PAID - {"conflicted", "in_review", "disputed"}


def test_the_table_lists_what_histories_make_and_nothing_else() -> None:
    listed = {(before, after) for before, followers in PAYMENT_EDGES.items() for after in followers}
    reached = reachable_changes()
    assert reached - listed == set()
    assert listed - reached == set()


@pytest.mark.parametrize("before, after", list(product(PaymentStatus, PaymentStatus)))
def test_staying_and_going_along_the_table_are_listed(
    before: PaymentStatus, after: PaymentStatus
) -> None:
    assert is_listed(before, after) == (before == after or after in PAYMENT_EDGES[before])


def test_leaps_are_not_listed() -> None:
    assert not is_listed(PaymentStatus.CREATED, PaymentStatus.REFUNDED)
    assert not is_listed(PaymentStatus.EXPIRED, PaymentStatus.CANCELED)
    assert not is_listed(PaymentStatus.REFUNDED, PaymentStatus.FAILED)


def every_operation() -> Iterator[OperationFact]:
    """Each kind in each state: queued or not where it counts, of two attempts where it pays."""
    kind = OperationKind
    yield OperationFact(kind.PAYOUT, OperationState.SUCCESS, 1, 3, 9, queued=False)
    for dispute_status in ("open", "won", "lost", None):
        dispute = OperationFact(kind.DISPUTE, OperationState.PENDING, 1, 3, 9, queued=False)
        yield replace(dispute, dispute_status=dispute_status)
    for state in OperationState:
        for later in (kind.CAPTURE, kind.VOID, kind.REFUND):
            yield OperationFact(later, state, 1, 3, 9, queued=False)
        for queued in {False, state in {"init", "not_sent"}}:
            yield OperationFact(kind.AUTHORIZE, state, 1, 4, 1, queued)
            yield OperationFact(kind.PURCHASE, state, 1, 4, 1, queued)
            yield OperationFact(kind.PURCHASE, state, 2, 2, 2, queued)


def assert_consistent(summary: PaymentSummary) -> None:
    """What must hold of every status and its amounts."""
    captured_minor, status = summary.captured_minor, summary.status
    assert captured_minor >= 0
    if status in PAID:
        assert captured_minor > 0
        assert summary.refunded_minor <= captured_minor
    if status in UNPAID:
        assert (captured_minor, summary.refunded_minor, summary.charged_back_minor) == (0, 0, 0)
    if status == "succeeded":
        assert summary.refunded_minor == summary.charged_back_minor == 0
    assert (status == "authorized") <= (summary.authorized_minor > 0)
    assert (status == "refunded") <= (summary.refunded_minor == captured_minor)
    assert (status == "partially_captured") <= (summary.authorized_minor > captured_minor)


@pytest.mark.parametrize("closed", [None, "canceled"])
def test_every_combination_of_three_operations_has_a_consistent_status(
    closed: Closure | None,
) -> None:
    seen = set()
    operations = list(every_operation())
    for count in range(4):
        for chosen in combinations_with_replacement(operations, count):
            summary = summarize(PaymentFacts(6, "manual", chosen, closed))
            assert_consistent(summary)
            seen.add(summary.status)
    assert seen >= PAID | {"disputed", "conflicted", "authorized", "processing", closed or "failed"}
