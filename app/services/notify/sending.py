"""The task `notification.send`: draw one mail, give it to the mail server, keep what came back.

No transaction is open while it talks. A worker that is killed between the server's answer and the
commit leaves the mail as it was, and it is sent again under the same Message-ID.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import config
from app.adapters import clock, db, failpoints, mail
from app.adapters.mail import Letter, Verdict
from app.domain import notifications as rules
from app.domain.actors import Actor
from app.domain.notifications import OPEN_STATES, NotificationKind, NotificationState
from app.queries import notifications, outbox
from app.reports import mails

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.adapters.mail import Result
    from app.models import Notification
    from app.queries.outbox import Lease
    from app.reports.mails import Mail

HOUSE: Final = Actor.house(None, "notifications")
HIDDEN: Final = "…"
"""What stands in place of a link's token where others than its reader see the mail."""
# Kind → the page that a mail leads to; {secret} and the names of its values stand in it.
_PAGES: Final = {
    NotificationKind.UPLOAD_FINISHED: "/uploads/{upload}",
    NotificationKind.WEBHOOK_DISABLED: "/webhook-endpoints/{endpoint}",
    NotificationKind.INVITATION: "/invitation/{secret}",
    NotificationKind.RESET: "/password/reset/{secret}",
    NotificationKind.RESET_DONE: "/password/forgot",
    NotificationKind.SIGN_UP_CONFIRM: "/sign-up/confirm/{secret}",
    NotificationKind.SIGN_UP_KNOWN: "/login/",
    NotificationKind.PAYMENT_LINK: "/link/{token}",
}
_LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is sent whither, under which name."""

    notification_id: int
    name: str
    at: datetime
    recipient: str
    locale: str
    mail: Mail


def run(lease: Lease) -> None:
    """Do a leased task: one attempt, then the next by the waits until one goes well."""
    plan = db.retry_when_busy(_prepare)(lease)
    if plan is None:
        return
    failpoints.hit("notification.rendered")
    result = mail.send(
        Letter(
            name=plan.name,
            at=plan.at,
            recipient=plan.recipient,
            locale=plan.locale,
            subject=plan.mail.subject,
            text=plan.mail.text,
            html=plan.mail.html,
        )
    )
    failpoints.hit("notification.sent")
    db.retry_when_busy(_conclude)(lease, plan, result)


def drawn(row: Notification, secret: str = HIDDEN) -> Mail:
    """Return a mail as it is read; its link leads nowhere unless its token is given."""
    values: dict[str, Any] = json.loads(row.params)
    kind = NotificationKind(row.kind)
    shown = {
        **values,
        "is_test": row.livemode is False,
        "address": config.get().public_url + _page(kind, values, secret),
    }
    return mails.render(kind, row.locale, row.zone, shown)


def _page(kind: NotificationKind, values: Mapping[str, Any], secret: str) -> str:
    return _PAGES.get(kind, "/").format_map({**values, "secret": secret})


def _prepare(lease: Lease) -> _Plan | None:
    with db.unit_of_work(HOUSE) as session:
        row = notifications.get(session, lease.ref)
        if row is None or row.state not in OPEN_STATES or row.task_id != lease.outbox_id:
            outbox.finish(session, lease)
            return None
    return _Plan(
        notification_id=row.id,
        name=f"{row.public_id}.{row.rounds}",
        at=row.created_at if not row.rounds else row.changed_at,
        recipient=row.recipient,
        locale=row.locale,
        mail=drawn(row, row.secret or HIDDEN),
    )


def _conclude(lease: Lease, plan: _Plan, result: Result) -> None:
    with db.unit_of_work(HOUSE) as session:
        if not outbox.renew(session, lease, config.get().payagency_lease_seconds):
            return  # another worker makes this attempt
        row = notifications.lock_by_id(session, plan.notification_id)
        if row.task_id != lease.outbox_id or row.state not in OPEN_STATES:
            outbox.finish(session, lease)
            return
        now = clock.now()
        row.attempts += 1
        row.changed_at = now
        row.subject, row.error = plan.mail.subject[:_LONGEST], result.reason[:_LONGEST] or None
        wait = rules.next_wait(row.attempts) if result.verdict is Verdict.AGAIN else None
        if wait is None:
            _end(row, now, result)
            outbox.finish(session, lease)
        else:
            row.state, row.next_at = NotificationState.FAILED, now + timedelta(seconds=wait)
            outbox.postpone(session, lease, seconds=wait, error=row.error)


def _end(row: Notification, now: datetime, result: Result) -> None:
    row.next_at = None
    if result.verdict is Verdict.SENT:
        row.state, row.sent_at, row.secret = NotificationState.SENT, now, None
    else:
        row.state = NotificationState.GIVEN_UP
