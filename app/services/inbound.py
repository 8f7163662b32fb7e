"""Taking in what providers send by themselves: proved, kept once, and left to a task."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy.exc import IntegrityError

from app.adapters import db
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.errors import BadInputError, IllegalStateError, NotFoundError, said
from app.models import InboundEvent
from app.providers import registry
from app.providers.request import ConnectorConfig
from app.providers.transcript import json_object
from app.providers.webhooks import WebhookRefusedError
from app.queries import actors, inbound
from app.queries import outbox as outbox_rows
from app.services import audit, outbox
from app.services.leadership import lead
from app.services.operations import MONEY_QUEUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.providers.base import ProviderEvent
    from app.providers.webhooks import WebhookReader

log = structlog.get_logger()

MOST_BYTES: Final = 256 * 1024
MOST_EVENTS: Final = 500
MOST_AT_ONCE: Final = 100
TOLD_AGAIN_SECONDS: Final = 60
_LONGEST_EVENT_ID = 120
_LONGEST_KIND = 64
_UNREADABLE = (LookupError, TypeError, ValueError, ArithmeticError, RecursionError, AttributeError)
_told_at: dict[str, float] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Addressee:
    """The connector account that a message is addressed to, and who reads its messages.

    `id` is the row, `merchant_id` whose account it is (None: the house's).
    """

    id: int
    merchant_id: int | None
    livemode: bool
    configuration: ConnectorConfig
    reader: WebhookReader

    @property
    def actor(self) -> Actor:
        """Who acts: the house, in the account's book."""
        return Actor.house(self.livemode, "provider's message")


def addressee(session: Session, connector: str, account_id: str) -> Addressee:
    """Return whom a message is addressed to; `session` needs no actor.

    Raises NotFoundError for an unknown connector or account, a disabled account, and a connector
    that sends no messages.
    """
    known = registry.CONNECTORS.get(connector)
    account = actors.webhook_account(session, connector, account_id) if known else None
    if known is None or known.webhooks is None or account is None:
        raise NotFoundError(said("Nobody takes messages at this address."))
    configuration = ConnectorConfig(
        connector=account.connector,
        account=account.public_id,
        base_url=account.base_url,
        credentials=json.loads(account.credentials),
    )
    return Addressee(
        account.id, account.merchant_id, account.livemode, configuration, known.webhooks
    )


def receive(to: Addressee, now: datetime, headers: Mapping[str, str], raw: bytes) -> int:
    """Prove, read and keep a message, each of its events with its task; returns how many.

    `headers` are by lower-case name. Raises WebhookRefusedError, and then nothing was kept.
    """
    to.reader.verify(to.configuration, headers, raw, now)
    return keep(to, now, raw)


def keep(to: Addressee, now: datetime, raw: bytes) -> int:
    """Read and keep a message whose sender is proved; returns how many events it holds.

    Raises WebhookRefusedError where it cannot be read, and then nothing was kept.
    """
    body, events = _read(to.reader, raw)
    text = audit.canonical(body).encode(errors="replace").decode()
    db.retry_when_busy(_keep)(to, now, events, text)
    return len(events)


def tell_refused(to: Addressee, now: datetime, reason: str) -> None:
    """Log a refused message and leave one audit row, at most once a minute and account."""
    account = to.configuration.account
    if not _is_news(account):
        return
    with db.unit_of_work(to.actor) as session:
        if not lead(session, now, f"refused:{account}", new_id("req", now), TOLD_AGAIN_SECONDS):
            return
        audit.record(
            session,
            now,
            action="inbound.refused",
            object_type="connector_account",
            object_id=account,
            sentence=said(
                "Refused a message that came for a connector account: {reason}", reason=reason
            ),
            merchant_id=to.merchant_id,
            livemode=to.livemode,
        )
    log.warning("webhook_refused", account=account, reason=reason)


def apply_again(session: Session, now: datetime, public_ids: Sequence[str]) -> int:
    """Have events applied once more by a worker; returns how many.

    Raises BadInputError for none or more than MOST_AT_ONCE, NotFoundError, and IllegalStateError
    where one of them still waits or says nothing of money; then nothing was changed.
    """
    wanted = list(dict.fromkeys(public_ids))
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise BadInputError("id", said("are none, or more than {most} events.", most=MOST_AT_ONCE))
    for public_id in wanted:
        event = inbound.get(session, public_id)
        if event is None:
            raise NotFoundError(said("There is no event {id}.", id=public_id))
        before = event.state
        if not inbound.take_back(session, public_id):
            raise IllegalStateError(
                said("Event {id} waits to be applied, or says nothing of money.", id=public_id)
            )
        outbox_rows.make_due_again(session, job_key(public_id))
        audit.record(
            session,
            now,
            action=actors.APPLIED_AGAIN,
            object_type="inbound_event",
            object_id=public_id,
            sentence=said("Had an event of a provider applied again"),
            before={"state": before},
            after={"state": "received"},
            merchant_id=event.merchant_id,
            livemode=event.livemode,
        )
    outbox.wake_after_commit(session, MONEY_QUEUE)
    return len(wanted)


def read_again(
    reader: WebhookReader, event: InboundEvent
) -> tuple[Mapping[str, object], ProviderEvent]:
    """Return the body of a kept message, and of its events the one that `event` is.

    Raises WebhookRefusedError where the connector cannot read it (any more).
    """
    body, events = _read(reader, event.body.encode())
    for each in events:
        if each.event_id == event.event_id:
            return body, each
    raise WebhookRefusedError(said("The event cannot be found in its message any more."))


def _read(
    reader: WebhookReader, raw: bytes
) -> tuple[Mapping[str, object], tuple[ProviderEvent, ...]]:
    try:
        body = json_object(raw)
        events = reader.events(body)
    except _UNREADABLE:
        raise WebhookRefusedError(said("The message cannot be read.")) from None
    if len(events) > MOST_EVENTS or not all(_can_be_kept(each) for each in events):
        raise WebhookRefusedError(said("The message holds more than can be kept."))
    return body, events


def _can_be_kept(event: ProviderEvent) -> bool:
    named = ((event.event_id, _LONGEST_EVENT_ID), (event.kind, _LONGEST_KIND))
    return all(text and len(text) <= most and text.isprintable() for text, most in named)


def _keep(to: Addressee, now: datetime, events: Sequence[ProviderEvent], text: str) -> None:
    with db.unit_of_work(to.actor) as session:
        for event in events:
            if inbound.add_copy(session, to.id, event.event_id):
                continue
            try:
                with session.begin_nested():
                    _add(session, now, to, event, text)
                    session.flush()
            except IntegrityError:
                # A copy of it was kept in the same moment.
                if not inbound.add_copy(session, to.id, event.event_id):
                    raise


def _add(session: Session, now: datetime, to: Addressee, event: ProviderEvent, text: str) -> None:
    says_nothing = event.verb is None or event.reading is None
    row = InboundEvent(
        public_id=new_id("ie", now),
        livemode=to.livemode,
        merchant_id=to.merchant_id,
        connector_account_id=to.id,
        event_id=event.event_id,
        kind=event.kind,
        state="ignored" if says_nothing else "received",
        body=text,
        received_at=now,
    )
    session.add(row)
    if not says_nothing:
        outbox.enqueue(
            session,
            now,
            queue=MONEY_QUEUE,
            kind="inbound.apply",
            ref=row.public_id,
            job_key=job_key(row.public_id),
            merchant_id=to.merchant_id,
            livemode=to.livemode,
        )


def job_key(public_id: str) -> str:
    """Return the key of the one task that applies an event."""
    return f"inbound:{public_id}"


def _is_news(account: str) -> bool:
    """Spare the database: this process told it less than a minute ago."""
    now = time.monotonic()
    with _lock:
        if now - _told_at.get(account, -TOLD_AGAIN_SECONDS) < TOLD_AGAIN_SECONDS:
            return False
        _told_at[account] = now
        return True
