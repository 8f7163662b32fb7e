"""Applying what providers have sent: matched to an operation, stored as evidence, then applied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import config
from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.card_numbers import scrub_text
from app.domain.operations import FINAL_STATES, Decision, OperationKind, OperationState
from app.errors import LeaseLostError, PayAgencyError, said
from app.providers import registry
from app.providers.base import Verb
from app.providers.webhooks import WebhookRefusedError
from app.queries import actors, inbound, operations, outbox
from app.services import desk, evidence, outcomes, reported
from app.services.evidence import Applied
from app.services.inbound import read_again
from app.services.operations import MONEY_QUEUE
from app.services.outbox import operation_key, wake_after_commit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import InboundEvent, Operation, Payment
    from app.providers.base import ProviderEvent
    from app.queries.actors import ToldOf
    from app.queries.outbox import Lease
    from app.services.evidence import Told

HOUSE: Final = Actor.house(None, "provider's message")
UNMATCHED_AFTER: Final = timedelta(hours=24)
WAITS_SECONDS: Final = (5, 15, 60, 300, 900, 3600)
"""How long an event waits for what it is about, from one try to the next."""

_CHARGES: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
_KINDS: Final[Mapping[Verb, frozenset[OperationKind]]] = {
    Verb.PURCHASE: _CHARGES,
    Verb.AUTHORIZE: _CHARGES,
    **{verb: frozenset({kind}) for verb, kind in reported.KINDS.items()},
}


@dataclass(frozen=True, slots=True)
class _Message:
    """An event as it was kept, read again; `account_id` is where it came, by key."""

    public_id: str
    account_id: int
    event: ProviderEvent
    told: Told


@dataclass(frozen=True, slots=True)
class _Target:
    """The operation that an event is about, or (`is_charge`) the charge that it belongs to."""

    about: ToldOf
    is_charge: bool


def run(lease: Lease) -> None:
    """Do a leased task: apply one event, or put it off until what it is about is known."""
    try:
        message = _read(lease)
        if message is not None:
            db.retry_when_busy(_step)(lease, message)
    except PayAgencyError as error:
        if error.retryable or isinstance(error, LeaseLostError):
            raise
        _fail(lease, error)


def _read(lease: Lease) -> _Message | None:
    with db.unit_of_work(HOUSE) as session:
        event = inbound.get(session, lease.ref)
        if event is None or event.state != "received":
            outbox.finish(session, lease)
            return None
        account = inbound.account_of(session, event)
        reader = registry.get(account.connector).webhooks
        if reader is None:
            raise WebhookRefusedError(
                said("The connector {connector} reads no messages.", connector=account.connector)
            )
        body, found = read_again(reader, event)
        if found.reading is None:
            raise WebhookRefusedError(said("The event says nothing of money any more."))
        told = evidence.Told(found.reading, event.event_id, evidence.EVENT, body)
        return _Message(event.public_id, account.id, found, told)


def _step(lease: Lease, message: _Message) -> None:
    with db.reading(HOUSE) as session:
        target = _find(session, message)
    if target is None:
        _wait_for_match(lease, message)
        return
    actor = Actor.system(target.about.merchant_id, target.about.livemode, "provider's message")
    with db.unit_of_work(actor) as session:
        # Taken first, so that a worker whose lease was taken changes nothing.
        if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
            raise LeaseLostError(said("Another worker took this task over."))
        event = inbound.get(session, message.public_id)
        operation = operations.get(session, target.about.public_id)
        if event is None or operation is None:
            outbox.finish(session, lease, state="failed", error=said("The operation is gone."))
            return
        _apply(session, clock.now(), lease, message, event, operation, is_charge=target.is_charge)


def _find(session: Session, message: _Message) -> _Target | None:
    """Match by the provider's id, else by our id in its metadata, else by the charge's id.

    A message that names an operation of ours which is not on this account is about nothing here.
    """
    told, account_id = message.event, message.account_id
    kinds = _KINDS[told.verb or Verb.PURCHASE]
    found = None
    if told.provider_reference:
        found = actors.told_by_reference(session, account_id, kinds, told.provider_reference)
    if found is None and told.operation:
        found = actors.told_by_id(session, account_id, kinds, told.operation)
    if found is not None:
        return _Target(found, is_charge=False)
    charge = _charge(session, message) if reported.says_something(told) else None
    return None if charge is None else _Target(charge, is_charge=True)


def _charge(session: Session, message: _Message) -> ToldOf | None:
    """Return the charge of what we did not ask for: its metadata may be that of the charge."""
    told, account_id = message.event, message.account_id
    if told.operation:
        charge = actors.told_by_id(session, account_id, _CHARGES, told.operation)
        if charge is not None or told.verb is not Verb.DISPUTE:
            return charge
    if not told.parent_reference:
        return None
    return actors.told_by_reference(session, account_id, _CHARGES, told.parent_reference)


def _apply(
    session: Session,
    now: datetime,
    lease: Lease,
    message: _Message,
    event: InboundEvent,
    operation: Operation,
    *,
    is_charge: bool,
) -> None:
    payment = operations.payment_of(session, operation)
    session.refresh(operation)
    if is_charge:
        # Another worker may have written it while this one waited for the payment.
        known = _find(session, message)
        if known is not None and not known.is_charge:
            operation, is_charge = _operation(session, known), False
    if is_charge and _must_wait(session, now, event, operation):
        _put_off(session, lease, event)
        return
    operation, applied = _told(session, now, payment, message, operation, is_charge=is_charge)
    if applied.look_again:
        outbox.make_due_again(session, operation_key(operation.public_id))
        wake_after_commit(session, MONEY_QUEUE)
    event.state, event.error = "applied", None
    event.operation_id, event.applied_at = operation.id, now
    session.flush()
    _end_case(session, now, event, operation, payment)
    outbox.finish(session, lease)


def _operation(session: Session, target: _Target) -> Operation:
    operation = operations.get(session, target.about.public_id)
    if operation is None:
        raise LeaseLostError(said("The operation cannot be read."))
    return operation


def _told(
    session: Session,
    now: datetime,
    payment: Payment,
    message: _Message,
    operation: Operation,
    *,
    is_charge: bool,
) -> tuple[Operation, Applied]:
    account = operations.connector_account(session, message.account_id)
    told = message.told
    if is_charge:
        return reported.write(session, now, payment, operation, account, message.event, told)
    row, _ = evidence.store(session, now, account, operation, told)
    reference = message.event.provider_reference
    if reference not in {None, operation.provider_reference or reference}:
        note = said("another object at the provider claims to be this operation")
        outcomes.conflict(session, now, operation, row.id, note)
        outcomes.recompute(session, now, payment)
        return operation, evidence.in_conflict(operation)
    if message.event.verb is Verb.AUTHORIZE and operation.kind == OperationKind.PURCHASE:
        # What is only held does not say that it was taken: the provider is asked.
        operation.look_up_at = now
        state = OperationState(operation.state)
        return operation, Applied(state, state, Decision.NOTHING, look_again=True)
    applied = evidence.apply(session, now, operation, told.reading, row, sent_before=True)
    return operation, applied


def _must_wait(session: Session, now: datetime, event: InboundEvent, charge: Operation) -> bool:
    """Tell whether the charge's own outcome must be learnt first; it is then asked for.

    What follows a charge draws on its money, so that it is applied after the charge. When the
    provider insists that the charge failed, or a day has passed, it is applied all the same.
    """
    if charge.state == OperationState.SUCCESS or now - event.received_at >= UNMATCHED_AFTER:
        return False
    key = operation_key(charge.public_id)
    if charge.state not in FINAL_STATES:
        outbox.make_due(session, key)
    elif charge.look_up_at is None and event.tries:
        return False
    elif charge.look_up_at is None:
        charge.look_up_at = now
        outbox.make_due_again(session, key)
    wake_after_commit(session, MONEY_QUEUE)
    return True


def _wait_for_match(lease: Lease, message: _Message) -> None:
    with db.unit_of_work(HOUSE) as session:
        event, now = inbound.get(session, message.public_id), clock.now()
        if event is None:
            outbox.finish(session, lease)
            return
        if now - event.received_at < UNMATCHED_AFTER:
            _put_off(session, lease, event)
            return
        if not outbox.finish(session, lease):
            raise LeaseLostError(said("Another worker took this task over."))
        event.state = "unmatched"
        _open_case(session, now, message, event)


def _open_case(session: Session, now: datetime, message: _Message, event: InboundEvent) -> None:
    reference = scrub_text(message.event.provider_reference or message.event.event_id)
    case = desk.open_case(
        session,
        now,
        case_key=_case_key(event),
        kind="unmatched",
        text=said(
            "A provider tells of {kind} {reference}, which no payment is known for",
            kind=event.kind,
            reference=reference,
        ),
        livemode=event.livemode,
        merchant_id=event.merchant_id,
    )
    case.inbound_event_id = event.id


def _end_case(
    session: Session, now: datetime, event: InboundEvent, operation: Operation, payment: Payment
) -> None:
    """End the case of an event that nothing had been known for, and say who has matched it."""
    if now - event.received_at < UNMATCHED_AFTER:
        return
    case = desk.find(session, _case_key(event))
    if case is None or case.state != desk.OPEN:
        return
    note = said(
        "Matched with {operation} {id} of payment {payment}, when {name} had it applied again",
        operation=operation.kind,
        id=operation.public_id,
        payment=payment.public_id,
        name=actors.who_applied_again(session, event.public_id),
    )
    desk.end(session, now, case, note)


def _case_key(event: InboundEvent) -> str:
    return f"unmatched:{event.public_id}"


def _put_off(session: Session, lease: Lease, event: InboundEvent) -> None:
    event.tries += 1
    session.flush()
    wait = WAITS_SECONDS[min(event.tries, len(WAITS_SECONDS)) - 1]
    if not outbox.postpone(session, lease, seconds=wait):
        raise LeaseLostError(said("Another worker took this task over."))


def _fail(lease: Lease, error: PayAgencyError) -> None:
    """End an event that cannot be applied, until a person has it applied again."""
    with db.unit_of_work(HOUSE) as session:
        event = inbound.get(session, lease.ref)
        detail = scrub_text(error.detail)
        if event is not None and outbox.finish(session, lease, state="failed", error=detail):
            event.state, event.error = "failed", detail[:255]
