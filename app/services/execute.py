"""Lease → call → evidence → outcome: the one service that opens its own units of work.

No transaction is open while a provider is called. The fence is the task's `attempt`: a worker
whose lease was taken stores its answer as evidence and stops.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

import config
from app.adapters import clock, db, failpoints
from app.domain.actors import Actor
from app.domain.operations import FINAL_STATES, OperationKind, OperationState
from app.errors import LeaseLostError, UnavailableError, said
from app.providers import registry
from app.providers.base import ConnectorConfig, Outcome, ProviderRequest, Verb
from app.queries import operations, outbox
from app.services import card_entry, desk_notice, evidence, leases, methods, outcomes
from app.services.operations import MONEY_QUEUE
from app.services.outbox import operation_key, wake_after_commit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Evidence, Operation
    from app.providers.base import ProviderAnswer
    from app.queries.outbox import Lease

log = structlog.get_logger()

WORKER_TIMEOUT_SECONDS = 20.0
MOST_UNSENT_TRIES = 8
LOOK_AGAIN_SECONDS = 1
_SEATS = threading.BoundedSemaphore(max(1, config.WEB_THREADS // 2))
_VERBS = {
    OperationKind.PURCHASE: Verb.PURCHASE,
    OperationKind.AUTHORIZE: Verb.AUTHORIZE,
    OperationKind.CAPTURE: Verb.CAPTURE,
    OperationKind.VOID: Verb.VOID,
    OperationKind.REFUND: Verb.REFUND,
    OperationKind.DISPUTE: Verb.DISPUTE,
}
_TAKING = frozenset({Verb.PURCHASE, Verb.AUTHORIZE})
_WAITS_SECONDS = {
    OperationState.ACTION: (30, 30, 60, 120, 300, 900, 3600),
    OperationState.PENDING: (30, 30, 60, 120, 300, 900, 3600),
    OperationState.UNKNOWN: (30, 30, 60, 120, 300, 600, 900),
    # What failed may still be paid: its method says for how many days it is looked at.
    OperationState.FAILED: (60, 300, 900, 3600),
    OperationState.NOT_SENT: (1, 2, 5, 15, 30, 60, 120),
    OperationState.INIT: (1, 2, 5, 15, 30, 60, 120),
}


@dataclass(frozen=True, slots=True)
class _Plan:
    account_id: int
    configuration: ConnectorConfig
    request: ProviderRequest
    sent_before: bool


def refuse_when_full() -> None:
    """Raise UnavailableError while no request may call a provider, before anything is written.

    For what no worker can send: a card that came encrypted is in the memory of its request only.
    """
    if not _SEATS.acquire(blocking=False):
        raise UnavailableError(
            said("Too many payments are under way. Try again in a moment."), retry_after_seconds=5
        )
    _SEATS.release()


def run_now(
    operation_id: str,
    *,
    merchant_id: int,
    livemode: bool,
    budget_seconds: float,
    encrypted_card: str | None = None,
) -> None:
    """Run an operation's task within a request; a worker does it when it is already taken.

    Call it after the unit of work that wrote the intent, never inside one. Without an answer
    within the budget the operation is `unknown` and stays so until a look-up. `encrypted_card` is
    a compact JWE that lives no longer than this call.
    """
    db.release_reads()
    failpoints.hit("intent.committed")
    actor = Actor.system(merchant_id, livemode, "request")
    if not _SEATS.acquire(blocking=False):
        _hand_over(operation_id, actor)
        return
    try:
        _run_here(operation_id, actor, budget_seconds, encrypted_card)
    finally:
        _SEATS.release()


def look_now(operation_id: str, actor: Actor, budget_seconds: float) -> None:
    """Ask the provider about an operation at once, from a worker; another one may hold it."""
    _run_here(operation_id, actor, budget_seconds)


def _hand_over(operation_id: str, actor: Actor) -> None:
    """Let a worker do it at once: the other threads are for those who wait for a page."""
    with db.unit_of_work(actor) as session:
        if outbox.make_due(session, operation_key(operation_id)):
            wake_after_commit(session, MONEY_QUEUE)


def _run_here(
    operation_id: str, actor: Actor, budget_seconds: float, encrypted_card: str | None = None
) -> None:
    with db.unit_of_work(actor) as session:
        lease = outbox.lease_now(
            session,
            operation_key(operation_id),
            leases.owner(),
            config.get().payagency_lease_seconds,
        )
    if lease is not None:
        run_operation(lease, timeout_seconds=budget_seconds, encrypted_card=encrypted_card)


def run_operation(
    lease: Lease,
    *,
    timeout_seconds: float = WORKER_TIMEOUT_SECONDS,
    encrypted_card: str | None = None,
) -> None:
    """Send or look up the operation of a leased task, and apply what is answered."""
    failpoints.hit("execute.leased")
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, f"task {lease.kind}")
    plan = db.retry_when_busy(_prepare)(lease, actor, encrypted_card)
    if plan is None:
        return
    failpoints.hit("execute.before_call")
    connector = registry.get(plan.configuration.connector)
    answer = connector.run(plan.configuration, plan.request, timeout_seconds=timeout_seconds)
    failpoints.hit("execute.after_call")
    try:
        db.retry_when_busy(_conclude)(lease, actor, plan, answer)
    except LeaseLostError:
        log.warning("lease_lost", task=lease.outbox_id, operation=lease.ref)
        db.retry_when_busy(_only_store)(lease, actor, plan, answer)
    failpoints.hit("execute.committed")


def _prepare(lease: Lease, actor: Actor, encrypted_card: str | None) -> _Plan | None:
    with db.unit_of_work(actor) as session:
        operation = operations.get(session, lease.ref)
        if operation is None:
            outbox.finish(session, lease)
            return None
        # Locked before the task may end: whoever asks for another look holds this lock too.
        payment = operations.payment_of(session, operation)
        session.refresh(operation)
        if operation.state in FINAL_STATES and operation.look_up_at is None:
            outbox.finish(session, lease)
            return None
        attempt = operations.attempt_of(session, operation)
        account = operations.connector_account(session, attempt.connector_account_id)
        now = clock.now()
        verb: Verb | None = _verb(operation, account.connector, now)
        if verb in _TAKING and card_entry.is_encrypted(attempt):
            verb = _verb_for_card(operation, verb, encrypted_card)
        if verb is None:
            card_entry.give_up(session, now, payment, operation)
            outbox.finish(session, lease)
            return None
        sent_before = _may_have_been_sent(operation)
        if verb is not Verb.LOOK_UP and not sent_before:
            operation.first_sent_at = now
        return _Plan(
            account_id=account.id,
            configuration=ConnectorConfig(
                connector=account.connector,
                account=account.public_id,
                base_url=account.base_url,
                credentials=json.loads(account.credentials),
            ),
            request=ProviderRequest(
                verb=verb,
                key=operation.provider_key,
                amount_minor=operation.amount_minor,
                currency=operation.currency,
                reference=payment.public_id,
                operation=operation.public_id,
                parent_reference=_parent(session, operation),
                card_token=attempt.card_token,
                encrypted_card=encrypted_card,
                return_url=_return_url(payment.page_token, payment.return_nonce),
                description=payment.description,
                reason=operation.reason,
                provider_reference=operation.provider_reference,
                looked_up_verb=_VERBS[OperationKind(operation.kind)],
                method=attempt.method,
                method_name=attempt.method_name,
                details=methods.details_of(attempt),
            ),
            sent_before=sent_before,
        )


def _may_have_been_sent(operation: Operation) -> bool:
    return operation.first_sent_at is not None and operation.state != OperationState.NOT_SENT


def _verb_for_card(operation: Operation, verb: Verb, encrypted_card: str | None) -> Verb | None:
    """Return what is asked where the card came encrypted: never twice; None once it is gone."""
    if _may_have_been_sent(operation):
        return Verb.LOOK_UP
    return None if encrypted_card is None else verb


def _verb(operation: Operation, connector: str, now: datetime) -> Verb:
    """Send where nothing can have happened twice: never sent, or the key still protects."""
    asked = _VERBS[OperationKind(operation.kind)]
    state = OperationState(operation.state)
    if state in {OperationState.PENDING, OperationState.ACTION, *FINAL_STATES}:
        return Verb.LOOK_UP
    if operation.first_sent_at is None or state is OperationState.NOT_SENT:
        return asked
    rule = registry.get(connector).capabilities.verbs[asked].idempotency
    fresh = now - operation.first_sent_at < timedelta(seconds=rule.ttl_seconds)
    return asked if rule.kind == "key" and fresh else Verb.LOOK_UP


def _parent(session: Session, operation: Operation) -> str | None:
    if operation.kind in {OperationKind.PURCHASE, OperationKind.AUTHORIZE}:
        return None
    for other in operations.of_payment(session, operation.payment_id):
        same = other.attempt_id == operation.attempt_id
        if same and other.kind in {OperationKind.PURCHASE, OperationKind.AUTHORIZE}:
            return other.provider_reference
    return None


def _return_url(token: str, nonce: str | None) -> str:
    return f"{config.get().public_url}/pay/{token}/return?nonce={nonce or ''}"


def _conclude(lease: Lease, actor: Actor, plan: _Plan, answer: ProviderAnswer) -> None:
    with db.unit_of_work(actor) as session:
        now = clock.now()
        if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
            raise LeaseLostError(said("Another worker took this task over."))
        operation = operations.get(session, lease.ref)
        if operation is None:
            outbox.finish(session, lease, state="failed", error=said("The operation is gone."))
            return
        row = _store(session, now, plan, operation, answer)
        failpoints.hit("execute.evidence_stored")
        applied = evidence.apply(session, now, operation, answer, row, sent_before=plan.sent_before)
        _settle(session, now, lease, operation, answer, look_again=applied.look_again)
        failpoints.hit("execute.before_commit")


def _only_store(_lease: Lease, actor: Actor, plan: _Plan, answer: ProviderAnswer) -> None:
    with db.unit_of_work(actor) as session:
        operation = operations.get(session, plan.request.operation)
        if operation is not None:
            _store(session, clock.now(), plan, operation, answer)


def _store(
    session: Session, now: datetime, plan: _Plan, operation: Operation, answer: ProviderAnswer
) -> Evidence:
    account = operations.connector_account(session, plan.account_id)
    source = evidence.LOOK_UP if plan.request.verb is Verb.LOOK_UP else evidence.ANSWER
    told = evidence.Told.by_call(answer, source)
    row, new = evidence.store(session, now, account, operation, told)
    if new:
        evidence.keep_call(session, now, account, operation, answer.call)
    return row


def _may_come_late(session: Session, now: datetime, operation: Operation) -> bool:
    """Tell whether money may still come by an operation that failed, as its method's row says."""
    if operation.kind not in {OperationKind.PURCHASE, OperationKind.AUTHORIZE}:
        return False
    attempt = operations.attempt_of(session, operation)
    account = operations.connector_account(session, attempt.connector_account_id)
    row = registry.get(account.connector).capabilities.row(attempt.method, attempt.method_name)
    days = 0 if row is None else row.late_days
    return now < operation.created_at + timedelta(days=days)


