from __future__ import annotations

from itertools import product

import pytest

from app.domain.operations import (
    EDGES,
    EVIDENCE_ONLY,
    FINAL_STATES,
    OPEN_STATES,
    Decision,
    OperationKind,
    OperationState,
    decide,
    is_legal,
)

# Spelled out a second time, so that a change of the rules is deliberate.
LEGAL = {
    "init": "pending action success failed unknown not_sent",
    "not_sent": "pending action success failed unknown not_sent",
    "pending": "action unknown success failed",
    "action": "pending unknown success failed",
    "unknown": "pending action success failed",
    "failed": "success",
    "success": "failed pending",
}
PAIRS = list(product(OperationState, OperationState))


@pytest.mark.parametrize("before, after", PAIRS)
def test_every_pair_is_legal_or_illegal_as_written(
    before: OperationState, after: OperationState
) -> None:
    assert is_legal(before, after) == (after in LEGAL[before].split())


@pytest.mark.parametrize("before, reported", PAIRS)
def test_every_report_is_decided(before: OperationState, reported: OperationState) -> None:
    decision = decide(before, reported)
    if before == reported:
        assert decision is Decision.NOTHING
    elif is_legal(before, reported):
        assert decision is Decision.APPLY
    elif reported in {"unknown", "not_sent"}:
        assert decision is Decision.NOTHING
    else:
        assert decision is Decision.CONFLICT


def test_a_timeout_noticed_after_the_webhook_changes_nothing() -> None:
    assert decide(OperationState.SUCCESS, OperationState.UNKNOWN) is Decision.NOTHING


def test_a_repeat_that_did_not_leave_never_frees_an_unknown_operation() -> None:
    assert decide(OperationState.UNKNOWN, OperationState.NOT_SENT) is Decision.NOTHING


def test_a_declined_operation_that_is_said_to_be_pending_is_a_conflict() -> None:
    assert decide(OperationState.FAILED, OperationState.PENDING) is Decision.CONFLICT


def test_open_and_final_states_are_all_states_and_share_none() -> None:
    assert set(OperationState) == OPEN_STATES | FINAL_STATES
    assert not OPEN_STATES & FINAL_STATES


def test_every_way_out_of_a_final_state_needs_evidence() -> None:
    ways_out = {(before, after) for before in FINAL_STATES for after in EDGES[before]}
    assert ways_out == EVIDENCE_ONLY


def test_every_state_can_still_come_to_success() -> None:
    stuck = [state for state in OperationState if not is_legal(state, OperationState.SUCCESS)]
    assert stuck == [OperationState.SUCCESS]


def test_the_kinds_are_those_that_are_asked_or_reported() -> None:
    kinds = "authorize purchase capture void refund payout dispute"
    assert [kind.value for kind in OperationKind] == kinds.split()
