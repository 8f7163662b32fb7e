"""What the page of one payment tells: its story, its money, and what can be done with it now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain import failures
from app.domain.actors import ActorKind
from app.domain.operations import OperationKind, OperationState
from app.domain.permissions import Permission
from app.queries import ledger, listing, operations
from app.services import look_up
from app.views import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.failures import FailureWords
    from app.models import (
        Attempt,
        LedgerAccount,
        LedgerJournal,
        LedgerLine,
        Operation,
        OperationEvent,
        Payment,
        ProviderCall,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story."""

    at: datetime
    title: str
    badge: words.Badge | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A masked request to a provider and its answer."""

    row: ProviderCall
    request: str
    response: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal as far as the reader may see it: the journal itself is the house's."""

    journal: LedgerJournal | None
    kind: str
    at: datetime
    lines: Sequence[tuple[LedgerLine, LedgerAccount]]


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Everything that the template shows."""

    payment: Payment
    merchant: str
    attempts: Sequence[Attempt]
    operations: Sequence[Operation]
    story: Sequence[Moment]
    calls: Sequence[Call]
    posted: Sequence[Posted]
    fees: Sequence[str]
    failure: FailureWords | None
    failed: Operation | None
    next_action: str
    refundable_minor: int
    can_refund: bool
    can_look_up: bool

    @property
    def who_can_act(self) -> str:
        """Who can do something about the failure."""
        return words.WHO_CAN_ACT[self.failure.who_can_act] if self.failure else "nobody"

    @property
    def last4(self) -> str:
        """The last four digits of the card, where the provider has told them."""
        return next((each.card_last4 for each in self.attempts[::-1] if each.card_last4), "")


def build(session: Session, actor: Actor, payment: Payment) -> PaymentPage:
    """Read what this actor may see of a payment."""
    asked = operations.of_payment(session, payment.id)
    ids = [operation.id for operation in asked]
    events = operations.events(session, ids)
    failed = _failed(payment, asked)
    left = refundable_minor(payment)
    return PaymentPage(
        payment=payment,
        merchant=listing.merchant_names(session, [payment.merchant_id])[payment.merchant_id],
        attempts=operations.attempts(session, payment.id),
        operations=asked,
        story=_newest_first(_story(actor, payment, asked, events)),
        calls=_calls(session, actor, ids),
        posted=_posted(session, actor, payment),
        fees=[_fee(operation) for operation in asked if operation.fee_breakdown],
        failure=failures.describe(failures.FailureCode(payment.failure_code))
        if payment.failure_code in set(failures.FailureCode)
        else None,
        failed=failed,
        next_action=next((each.action_url for each in asked if _waits(each)), "") or "",
        refundable_minor=left,
        can_refund=left > 0 and actor.may(Permission.PAYMENTS_REFUND),
        can_look_up=look_up.is_open(asked) and actor.may(Permission.PAYMENTS_LOOK_UP),
    )


def refundable_minor(payment: Payment) -> int:
    """Return what could still be asked back, in minor units."""
    gone = payment.refund_asked_minor + payment.disputed_minor + payment.charged_back_minor
    return max(0, payment.captured_minor - gone)


def _newest_first(story: Iterable[Moment]) -> list[Moment]:
    """Order by time; what happened in the same moment stays in the order of cause and effect."""
    numbered = sorted(enumerate(story), key=lambda each: (each[1].at, each[0]), reverse=True)
    return [moment for _, moment in numbered]


def _waits(operation: Operation) -> bool:
    return operation.state == OperationState.ACTION and bool(operation.action_url)


def _failed(payment: Payment, asked: Sequence[Operation]) -> Operation | None:
    if payment.failure_code is None:
        return None
    return next((each for each in asked[::-1] if each.failure_code == payment.failure_code), None)


def _story(
    actor: Actor,
    payment: Payment,
    asked: Sequence[Operation],
    events: Sequence[OperationEvent],
) -> Iterator[Moment]:
    by_id = {operation.id: operation for operation in asked}
    yield Moment(payment.created_at, f"Payment made by {payment.created_by} ({payment.origin})")
    for operation in asked:
        word = words.operation_word(operation.kind)
        if operation.kind == OperationKind.REFUND:
            note = operation.reason or ""
            yield Moment(
                operation.created_at, f"{word} asked by {operation.requested_by}", note=note
            )
    for event in events:
        operation = by_id[event.operation_id]
        yield Moment(
            event.created_at,
            words.operation_word(operation.kind),
            words.operation_badge(event.after),
            event.note if actor.kind is ActorKind.STAFF else "",
        )


def _calls(session: Session, actor: Actor, ids: Sequence[int]) -> list[Call]:
    if not actor.may(Permission.PAYMENTS_READ_CALLS):
        return []
    return [
        Call(row, _pretty(row.request), _pretty(row.response))
        for row in operations.provider_calls(session, ids)
    ]


def _pretty(text: str | None) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""


def _posted(session: Session, actor: Actor, payment: Payment) -> list[Posted]:
    if not actor.may(Permission.LEDGER_READ):
        return []
    journals: Mapping[int, LedgerJournal] = {
        journal.id: journal for journal in ledger.journals_of_payment(session, payment.id)
    }
    by_journal: dict[int, list[tuple[LedgerLine, LedgerAccount]]] = {}
    for line, account in ledger.lines_of_payment(session, payment.id):
        by_journal.setdefault(line.journal_id, []).append((line, account))
    return [
        Posted(journals.get(journal_id), lines[0][0].kind, lines[0][0].created_at, lines)
        for journal_id, lines in by_journal.items()
    ]


def _fee(operation: Operation) -> str:
    return str(json.loads(operation.fee_breakdown or "{}").get("sentence", ""))