def _is_looked_at(session: Session, now: datetime, operation: Operation) -> bool:
    """Tell whether an operation that has ended is looked at again: by wish, or for late money."""
    if operation.look_up_at is not None:
        return True
    if operation.state != OperationState.FAILED or not _may_come_late(session, now, operation):
        return False
    operation.look_up_at = now
    return True


def _end(
    session: Session, now: datetime, lease: Lease, operation: Operation, answer: ProviderAnswer
) -> None:
    """End the task of an operation that has ended, unless it is looked at again."""
    state = OperationState(operation.state)
    if state in FINAL_STATES and _is_looked_at(session, now, operation):
        waits = _WAITS_SECONDS.get(state, _WAITS_SECONDS[OperationState.UNKNOWN])
        outbox.postpone(session, lease, seconds=_nth(waits, lease), error=answer.call.error)
    else:
        outbox.finish(session, lease)


def _nth(waits: tuple[int, ...], lease: Lease) -> int:
    """Return how long to wait after a task's n-th lease, in seconds; the last one stays."""
    return waits[min(lease.attempt, len(waits)) - 1]


def _settle(
    session: Session,
    now: datetime,
    lease: Lease,
    operation: Operation,
    answer: ProviderAnswer,
    *,
    look_again: bool,
) -> None:
    """End the task, or give it back for the next look or try."""
    state = OperationState(operation.state)
    if look_again:
        outbox.postpone(session, lease, seconds=LOOK_AGAIN_SECONDS)
        return
    if state in FINAL_STATES or operation.conflicted:
        _end(session, now, lease, operation, answer)
        return
    if state is OperationState.UNKNOWN and now >= (operation.deadline_at or now):
        desk_notice.open_unknown(session, now, operation)
    if state is OperationState.NOT_SENT and lease.attempt >= MOST_UNSENT_TRIES:
        outbox.finish(session, lease, state="failed", error=answer.call.error)
        outcomes.recompute(session, now, operations.payment_of(session, operation))
        return
    wait = _nth(_WAITS_SECONDS[state], lease)
    if answer.outcome is Outcome.NOT_FOUND:
        wait = max(wait, round(evidence.NOT_FOUND_APART.total_seconds()) + 1)
    outbox.postpone(session, lease, seconds=wait, error=answer.call.error)
