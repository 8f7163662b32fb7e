"""An operation's events are an unbroken chain of listed changes that ends at its state."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from app.domain.operations import OperationState, is_legal
from app.models import Operation, OperationEvent
from app.services.invariants.base import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    Step = tuple[str, str]

CHUNK = 1000


class StateEdges:
    """Only listed changes of state happened."""

    name: ClassVar[str] = "state_edges"
    sentence: ClassVar[str] = (
        "each operation went from init to its state by listed changes only, each with its event"
    )

    def check(self, session: Session) -> list[Violation]:
        """Return operations whose events break the chain, streaming through all of them."""
        rows = session.execute(
            select(
                Operation.public_id, Operation.state, OperationEvent.before, OperationEvent.after
            )
            .outerjoin(OperationEvent, OperationEvent.operation_id == Operation.id)
            .order_by(Operation.id, OperationEvent.id)
            .execution_options(yield_per=CHUNK)
        )
        found = []
        for (operation, state), events in groupby(rows, key=itemgetter(0, 1)):
            steps = [(before, after) for _, _, before, after in events if before]
            found += [Violation(operation, fault) for fault in faults(state, steps)]
        return found


def faults(state: str, steps: Iterable[Step]) -> Iterator[str]:
    """Yield what is wrong with the changes that led to `state`, oldest first.

    A step from a state to itself keeps a conflict: a fact that contradicted and moved nothing.
    """
    stands = str(OperationState.INIT)
    for before, after in steps:
        if before != stands:
            yield f"stood at {stands} when an event says {before}"
        if before != after and not _listed(before, after):
            yield f"{before} to {after} is not listed"
        stands = after
    if stands != state:
        yield f"is {state}, its events say {stands}"


def _listed(before: str, after: str) -> bool:
    known = set(OperationState)
    if before not in known or after not in known:
        return False
    return is_legal(OperationState(before), OperationState(after))
