"""Every small history of a payment, step by step: what the table of status changes is held against.

One step is one change of the facts, as services make them: something is asked or reported, an
operation moves along an edge, the payment is closed. What the status does not tell apart is walked
once: `unknown` as `pending`, a failed refund as one that is pending, an accepted dispute as a lost
one, the order among later operations.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from app.domain.operations import EDGES, OperationKind, OperationState
from app.domain.payments import OperationFact, PaymentFacts, PaymentStatus, summarize

if TYPE_CHECKING:
    from collections.abc import Iterator

Change = tuple[PaymentStatus, PaymentStatus]
Kind, State, Status = OperationKind, OperationState, PaymentStatus

AMOUNT_MINOR = 4  # half can be captured, and half of that returned
START = PaymentFacts(AMOUNT_MINOR, "manual", (), None)
PAYING = {Kind.AUTHORIZE, Kind.PURCHASE}
MAX_OPERATIONS = (1, 4, 2)  # by the number of attempts
WALKED = set(State) - {State.UNKNOWN, State.INIT}
MAY_CLOSE = {
    Status.CREATED,
    Status.REQUIRES_ACTION,
    Status.PROCESSING,
    Status.AUTHORIZED,
    Status.FAILED,
}
DISPUTE_MOVES = {"open": ("won", "lost"), "won": ("open",), "lost": ("open", "won")}
LATER_MOVES = {State.PENDING: State.SUCCESS, State.SUCCESS: State.PENDING}


def reachable_changes() -> set[Change]:
    """Every status change that some small history makes."""
    changes: set[Change] = set()
    statuses = {START: variants(START)}
    waiting = [START]
    while waiting:
        facts = waiting.pop()
        before = statuses[facts]
        changes.update(product(before, before))
        for following in steps(facts):
            if following not in statuses:
                statuses[following] = variants(following)
                waiting.append(following)
            changes.update(product(before, statuses[following]))
    return {(one, other) for one, other in changes | closed_otherwise(changes) if one != other}


def closed_otherwise(changes: set[Change]) -> set[Change]:
    """Blocked and canceled payments go the ways of expired ones."""
    others = [{Status.EXPIRED: other} for other in (Status.BLOCKED, Status.CANCELED)]
    return {(to.get(one, one), to.get(two, two)) for one, two in changes for to in others}


def variants(facts: PaymentFacts) -> set[PaymentStatus]:
    """The status with and without attempts left, under review, and marked as contradictory."""
    status = summarize(facts).status
    if status == Status.CONFLICTED:
        return {status}
    statuses: set[PaymentStatus] = {status, Status.IN_REVIEW}
    if status == Status.FAILED:
        statuses.add(summarize(replace(facts, attempts_left=True)).status)
    return statuses | {Status.CONFLICTED} if facts.operations else statuses


def steps(facts: PaymentFacts) -> Iterator[PaymentFacts]:
    summary = summarize(facts)
    if facts.closed is None and summary.status in MAY_CLOSE:
        yield replace(facts, closed="expired")
    for index, fact in enumerate(facts.operations):
        others = facts.operations[:index] + facts.operations[index + 1 :]
        for moved in moves(facts, others, fact):
            yield replace(facts, operations=ordered(*others, moved))
    tries = [fact for fact in facts.operations if fact.kind in PAYING]
    if len(facts.operations) < MAX_OPERATIONS[len(tries)] - (facts.closed is not None):
        for fact in new_operations(facts, tries, summary.captured_minor):
            yield replace(facts, operations=ordered(*facts.operations, fact))


def ordered(*operations: OperationFact) -> tuple[OperationFact, ...]:
    return tuple(sorted(operations, key=lambda f: (f.sequence, f.kind, f.amount_minor, f.state)))


def moves(
    facts: PaymentFacts, others: tuple[OperationFact, ...], fact: OperationFact
) -> Iterator[OperationFact]:
    """Each way in which one operation may go on, while the others stay as they are."""
    if fact.kind in PAYING:
        if fact.kind != Kind.AUTHORIZE or all(f.kind in PAYING for f in others):
            yield from paying_moves(replace(facts, operations=others), fact)
    elif fact.kind == Kind.DISPUTE:
        paid = summarize(facts).captured_minor > 0
        for status in DISPUTE_MOVES[str(fact.dispute_status)]:
            if paid or status != "open":
                yield replace(fact, dispute_status=status)
        if fact.dispute_stage == "inquiry":
            yield replace(fact, dispute_stage="chargeback")
    else:
        yield replace(fact, state=LATER_MOVES[fact.state])


def paying_moves(without: PaymentFacts, fact: OperationFact) -> Iterator[OperationFact]:
    """A success while another attempt pays is not this payment's; a late one may be refused."""
    paid = summarize(without)
    elsewhere = paid.captured_minor > 0 or paid.authorized_minor > 0
    if fact.suspense:
        if not elsewhere:
            yield replace(fact, suspense=False)
        return
    if fact.queued:
        yield replace(fact, queued=False)
    for after in EDGES[fact.state] & WALKED:
        if after != State.SUCCESS or not elsewhere:
            yield replace(fact, state=after, queued=False)
    if State.SUCCESS in EDGES[fact.state]:
        yield replace(fact, state=State.SUCCESS, queued=False, suspense=True)


