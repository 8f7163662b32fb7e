"""The ways of a dispute: every pair of standings, and where all money ends up."""

from __future__ import annotations

import itertools
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.disputes import (
    LOST,
    STAGES,
    Movement,
    Standing,
    decide,
    movements,
    understand,
)
from app.domain.operations import Decision
from app.domain.payments import DisputeStage, DisputeStatus

ALL: Final = [
    Standing(*parts) for parts in itertools.product(DisputeStage, DisputeStatus, (False, True))
]
PATH: Final = (
    "open under_review",
    "open won",
    "open lost",
    "open accepted",
    "open expired",
    "under_review won",
    "under_review lost",
    "under_review accepted",
    "under_review expired",
)

standings = st.sampled_from(ALL)


def test_within_a_stage_exactly_the_listed_statuses_follow() -> None:
    found = {
        f"{before.status} {after.status}"
        for before, after in itertools.product(ALL, ALL)
        if before.stage is after.stage
        and before.status is not after.status
        and decide(before, after) is Decision.APPLY
    }
    assert found == set(PATH)


@given(before=standings, after=standings)
def test_a_step_leads_forward_or_is_looked_up(before: Standing, after: Standing) -> None:
    decision = decide(before, after)
    assert (decision is Decision.NOTHING) == (before == after)
    if decision is Decision.APPLY:
        assert STAGES.index(after.stage) >= STAGES.index(before.stage)
        assert not before.over or (before.status, before.stage) == (after.status, after.stage)


def test_a_further_stage_may_open_anew_what_is_reviewed() -> None:
    reviewed = Standing(DisputeStage.CHARGEBACK, DisputeStatus.UNDER_REVIEW, withdrawn=True)
    again = Standing(DisputeStage.PRE_ARBITRATION, DisputeStatus.OPEN, withdrawn=True)
    assert decide(reviewed, again) is Decision.APPLY
    assert movements(reviewed, again) == ()
    assert decide(again, reviewed) is Decision.CONFLICT


@given(path=st.lists(standings, min_size=1, max_size=6))
def test_whatever_way_it_goes_each_movement_comes_once(path: list[Standing]) -> None:
    stands, moved = path[0], list(movements(None, path[0]))
    for told in path[1:]:
        if decide(stands, told) is Decision.APPLY:
            moved += movements(stands, told)
            stands = told
    assert len(set(moved)) == len(moved)
    assert (Movement.OPENED in moved) == stands.charged
    assert (Movement.LOST in moved) == (stands.charged and stands.status in LOST)
    assert (Movement.WON in moved) == (stands.charged and stands.status is DisputeStatus.WON)
    assert moved == sorted(moved, key=list(Movement).index)


@given(last=standings)
def test_heard_of_late_it_moves_what_it_would_have_moved_step_by_step(last: Standing) -> None:
    first = Standing(last.stage, DisputeStatus.OPEN, last.withdrawn)
    assert movements(None, last) == (*movements(None, first), *movements(first, last))


@pytest.mark.parametrize("stage,status", [("chargeback", "paused"), ("claim", "open"), ("", "")])
def test_words_that_are_not_ours_are_not_understood(stage: str, status: str) -> None:
    assert understand(stage, status, withdrawn=False) is None
    assert understand("inquiry", "open", withdrawn=False) in ALL
