"""What the page of one payment tells: its story, its money, and what can be done with it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask_babel import gettext, lazy_gettext

from app.domain import failures
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus
from app.domain.permissions import Permission
from app.queries import (
    approvals,
    desk,
    disputes,
    ledger,
    listing,
    operations,
    payment_links,
    payment_pages,
)
from app.services import look_up
from app.views import fee_words, payment_acts, payment_calls, payment_story, words
from app.views.locales import translate
from app.views.payment_story import Moment, Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import (
        ApprovalRequest,
        Attempt,
        DeskCase,
        Dispute,
        LedgerAccount,
        LedgerJournal,
        LedgerLine,
        Operation,
        Payment,
        PaymentLink,
    )
    from app.views.fee_words import Fee
    from app.views.payment_acts import Acts
    from app.views.payment_calls import Call

    Upload = Row[str, str, int, str | None]


_PARTS_THAT_FAILED: Final[Mapping[str, str]] = {
    OperationKind.REFUND: lazy_gettext("A refund of this payment failed: nothing was sent back."),
    OperationKind.CAPTURE: lazy_gettext("A capture failed: the amount is still authorized."),
    OperationKind.VOID: lazy_gettext("The release failed: the amount is still authorized."),
}


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
    disputes: Sequence[Dispute]
    story: Sequence[Moment]
    outcomes: Mapping[int, Operation]
    cases: Sequence[DeskCase]
    acts: Acts
    calls: Sequence[Call]
    posted: Sequence[Posted]
    fees: Sequence[Fee]
    upload: Upload | None
    link: PaymentLink | None
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
    def apart_minor(self) -> int:
        """What is held apart of the money that came, in minor units."""
        return sum(operation.suspense_minor for operation in self.operations)

    @property
    def capturing_minor(self) -> int:
        """What captures have asked for that have not ended, in minor units."""
        return max(0, self.payment.capture_asked_minor - self.payment.captured_minor)

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
    calls = payment_calls.of_operations(session, actor, ids)
    cases = payment_story.cases_of(session, actor, payment)
    upload = _upload(session, actor, payment)
    left = refundable_minor(payment)
    return PaymentPage(
        payment=payment,
        merchant=listing.merchant_names(session, [payment.merchant_id])[payment.merchant_id],
        attempts=attempts,
        connectors=_connectors(session, actor, attempts),
        operations=asked,
        disputes=_disputes(session, actor, payment, asked),
        story=payment_story.build(
            Moment(payment.created_at, _beginning(payment, upload)),
            Told(actor, asked, attempts, operations.events(session, ids), calls, cases),
        ),
        outcomes=payment_story.outcomes(asked),
        cases=desk.open_among(cases),
        acts=payment_acts.of(session, actor, payment, asked),
        calls=calls,
        posted=_posted(session, actor, payment),
        fees=fee_words.of_operations(asked),
        upload=upload,
        link=_link(session, actor, payment),
        made_by=_maker(payment, upload),
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


def _connectors(session: Session, actor: Actor, attempts: Sequence[Attempt]) -> Mapping[int, str]:
    if not actor.may(Permission.PAYMENTS_READ_CALLS):
        return {}
    return payment_pages.connectors(session, attempts)


def _disputes(
    session: Session, actor: Actor, payment: Payment, asked: Sequence[Operation]
) -> Sequence[Dispute]:
    told = any(each.kind == OperationKind.DISPUTE for each in asked)
    if not told or not actor.may(Permission.DISPUTES_READ):
        return []
    return disputes.of_payment(session, payment.id)


def _waits(operation: Operation) -> bool:
    return operation.state == OperationState.ACTION and bool(operation.action_url)


def _explained(payment: Payment, asked: Sequence[Operation]) -> Explained | None:
    if payment.failure_code not in set(failures.FailureCode):
        return None
    told = failures.describe(failures.FailureCode(payment.failure_code))
    failed = next((each for each in asked[::-1] if each.failure_code == payment.failure_code), None)
    return Explained(
        what=_what_failed(payment, failed),
        why=translate(told.for_merchant),
        who=words.WHO_CAN_ACT[told.who_can_act],
        following=translate(told.group_words),
        provider_code=(failed.provider_code if failed else "") or "",
        provider_text=(failed.provider_text if failed else "") or "",
    )


def _what_failed(payment: Payment, failed: Operation | None) -> str:
    part = _PARTS_THAT_FAILED.get(failed.kind) if failed else None
    if part is not None:
        return str(part)
    if payment.status != PaymentStatus.FAILED:
        return str(gettext("The last attempt failed: nothing was charged by it."))
    if failed is not None and failed.suspense_minor:
        return str(gettext("This payment failed: what came for it is held apart."))
    return str(gettext("This payment failed: nothing was charged."))


def _requested(session: Session, actor: Actor, payment: Payment) -> Sequence[ApprovalRequest]:
    if not actor.may(Permission.APPROVALS_READ):
        return []
    return approvals.waiting_for(session, [payment.public_id])


def _upload(session: Session, actor: Actor, payment: Payment) -> Upload | None:
    may_come = payment.origin == "bulk" or payment.payment_link_id is not None
    if not may_come or not actor.may(Permission.UPLOADS_READ):
        return None
    return payment_pages.upload_of(session, payment)


def _link(session: Session, actor: Actor, payment: Payment) -> PaymentLink | None:
    if payment.payment_link_id is None or not actor.may(Permission.LINKS_READ):
        return None
    return payment_links.by_id(session, payment.payment_link_id)


def _maker(payment: Payment, upload: Upload | None) -> str:
    is_of_row = upload is not None and payment.payment_link_id is None
    return (upload.confirmed_by if upload and is_of_row else "") or payment.created_by


def _beginning(payment: Payment, upload: Upload | None) -> str:
    """Say how the payment came to be; what a file asked for, nobody typed."""
    if payment.payment_link_id is not None:
        sentence = gettext("Payment begun by its payer at a payment link")
    elif upload:
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
