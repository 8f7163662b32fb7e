"""What the page of one payment tells: its story, its money, and what can be done with it now."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask_babel import gettext

from app.domain import failures
from app.domain.actors import ActorKind
from app.domain.operations import OperationKind, OperationState
from app.domain.permissions import Permission
from app.queries import approvals, ledger, listing, operations, payment_pages
from app.services import look_up
from app.views import codes, fee_words, words
from app.views.locales import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import (
        ApprovalRequest,
        Attempt,
        LedgerAccount,
        LedgerJournal,
        LedgerLine,
        Operation,
        OperationEvent,
        Payment,
        ProviderCall,
    )
    from app.views.fee_words import Fee

    Upload = Row[str, str, int, str | None]


@dataclass(frozen=True, slots=True)
class Call:
    """A masked request to a provider and its answer."""

    row: ProviderCall
    request: str
    response: str

    @property
    def path(self) -> str:
        """What of the provider was called: the address without the provider itself."""
        return urlsplit(self.row.url).path or self.row.url


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story."""

    at: datetime
    title: str
    badge: words.Badge | None = None
    note: str = ""
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal as far as the reader may see it: the journal itself is the house's."""

    journal: LedgerJournal | None
    kind: str
    at: datetime
    lines: Sequence[tuple[LedgerLine, LedgerAccount]]


@dataclass(frozen=True, slots=True)
class Explained:
    """A failure in words: what happened, why, who can act, and what to do next."""

    what: str
    why: str
    who: str
    following: str
    provider_code: str
    provider_text: str


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Everything that the template shows."""

    payment: Payment
    merchant: str
    attempts: Sequence[Attempt]
    connectors: Mapping[int, str]
    operations: Sequence[Operation]
    story: Sequence[Moment]
    calls: Sequence[Call]
    posted: Sequence[Posted]
    fees: Sequence[Fee]
    upload: Upload | None
    made_by: str
    failure: Explained | None
    next_action: str
    refundable_minor: int
    can_refund: bool
    can_look_up: bool
    waiting: Sequence[ApprovalRequest]

    @property
    def card_last4(self) -> str:
        """The last four digits of the card, where the provider has told them."""
        return last4(self.attempts)

    @property
    def card_brand(self) -> str:
        """The brand of the card, where the provider has told it."""
        return next((each.card_brand for each in self.attempts[::-1] if each.card_brand), "")

    @property
    def account_codes(self) -> set[str]:
        """The codes of the ledger accounts that the journals name."""
        return {account.code for posted in self.posted for _, account in posted.lines}

    @property
    def fee_minor(self) -> int:
        """What we take of this payment, in minor units."""
        return sum(fee.total_minor for fee in self.fees)


def build(session: Session, actor: Actor, payment: Payment) -> PaymentPage:
    """Read what this actor may see of a payment."""
    asked = operations.of_payment(session, payment.id)
    ids = [operation.id for operation in asked]
    attempts = operations.attempts(session, payment.id)
    calls = _calls(session, actor, ids)
    events = operations.events(session, ids)
    upload = _upload(session, actor, payment)
    left = refundable_minor(payment)
    return PaymentPage(
        payment=payment,
        merchant=listing.merchant_names(session, [payment.merchant_id])[payment.merchant_id],
        attempts=attempts,
        connectors=payment_pages.connectors(session, attempts)
        if actor.may(Permission.PAYMENTS_READ_CALLS)
        else {},
        operations=asked,
        story=_newest_first(
            [
                Moment(payment.created_at, _beginning(payment, upload)),
                *_story(actor, asked, events, calls),
            ]
        ),
        calls=calls,
        posted=_posted(session, actor, payment),
        fees=fee_words.of_operations(asked),
        upload=upload,
        made_by=(upload.confirmed_by if upload else "") or payment.created_by,
        failure=_explained(payment, asked),
        next_action=next((each.action_url for each in asked if _waits(each)), "") or "",
        refundable_minor=left,
        can_refund=left > 0 and actor.may(Permission.PAYMENTS_REFUND),
        can_look_up=look_up.is_open(asked) and actor.may(Permission.PAYMENTS_LOOK_UP),
        waiting=_requested(session, actor, payment),
    )


def refundable_minor(payment: Payment) -> int:
    """Return what could still be asked back, in minor units."""
    gone = payment.refund_asked_minor + payment.disputed_minor + payment.charged_back_minor
    return max(0, payment.captured_minor - gone)


def last4(attempts: Sequence[Attempt]) -> str:
    """Return the last four digits of the card that was used last."""
    return next((each.card_last4 for each in attempts[::-1] if each.card_last4), "")


def _newest_first(story: Iterable[Moment]) -> list[Moment]:
    """Order by time; what happened in the same moment stays in the order of cause and effect."""
    numbered = sorted(enumerate(story), key=lambda each: (each[1].at, each[0]), reverse=True)
    return [moment for _, moment in numbered]


def _waits(operation: Operation) -> bool:
    return operation.state == OperationState.ACTION and bool(operation.action_url)


def _explained(payment: Payment, asked: Sequence[Operation]) -> Explained | None:
    if payment.failure_code not in set(failures.FailureCode):
        return None
    told = failures.describe(failures.FailureCode(payment.failure_code))
    failed = next((each for each in asked[::-1] if each.failure_code == payment.failure_code), None)
    what = gettext("This payment failed: nothing was charged.")
    if failed and failed.kind == OperationKind.REFUND:
        what = gettext("A refund of this payment failed: nothing was sent back.")
    return Explained(
        what=what,
        why=translate(told.for_merchant),
        who=words.WHO_CAN_ACT[told.who_can_act],
        following=translate(told.group_words),
        provider_code=(failed.provider_code if failed else "") or "",
        provider_text=(failed.provider_text if failed else "") or "",
    )


def _requested(session: Session, actor: Actor, payment: Payment) -> Sequence[ApprovalRequest]:
    if not actor.may(Permission.APPROVALS_READ):
        return []
    return approvals.waiting_for(session, [payment.public_id])


def _upload(session: Session, actor: Actor, payment: Payment) -> Upload | None:
    if payment.origin != "bulk" or not actor.may(Permission.UPLOADS_READ):
        return None
    return payment_pages.upload_of(session, payment.id)


def _beginning(payment: Payment, upload: Upload | None) -> str:
    """Say how the payment came to be; what a file asked for, nobody typed."""
    if upload:
        sentence = gettext(
            "Payment asked for by the file %(file)s, confirmed by %(name)s",
            file=upload.filename,
            name=upload.confirmed_by,
        )
    elif payment.origin == "bulk":
        sentence = gettext("Payment asked for by a file")
    else:
        sentence = gettext("Payment asked for by %(name)s", name=payment.created_by)
    return str(sentence)


def _story(
    actor: Actor,
    asked: Sequence[Operation],
    events: Sequence[OperationEvent],
    calls: Sequence[Call],
) -> Iterator[Moment]:
    by_id = {operation.id: operation for operation in asked}
    for operation in asked:
        if operation.kind == OperationKind.REFUND:
            title = gettext("Refund asked by %(name)s", name=operation.requested_by)
            yield Moment(operation.created_at, title, note=operation.reason or "")
    for call in calls:
        verb = codes.kind_word(call.row.verb)
        yield Moment(
            call.row.created_at, gettext("Call to the provider: %(verb)s", verb=verb), call=call
        )
    for event in events:
        yield Moment(
            event.created_at,
            words.operation_word(by_id[event.operation_id].kind),
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
