"""States of one operation asked of a provider, and the changes that may happen, as data."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class OperationKind(StrEnum):
    """What is asked of a provider; a dispute is not asked but reported by it."""

    AUTHORIZE = "authorize"
    PURCHASE = "purchase"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    PAYOUT = "payout"
    DISPUTE = "dispute"


class OperationState(StrEnum):
    """Where an operation stands, as far as we know."""

    INIT = "init"
    """Written down, not yet answered."""
    PENDING = "pending"
    """The provider has it and is still at work."""
    ACTION = "action"
    """The payer must do something."""
    UNKNOWN = "unknown"
    """Asked, and no answer came: it may have taken effect."""
    NOT_SENT = "not_sent"
    """It never left this machine, or the provider documents that it did not process it."""
    SUCCESS = "success"
    FAILED = "failed"


class Decision(StrEnum):
    """What a report does to an operation."""

    APPLY = "apply"
    """The change is listed: write the state and its event."""
    NOTHING = "nothing"
    """The report says nothing new: keep it as evidence, change no state."""
    CONFLICT = "conflict"
    """The change is not listed: ask the provider for the object; if it insists, open a case."""


_UNSENT: Final = frozenset({OperationState.INIT, OperationState.NOT_SENT})
_UNDER_WAY: Final = frozenset(
    {OperationState.PENDING, OperationState.ACTION, OperationState.UNKNOWN},
)

FINAL_STATES: Final = frozenset({OperationState.SUCCESS, OperationState.FAILED})
"""States in which nothing is expected any more (though the provider may still change its mind)."""

OPEN_STATES: Final = _UNSENT | _UNDER_WAY
"""States in which an outcome is still to come."""

EDGES: Final[Mapping[OperationState, frozenset[OperationState]]] = MappingProxyType(
    {
        OperationState.INIT: _UNDER_WAY | FINAL_STATES | {OperationState.NOT_SENT},
        OperationState.NOT_SENT: _UNDER_WAY | FINAL_STATES | {OperationState.NOT_SENT},
        OperationState.PENDING: (_UNDER_WAY | FINAL_STATES) - {OperationState.PENDING},
        OperationState.ACTION: (_UNDER_WAY | FINAL_STATES) - {OperationState.ACTION},
        OperationState.UNKNOWN: (_UNDER_WAY | FINAL_STATES) - {OperationState.UNKNOWN},
        OperationState.FAILED: frozenset({OperationState.SUCCESS}),
        OperationState.SUCCESS: frozenset({OperationState.FAILED, OperationState.PENDING}),
    },
)
"""State → the states that may follow; not_sent → not_sent is a retry that again did not leave."""

EVIDENCE_ONLY: Final = frozenset(
    {
        (OperationState.FAILED, OperationState.SUCCESS),
        (OperationState.SUCCESS, OperationState.FAILED),
        (OperationState.SUCCESS, OperationState.PENDING),
    },
)
"""(before, after) that only the provider's evidence may bring, never our own conclusion: a late
success, a returned bank debit or a later failure, and a chain that was reorganised."""

_NO_NEWS: Final = frozenset({OperationState.UNKNOWN, OperationState.NOT_SENT})


def is_legal(before: OperationState, after: OperationState) -> bool:
    """Tell whether the change from `before` to `after` is listed."""
    return after in EDGES[before]


def decide(before: OperationState, reported: OperationState) -> Decision:
    """Judge a report about an operation that stands at `before`; never raises.

    `unknown` and `not_sent` speak of a call of ours, not of the provider's books. So where they
    are not a listed change — a timeout that is noticed after the webhook has told of success, a
    second try of an unknown operation that did not leave — they contradict nothing and change
    nothing; above all they never make an operation that may have taken effect free to be repeated.
    """
    if before == reported:
        return Decision.NOTHING
    if is_legal(before, reported):
        return Decision.APPLY
    if reported in _NO_NEWS:
        return Decision.NOTHING
    return Decision.CONFLICT
