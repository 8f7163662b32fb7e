"""Asking for a mail: a row and its task, in the unit of work of what the mail tells.

One mail is written for each kind, object, occasion and recipient, however often it is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from app.adapters.crypto import blind_index
from app.domain.identifiers import new_id
from app.domain.notifications import (
    MOST_ROUNDS,
    NotificationKind,
    NotificationState,
    masked,
    one_line,
)
from app.errors import IllegalStateError, LimitExceededError, NotFoundError, said
from app.models import Notification
from app.models.tenancy import actor_of
from app.queries import notifications
from app.services import audit, outbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Outbox

RECIPIENT: Final = "notification.recipient"
"""The place of the blind index of addresses."""
_WITH_LINK: Final = frozenset(
    {NotificationKind.INVITATION, NotificationKind.RESET, NotificationKind.SIGN_UP_CONFIRM}
)
_COUNTED: Final = frozenset({NotificationKind.PAYMENT_LINK})
"""Kinds of which so many a day are sent: one that has arrived is asked for anew, and counted."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address, and the language and time zone of whoever reads there."""

    address: str
    locale: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A mail to be: what it says of which object, and to whom.

    `params` are what its template names, as JSON can hold it; amounts in minor units, moments in
    ISO 8601. `occasion` tells one time from another where a thing may happen to an object again.
    `merchant_id` is whose matter it is, none for the house's. `secret` is the token of
    the link in it.
    """

    kind: NotificationKind
    to: Recipient
    object_type: str
    object_id: str
    params: Mapping[str, Any] = field(repr=False)
    merchant_id: int | None = None
    livemode: bool | None = None
    occasion: str = ""
    secret: str | None = field(default=None, repr=False)


def ask(session: Session, now: datetime, notice: Notice) -> Notification | None:
    """Write a mail and the task that sends it; None where it was written before."""
    row = _row(now, notice)
    if notifications.is_known(session, row.dedupe_key):
        return None
    try:
        with session.begin_nested():
            _add(session, now, [row])
    except IntegrityError:
        return None  # another unit of work has written it meanwhile
    return row


def ask_new(session: Session, now: datetime, notices: Sequence[Notice]) -> None:
    """Write mails about objects that this unit of work has made, so that nobody asked before.

    However many there are, few statements are sent.
    """
    _add(session, now, [_row(now, notice) for notice in notices])


def send_again(session: Session, now: datetime, public_id: str) -> Notification:
    """Send a mail once more that was sent or given up, or now what waits for its next attempt.

    Raises NotFoundError, LimitExceededError past so many times, and IllegalStateError where it was
    not tried yet, or where its link is known to nobody any more.
    """
    row = notifications.lock(session, public_id)
    if row is None:
        raise NotFoundError(said("There is no mail {id}.", id=public_id))
    if row.state == NotificationState.WAITING:
        raise IllegalStateError(said("This mail is about to be sent."))
    if row.kind in _WITH_LINK and row.secret is None:
        raise IllegalStateError(
            said("The link of this mail is known to nobody any more. Ask for a new one.")
        )
    if row.kind in _COUNTED and row.state == NotificationState.SENT:
        raise IllegalStateError(
            said("This mail was sent. Send another one from the page of its payment link.")
        )
    if row.rounds >= MOST_ROUNDS:
        raise LimitExceededError(
            said("A mail is sent again at most {count} times.", count=MOST_ROUNDS)
        )
    before = {"state": row.state, "error": row.error}
    row.rounds += 1
    row.state, row.attempts, row.error = NotificationState.WAITING, 0, None
    row.next_at = row.changed_at = now
    task = _enqueue(session, now, row, f"notification:{public_id}:{row.rounds}")
    session.flush()
    row.task_id = task.id
    sentence = said("Sent a mail to {address} again", address=masked(row.recipient))
    after = {"state": row.state}
    audit.of_row(session, now, row, "notifications.resend", sentence, before=before, after=after)
    return row


def may_be_sent_again(row: Notification) -> bool:
    """Answer whether `send_again` would do it."""
    has_all = row.kind not in _WITH_LINK or row.secret is not None
    if row.kind in _COUNTED and row.state == NotificationState.SENT:
        return False
    return has_all and row.state != NotificationState.WAITING and row.rounds < MOST_ROUNDS


def _row(now: datetime, notice: Notice) -> Notification:
    address = notice.to.address.strip()
    index = blind_index(address, RECIPIENT)
    return Notification(
        public_id=new_id("ntf", now),
        kind=notice.kind,
        locale=notice.to.locale,
        zone=notice.to.zone,
        recipient=address,
        recipient_index=index,
        object_type=notice.object_type,
        object_id=notice.object_id,
        dedupe_key=f"{notice.kind}:{notice.object_id}:{index.hex()}{notice.occasion}",
        params=json.dumps(_plain(notice.params), ensure_ascii=False),
        secret=notice.secret,
        state=NotificationState.WAITING,
        merchant_id=notice.merchant_id,
        livemode=notice.livemode,
        next_at=now,
        created_at=now,
        changed_at=now,
    )


def _add(session: Session, now: datetime, rows: Sequence[Notification]) -> None:
    """Write mails with their tasks."""
    tasks = [_enqueue(session, now, row, f"notification:{row.public_id}") for row in rows]
    session.flush()
    for row, task in zip(rows, tasks, strict=True):
        row.task_id = task.id
    session.add_all(rows)
    session.flush()


def _enqueue(session: Session, now: datetime, row: Notification, name: str) -> Outbox:
    # Whoever asks may only write tasks of their own merchant; a worker sends as the house.
    actor = actor_of(session)
    owner = row.merchant_id if row.merchant_id is not None else actor.merchant_id
    book = row.livemode if row.livemode is not None else actor.livemode
    return outbox.enqueue(
        session,
        now,
        queue="default",
        kind="notification.send",
        ref=row.public_id,
        job_key=name,
        merchant_id=owner,
        livemode=bool(book),
    )


def _plain(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values so that none can pretend to be a line of its own."""
    return {
        name: one_line(value) if isinstance(value, str) else value for name, value in params.items()
    }
