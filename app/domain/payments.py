"""A payment's status and amounts: one total, pure function of what is known of its operations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from app.domain.operations import OperationKind, OperationState

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

CaptureMode = Literal["automatic", "manual"]
Closure = Literal["blocked", "canceled", "expired"]


class PaymentStatus(StrEnum):
    """What merchants and staff see of a payment; `conflicted` is shown to merchants as a review."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    PARTIALLY_CAPTURED = "partially_captured"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    BLOCKED = "blocked"
    IN_REVIEW = "in_review"
    CANCELED = "canceled"
    EXPIRED = "expired"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CHARGED_BACK = "charged_back"
    CONFLICTED = "conflicted"


class DisputeStatus(StrEnum):
    """Where a dispute stands. `expired`: the time to answer ran out, which loses it."""

    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"
    EXPIRED = "expired"


class DisputeStage(StrEnum):
    """How far a dispute has gone; an inquiry moves no money."""

    INQUIRY = "inquiry"
    CHARGEBACK = "chargeback"
    PRE_ARBITRATION = "pre_arbitration"
    ARBITRATION = "arbitration"


@dataclass(frozen=True, slots=True)
class OperationFact:
    """What the status needs to know of one operation.

    `attempt` counts the attempts of the payment from 1, `sequence` its operations in the order in
    which they were written. `queued`: a task in the outbox or a live lease stands behind it.
    `conflicted`: what is known of it contradicts itself or the payment. `suspense`: the money that
    it moves is not this payment's (another attempt had paid, or the payment was over), so it
    changes no amount here. A dispute is read by `dispute_status` and `dispute_stage`; its `state`
    says nothing, and a status that is absent or not understood counts as open.
    """

    kind: OperationKind
    state: OperationState
    attempt: int
    amount_minor: int
    sequence: int
    queued: bool
    conflicted: bool = False
    suspense: bool = False
    dispute_status: str | None = None
    dispute_stage: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What the status needs to know of one payment; one currency throughout.

    `closed`: why no further attempt may start, if somebody or the clock decided so.
    `attempts_left`: whether the payer or a cascade may still try again.
    """

    amount_minor: int
    capture_mode: CaptureMode
    operations: tuple[OperationFact, ...]
    closed: Closure | None
    in_review: bool = False
    attempts_left: bool = False


@dataclass(frozen=True, slots=True)
class PaymentSummary:
    """The derived status and amounts, in minor units of the payment's currency.

    `authorized_minor`: held by authorizations and not released again, the captured part included;
    a purchase holds nothing. `disputed_minor`: in disputes that are open and past the inquiry.
    """

    status: PaymentStatus
    authorized_minor: int
    captured_minor: int
    refunded_minor: int
    disputed_minor: int
    charged_back_minor: int


_PAYING: Final = frozenset({OperationKind.AUTHORIZE, OperationKind.PURCHASE})
_TAKING: Final = frozenset({OperationKind.PURCHASE, OperationKind.CAPTURE})
_BRINGING: Final = _PAYING | _TAKING
UNSENT: Final = frozenset({OperationState.INIT, OperationState.NOT_SENT})
"""States in which it matters whether an operation is `queued`."""
_UNDER_WAY: Final = frozenset(
    {OperationState.PENDING, OperationState.UNKNOWN, OperationState.ACTION},
)
_DISPUTE_LOST: Final = frozenset(
    {DisputeStatus.LOST, DisputeStatus.ACCEPTED, DisputeStatus.EXPIRED},
)
_DISPUTE_OVER: Final = _DISPUTE_LOST | {DisputeStatus.WON}
_CLOSED: Final[Mapping[str | None, PaymentStatus]] = MappingProxyType(
    {
        "blocked": PaymentStatus.BLOCKED,
        "canceled": PaymentStatus.CANCELED,
        "expired": PaymentStatus.EXPIRED,
    },
)

_ALL: Final = frozenset(PaymentStatus)
_SET_ASIDE: Final = frozenset({PaymentStatus.IN_REVIEW, PaymentStatus.CONFLICTED})
_RETURNED: Final = frozenset(
    {
        PaymentStatus.PARTIALLY_REFUNDED,
        PaymentStatus.REFUNDED,
        PaymentStatus.DISPUTED,
        PaymentStatus.CHARGED_BACK,
    },
)
_AFTER_UNPAID: Final = _ALL - _RETURNED - {PaymentStatus.PARTIALLY_CAPTURED}
_AFTER_CLOSED: Final = _SET_ASIDE | {
    PaymentStatus.REQUIRES_ACTION,
    PaymentStatus.PROCESSING,
    PaymentStatus.AUTHORIZED,
    PaymentStatus.SUCCEEDED,
}
_AFTER_RETURNED: Final = (
    _SET_ASIDE | _RETURNED | {PaymentStatus.PARTIALLY_CAPTURED, PaymentStatus.SUCCEEDED}
)

PAYMENT_EDGES: Final[Mapping[PaymentStatus, frozenset[PaymentStatus]]] = MappingProxyType(
    {
        status: following - {status}
        for status, following in {
            PaymentStatus.CREATED: _AFTER_UNPAID,
            PaymentStatus.REQUIRES_ACTION: _AFTER_UNPAID,
            PaymentStatus.PROCESSING: _AFTER_UNPAID,
            PaymentStatus.FAILED: _AFTER_UNPAID,
            PaymentStatus.AUTHORIZED: _AFTER_UNPAID | {PaymentStatus.PARTIALLY_CAPTURED},
            PaymentStatus.BLOCKED: _AFTER_CLOSED,
            PaymentStatus.CANCELED: _AFTER_CLOSED,
            PaymentStatus.EXPIRED: _AFTER_CLOSED,
            PaymentStatus.PARTIALLY_CAPTURED: _AFTER_RETURNED | {PaymentStatus.AUTHORIZED},
            PaymentStatus.PARTIALLY_REFUNDED: _AFTER_RETURNED,
            PaymentStatus.REFUNDED: _AFTER_RETURNED,
            PaymentStatus.CHARGED_BACK: _AFTER_RETURNED,
            PaymentStatus.SUCCEEDED: _ALL,
            PaymentStatus.DISPUTED: _ALL,
            PaymentStatus.IN_REVIEW: _ALL,
            PaymentStatus.CONFLICTED: _ALL,
        }.items()
    },
)
"""Status → the statuses that one change of the facts can lead to. What is missing is a leap, such
as a refund of what was never captured: the payment is then conflicted and a person looks at it."""


def is_listed(before: PaymentStatus, after: PaymentStatus) -> bool:
    """Tell whether a payment may go from `before` to `after` at once; staying is always listed."""
    return before == after or after in PAYMENT_EDGES[before]


def summarize(facts: PaymentFacts) -> PaymentSummary:
    """Derive status and amounts of a payment; defined for every input and never raises."""
    own = tuple(fact for fact in facts.operations if not fact.suspense)
    amounts = PaymentSummary(
        status=PaymentStatus.CREATED,
        authorized_minor=sum(_held(own, attempt) for attempt in _attempts(own)),
        captured_minor=_succeeded(own, _TAKING),
        refunded_minor=_succeeded(own, {OperationKind.REFUND}),
        disputed_minor=sum(fact.amount_minor for fact in _charged(own) if _is_open(fact)),
        charged_back_minor=sum(fact.amount_minor for fact in _charged(own) if _is_lost(fact)),
    )
    return replace(amounts, status=_status(facts, own, amounts))


def _status(
    facts: PaymentFacts,
    own: tuple[OperationFact, ...],
    amounts: PaymentSummary,
) -> PaymentStatus:
    if _contradict(facts, own, amounts):
        return PaymentStatus.CONFLICTED
    if facts.in_review:
        return PaymentStatus.IN_REVIEW
    if any(fact.kind == OperationKind.DISPUTE and _is_open(fact) for fact in own):
        return PaymentStatus.DISPUTED
    if amounts.captured_minor > 0:
        return _paid_status(facts, amounts)
    if amounts.authorized_minor > 0:
        return PaymentStatus.AUTHORIZED
    return _unpaid_status(facts, own)


def _contradict(
    facts: PaymentFacts,
    own: tuple[OperationFact, ...],
    amounts: PaymentSummary,
) -> bool:
    """Marked so; taken or returned beyond what there is to take; or paid by two attempts at once.

    Refunds and captures count while they are under way: what they give back or take may be taken
    away under them. A refund and a chargeback of the same money together exceed it in everyday
    life: no conflict.
    A person resolves these by marking the operation that is not this payment's as suspense.
    """
    return (
        any(fact.conflicted for fact in facts.operations)
        or amounts.captured_minor > facts.amount_minor
        or _asked(facts.operations, OperationKind.CAPTURE)
        > _succeeded(facts.operations, {OperationKind.AUTHORIZE})
        or max(_asked(own, OperationKind.REFUND), amounts.charged_back_minor)
        > amounts.captured_minor
        or sum(_pays(own, attempt) for attempt in _attempts(own)) > 1
    )


def _paid_status(facts: PaymentFacts, amounts: PaymentSummary) -> PaymentStatus:
    returned_minor = amounts.charged_back_minor + amounts.refunded_minor
    if amounts.charged_back_minor > 0 and returned_minor >= amounts.captured_minor:
        return PaymentStatus.CHARGED_BACK
    if amounts.refunded_minor >= amounts.captured_minor:
        return PaymentStatus.REFUNDED
    # Only a manual capture leaves a rest for the merchant to take.
    if facts.capture_mode == "manual" and amounts.authorized_minor > amounts.captured_minor:
        return PaymentStatus.PARTIALLY_CAPTURED
    return PaymentStatus.PARTIALLY_REFUNDED if returned_minor > 0 else PaymentStatus.SUCCEEDED


def _unpaid_status(facts: PaymentFacts, own: tuple[OperationFact, ...]) -> PaymentStatus:
    if any(_waits_for_payer(fact) for fact in own):
        return PaymentStatus.REQUIRES_ACTION
    if any(_is_under_way(fact) for fact in own):
        return PaymentStatus.PROCESSING
    return _CLOSED.get(facts.closed) or _status_of_last_try(facts, own)


def _status_of_last_try(facts: PaymentFacts, own: tuple[OperationFact, ...]) -> PaymentStatus:
    # Suspense counts here: that attempt ended without paying this payment.
    tries = [fact for fact in facts.operations if fact.kind in _PAYING]
    if not tries:
        return PaymentStatus.CREATED
    last = max(tries, key=lambda fact: (fact.attempt, fact.sequence))
    if last.state == OperationState.SUCCESS and _is_released(own, last.attempt):
        return PaymentStatus.CANCELED
    ended = last.suspense or last.state in {OperationState.FAILED, OperationState.NOT_SENT}
    return PaymentStatus.FAILED if ended and not facts.attempts_left else PaymentStatus.CREATED


def _charged(own: Iterable[OperationFact]) -> list[OperationFact]:
    """The disputes that move money: all but inquiries."""
    return [
        fact
        for fact in own
        if fact.kind == OperationKind.DISPUTE and fact.dispute_stage != DisputeStage.INQUIRY
    ]


def _asked(facts: Iterable[OperationFact], kind: OperationKind) -> int:
    """What operations of a kind have moved or may still move, in minor units."""
    return sum(
        fact.amount_minor
        for fact in facts
        if fact.kind == kind and fact.state != OperationState.FAILED
    )


def _is_lost(fact: OperationFact) -> bool:
    return fact.dispute_status in _DISPUTE_LOST


def _waits_for_payer(fact: OperationFact) -> bool:
    return fact.kind in _PAYING and fact.state == OperationState.ACTION


def _is_open(fact: OperationFact) -> bool:
    return fact.dispute_status not in _DISPUTE_OVER


def _is_under_way(fact: OperationFact) -> bool:
    """Whether money may still come in by it."""
    return fact.kind in _BRINGING and (
        fact.state in _UNDER_WAY or (fact.state in UNSENT and fact.queued)
    )


def _attempts(facts: Iterable[OperationFact]) -> set[int]:
    return {fact.attempt for fact in facts}


def _succeeded(
    facts: Iterable[OperationFact],
    kinds: Collection[OperationKind],
    attempt: int | None = None,
) -> int:
    """Sum what succeeded of these kinds, of one attempt if it is named."""
    return sum(
        fact.amount_minor
        for fact in facts
        if fact.kind in kinds
        and fact.state == OperationState.SUCCESS
        and attempt in {None, fact.attempt}
    )


def _is_released(own: Iterable[OperationFact], attempt: int) -> bool:
    return any(
        fact.kind == OperationKind.VOID
        and fact.state == OperationState.SUCCESS
        and fact.attempt == attempt
        for fact in own
    )


def _held(own: tuple[OperationFact, ...], attempt: int) -> int:
    """What the attempt's authorizations hold or have yielded; a void releases the rest."""
    authorized_minor = _succeeded(own, {OperationKind.AUTHORIZE}, attempt)
    if not _is_released(own, attempt):
        return authorized_minor
    return min(authorized_minor, _succeeded(own, {OperationKind.CAPTURE}, attempt))


def _pays(own: tuple[OperationFact, ...], attempt: int) -> bool:
    return _held(own, attempt) > 0 or _succeeded(own, _TAKING, attempt) > 0