def new_operations(
    facts: PaymentFacts, tries: list[OperationFact], captured_minor: int
) -> Iterator[OperationFact]:
    """Whatever may be asked for, or be heard of first, as things stand."""
    if facts.closed is None and may_try_again(tries):
        attempt = len(tries) + 1
        for kind in PAYING:
            yield OperationFact(kind, State.INIT, attempt, AMOUNT_MINOR, attempt, queued=True)
    for fact in tries:
        if (fact.kind, fact.state, fact.suspense) == (Kind.AUTHORIZE, State.SUCCESS, False):
            yield from of_authorization(facts, fact.attempt)
        if fact.state == State.SUCCESS and captured_minor > 0 and not fact.suspense:
            yield from of_captured(facts, captured_minor, fact.attempt)


def may_try_again(tries: list[OperationFact]) -> bool:
    ended = {State.FAILED, State.NOT_SENT, State.ACTION}
    return len(tries) < 2 and all(fact.state in ended for fact in tries)


def of_authorization(facts: PaymentFacts, attempt: int) -> Iterator[OperationFact]:
    rest_minor = AMOUNT_MINOR - asked(facts, Kind.CAPTURE)
    if rest_minor > 0 and asked(facts, Kind.VOID) == 0:
        for amount_minor in {AMOUNT_MINOR // 2, rest_minor}:
            yield later(Kind.CAPTURE, attempt, amount_minor)
        yield later(Kind.VOID, attempt, rest_minor)


def of_captured(facts: PaymentFacts, captured_minor: int, attempt: int) -> Iterator[OperationFact]:
    rest_minor = captured_minor - asked(facts, Kind.REFUND)
    for amount_minor in {1, rest_minor} if rest_minor > 0 else ():
        yield later(Kind.REFUND, attempt, amount_minor)
    if asked(facts, Kind.DISPUTE) == 0:
        for amount_minor in (1, captured_minor):
            dispute = later(Kind.DISPUTE, attempt, amount_minor)
            for status in ("open", "lost"):
                yield replace(dispute, dispute_status=status)
            yield replace(dispute, dispute_status="open", dispute_stage="inquiry")


def asked(facts: PaymentFacts, kind: OperationKind) -> int:
    return sum(fact.amount_minor for fact in facts.operations if fact.kind == kind)


def later(kind: OperationKind, attempt: int, amount_minor: int) -> OperationFact:
    return OperationFact(kind, State.PENDING, attempt, amount_minor, 9, queued=False)
