"""How a dispute may go on, as data, and which money moves with each step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.domain.operations import Decision
from app.domain.payments import DisputeStage, DisputeStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES: Final = tuple(DisputeStage)
"""In the order in which a dispute passes them; some may be left out, none comes back."""

LOST: Final = frozenset({DisputeStatus.LOST, DisputeStatus.ACCEPTED, DisputeStatus.EXPIRED})
OVER: Final = LOST | {DisputeStatus.WON}

STATUS_EDGES: Final[Mapping[DisputeStatus, frozenset[DisputeStatus]]] = MappingProxyType(
    {
        DisputeStatus.OPEN: OVER | {DisputeStatus.UNDER_REVIEW},
        DisputeStatus.UNDER_REVIEW: OVER,
        **dict.fromkeys(OVER, frozenset()),
    }
)
"""Status → the statuses that may follow it. A further stage may also open anew what is reviewed."""


class Movement(StrEnum):
    """One thing that happens to the money of a dispute, in the order in which it can happen."""

    OPENED = "opened"
    """The merchant's own money is held."""
    WITHDRAWN = "withdrawn"
    """The provider has taken it from what it owes us."""
    WON = "won"
    LOST = "lost"


_ENDS: Final = frozenset({Movement.WON, Movement.LOST})


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dispute stands; `withdrawn`: the provider has taken the money already."""

    stage: DisputeStage
    status: DisputeStatus
    withdrawn: bool

    @property
    def charged(self) -> bool:
        """Whether money is at stake: an inquiry moves none."""
        return self.stage is not DisputeStage.INQUIRY

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.status in OVER


def understand(stage: str, status: str, *, withdrawn: bool) -> Standing | None:
    """The standing that a provider's words mean; None for words that are none of ours."""
    if stage not in set(DisputeStage) or status not in set(DisputeStatus):
        return None
    return Standing(DisputeStage(stage), DisputeStatus(status), withdrawn)


def decide(before: Standing, told: Standing) -> Decision:
    """Judge what is told of a dispute that stands at `before`; never raises.

    Messages carry no order, so one that leads back is a contradiction: the provider is asked how
    the dispute stands, and only when it insists it is a conflict.
    """
    if told == before:
        return Decision.NOTHING
    listed = _goes_on(before, told) and _keeps_its_money(before, told)
    return Decision.APPLY if listed else Decision.CONFLICT


def movements(before: Standing | None, after: Standing) -> tuple[Movement, ...]:
    """What moves when a dispute comes to stand at `after`; `before` is None for a new one.

    Steps in between that nobody told of are made up for: a dispute that is first heard of when it
    is lost was opened, and withdrawn if it is so. For lawful steps only (see `decide`).
    """
    done = _done(before)
    if not after.charged or done & _ENDS:
        return ()
    end = Movement.LOST if after.status in LOST else Movement.WON
    wanted = (
        (Movement.OPENED, True),
        (Movement.WITHDRAWN, after.withdrawn),
        (end, after.over),
    )
    return tuple(step for step, is_due in wanted if is_due and step not in done)


def _done(standing: Standing | None) -> frozenset[Movement]:
    """What has moved already where a dispute stands so."""
    return frozenset() if standing is None else frozenset(movements(None, standing))


def _goes_on(before: Standing, told: Standing) -> bool:
    forward = STAGES.index(told.stage) - STAGES.index(before.stage)
    if forward < 0 or (forward > 0 and before.over):
        return False
    if told.status is before.status or told.status in STATUS_EDGES[before.status]:
        return True
    return forward > 0 and told.status is DisputeStatus.OPEN


def _keeps_its_money(before: Standing, told: Standing) -> bool:
    """Money that was taken comes back by winning only; after the end nothing is taken from it."""
    if before.withdrawn and not told.withdrawn:
        return told.status is DisputeStatus.WON
    taken_at_last = told.withdrawn and not before.withdrawn
    return not (taken_at_last and before.status is DisputeStatus.WON)
