"""What would be posted, told before anything is: nothing here is written.

A preview builds the drafts by the same functions as the act itself, on what is known now.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.domain import policies
from app.domain.desk import RESOLUTIONS, CaseKind, Ending
from app.domain.ledger import postings
from app.domain.ledger.accounts import AccountOwner, qualify
from app.domain.ledger.journals import JournalKind
from app.domain.operations import OperationKind, OperationState
from app.models import Operation
from app.queries import desk, operations, payments
from app.queries import ledger as ledger_rows
from app.services import adjustments, captures, fees, money_in, refunds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.desk import Resolution
    from app.domain.ledger.accounts import AccountRef
    from app.domain.ledger.journals import JournalDraft
    from app.models import ApprovalRequest, DeskCase, Payment


@dataclass(frozen=True, slots=True)
class Split:
    """What becomes of a captured amount, in minor units: the merchant's part, and our fee."""

    amount_minor: int
    net_minor: int

    @property
    def fee_minor(self) -> int:
        """What is kept of it: fee and tax."""
        return self.amount_minor - self.net_minor


@dataclass(frozen=True, slots=True)
class Line:
    """One side of a journal: the account's code, debit positive, in minor units of `currency`."""

    account: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as it would be posted."""

    kind: str
    lines: tuple[Line, ...]


def capture(session: Session, now: datetime, payment: Payment, amount_minor: int) -> Split:
    """Return how a capture of so much of what is authorized would be split at `now`."""
    attempt_id = captures.authorized_attempt(session, payment)
    draft = fees.capture_draft(_capture(session, now, payment, attempt_id, amount_minor))
    merchants = [p for p in draft.postings if p.account.owner == AccountOwner.MERCHANT]
    return Split(amount_minor, -sum(posting.amount_minor for posting in merchants))


def offered(session: Session, case: DeskCase) -> tuple[Resolution, ...]:
    """Return the ways in which a case can end now; those that would be refused are left out."""
    operation = _operation(session, case)
    if operation is None:
        return RESOLUTIONS[CaseKind(case.kind)]
    payment = payments.by_id(session, operation.payment_id)
    if payment is None:
        return ()
    impossible = {
        Ending.ACCEPT: bool(payment.captured_minor or payment.authorized_minor)
        or not operation.suspense
        or operation.suspense_minor < operation.effect_minor,
        Ending.SET_APART: not _has_captured(operation),
    }
    return tuple(
        each for each in RESOLUTIONS[CaseKind(case.kind)] if not impossible.get(each.ending, False)
    )


def ending(session: Session, now: datetime, case: DeskCase, how: str) -> list[Journal]:
    """Return the journals that ending a case so would post, at once or when the provider did it."""
    operation = _operation(session, case)
    if operation is None:
        return []
    payment = payments.by_id(session, operation.payment_id)
    if payment is None:
        return []
    attempt = operations.attempt_of(session, operation)
    account = operations.connector_account(session, attempt.connector_account_id).public_id
    merchant = operations.merchant_of(session, payment.merchant_id).public_id
    found = _DRAFTS.get(Ending(how), _nothing)(session, now, payment, operation, case)
    return [_journal(draft, merchant, account) for draft in found] + (
        _given_back(session, operation) if how == Ending.FAILED else []
    )


def requested(session: Session, now: datetime, request: ApprovalRequest) -> list[Journal]:
    """Return the journals that approving a request would post, where it is known before."""
    payload: dict[str, Any] = json.loads(request.payload)
    if request.command in {policies.RESOLVE, policies.END_UNKNOWN}:
        case = desk.get(session, str(payload["case"]))
        return [] if case is None else ending(session, now, case, str(payload["ending"]))
    if request.command in {policies.ADJUST, policies.WRITE_OFF}:
        checked = adjustments.check(session, payload)
        return [_journal(checked.draft, checked.merchant.public_id, checked.connector_account)]
    return []


def _journal(draft: JournalDraft, merchant: str, account: str) -> Journal:
    return Journal(
        draft.kind,
        tuple(
            Line(_code(each.account, merchant, account), each.amount_minor, each.currency)
            for each in draft.postings
        ),
    )


def _operation(session: Session, case: DeskCase) -> Operation | None:
    return None if case.operation_id is None else operations.by_id(session, case.operation_id)


def _has_captured(operation: Operation) -> bool:
    took = operation.kind in money_in.TAKES and operation.state == OperationState.SUCCESS
    return took and not operation.suspense


def _capture(
    session: Session, now: datetime, payment: Payment, attempt_id: int, amount_minor: int
) -> Operation:
    """Return a capture with its fee that is not part of the session."""
    made = Operation(
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
        payment_id=payment.id,
        attempt_id=attempt_id,
        kind=OperationKind.CAPTURE,
        amount_minor=amount_minor,
        currency=payment.currency,
    )
    made.fee_breakdown = fees.of_capture(session, now, payment, made)
    return made


def _code(ref: AccountRef, merchant: str, account: str) -> str:
    if ref.owner is AccountOwner.AGENT:
        return ref.code
    return qualify(ref, merchant=merchant, connector_account=account)


def _nothing(*_of: object) -> Iterator[JournalDraft]:
    yield from ()


def _send_back(
    _session: Session, _now: datetime, _payment: Payment, operation: Operation, case: DeskCase
) -> Iterator[JournalDraft]:
    kind = JournalKind.REFUND_SUCCEEDED
    yield postings.surplus_returned(case.amount_minor or 0, operation.currency, kind)


def _credit(
    _session: Session, _now: datetime, _payment: Payment, operation: Operation, case: DeskCase
) -> Iterator[JournalDraft]:
    yield postings.surplus_credited(case.amount_minor or 0, operation.currency)


def _accept(
    session: Session, now: datetime, payment: Payment, operation: Operation, _case: DeskCase
) -> Iterator[JournalDraft]:
    amount_minor = operation.effect_minor
    yield fees.capture_draft(_capture(session, now, payment, operation.attempt_id, amount_minor))
    yield from _settling(operation, operation.suspense_minor - amount_minor)


def _set_apart(
    session: Session, _now: datetime, payment: Payment, operation: Operation, _case: DeskCase
) -> Iterator[JournalDraft]:
    own = refunds.own_money(session, payment)
    yield postings.capture_reversal(fees.capture_draft(operation), own)
    yield from _settling(operation, _come(operation))


def _happened(
    session: Session, now: datetime, payment: Payment, operation: Operation, _case: DeskCase
) -> Iterator[JournalDraft]:
    amount, currency = operation.amount_minor, operation.currency
    if operation.kind == OperationKind.REFUND:
        if operation.suspense:
            yield postings.surplus_returned(amount, currency, JournalKind.REFUND_SUCCEEDED)
        else:
            yield postings.refund_succeeded(amount, currency)
    elif operation.kind in money_in.TAKES:
        come = _come(operation)
        if money_in.is_foreign(session, payment, operation):
            yield from _settling(operation, come)
            return
        took = min(come, amount)
        yield fees.capture_draft(_capture(session, now, payment, operation.attempt_id, took))
        yield from _settling(operation, come - took)


def _settling(operation: Operation, wanted_minor: int) -> Iterator[JournalDraft]:
    """Bring what is held apart to an amount."""
    change = wanted_minor - operation.suspense_minor
    if change > 0:
        yield postings.surplus(change, operation.currency)
    elif change < 0:
        yield postings.surplus_returned(-change, operation.currency)


def _come(operation: Operation) -> int:
    received = operation.received_minor
    return operation.amount_minor if received is None else received


def _given_back(session: Session, operation: Operation) -> list[Journal]:
    """Return the journal of a refund that did not happen: what had been held goes back."""
    if operation.kind != OperationKind.REFUND or operation.suspense:
        return []
    asked = ledger_rows.last_journal(session, operation.public_id, (JournalKind.REFUND_ASKED,))
    if asked is None:
        return []
    lines = [
        Line(account.code, -line.amount_minor, line.currency)
        for line, account in ledger_rows.lines_of_payment(session, operation.payment_id)
        if line.journal_id == asked.id
    ]
    return [Journal(JournalKind.REFUND_FAILED, tuple(lines))]


_DRAFTS: Mapping[Ending, Callable[..., Iterator[JournalDraft]]] = {
    Ending.SEND_BACK: _send_back,
    Ending.CREDIT: _credit,
    Ending.ACCEPT: _accept,
    Ending.SET_APART: _set_apart,
    Ending.SUCCEEDED: _happened,
}
