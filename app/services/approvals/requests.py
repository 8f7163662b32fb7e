"""Asking for what needs a second person: one open request a command and object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from app.domain.identifiers import new_id
from app.domain.policies import POLICIES, is_open_to_merchants
from app.errors import ForbiddenError, IllegalStateError, said
from app.models import ApprovalRequest
from app.models.tenancy import actor_of
from app.queries import approvals
from app.services import audit
from app.services.approvals.base import checked_reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.money import Money
    from app.domain.policies import Policy

OUT_OF_TIME: Final = said("Nobody decided in time")
CHANGED: Final = said("What it is about has changed since")


def request(  # noqa: PLR0913  # all that a request is made of, each part named
    session: Session,
    now: datetime,
    *,
    command: str,
    object_type: str,
    object_id: str,
    object_digest: bytes,
    payload: Mapping[str, Any],
    sentence: str,
    reason: str,
    merchant_id: int | None,
    amount: Money | None = None,
) -> ApprovalRequest:
    """Let a command wait for a second person; nothing of it is done yet.

    `object_digest` is what the command's `digest` says of the object now. `payload` is what it
    needs to be carried out, as JSON holds it; its `before` and `after`, if any, are shown to the
    checker. Raises ForbiddenError without the maker's permission, BadInputError without a usable
    reason, IllegalStateError naming the request that waits for the same object already.
    """
    policy, actor = POLICIES[command], actor_of(session)
    maker = _maker(actor, policy)
    reason = checked_reason(reason)
    key = f"{'live' if actor.livemode else 'test'}:{command}:{object_id}"
    _make_room(session, now, key, object_digest)
    row = ApprovalRequest(
        public_id=new_id("apr", now),
        livemode=bool(actor.livemode),
        merchant_id=merchant_id,
        command=command,
        object_type=object_type,
        object_id=object_id,
        object_digest=object_digest,
        open_key=key,
        payload=json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        amount_minor=None if amount is None else amount.amount_minor,
        currency=None if amount is None else amount.currency,
        sentence=sentence[:255],
        reason=reason,
        state=approvals.WAITING,
        maker_user_id=maker,
        maker_label=actor.label,
        created_at=now,
        lapses_at=now + policy.lasts,
    )
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except IntegrityError:
        known = approvals.waiting_by_key(session, key)
        if known is None:
            raise
        raise asked_already(known) from None
    trace(session, now, row, "request", said("Asked for approval: {what}", what=sentence), reason)
    return row


def trace(
    session: Session,
    now: datetime,
    row: ApprovalRequest,
    verb: str,
    sentence: str,
    reason: str,
    *,
    before: str | None = None,
) -> None:
    """Leave the one audit entry of what became of a request; `before` is its state until now."""
    audit.record(
        session,
        now,
        action=f"approvals.{verb}",
        object_type="approval_request",
        object_id=row.public_id,
        sentence=sentence,
        before=None if before is None else {"state": before},
        after={
            "state": row.state,
            "command": row.command,
            "object": row.object_id,
            "reason": reason,
            "result": row.result_id or "",
        },
        merchant_id=concerned(row),
        livemode=row.livemode,
    )


def concerned(row: ApprovalRequest) -> int | None:
    """Return the merchant in whose trail a request stands; none for what only the house asks."""
    return row.merchant_id if is_open_to_merchants(row.command) else None


def lapse(session: Session, now: datetime, row: ApprovalRequest, why: str) -> bool:
    """End a request that nobody can decide any more; False where it had ended already."""
    if not approvals.end(session, row.id, approvals.LAPSED, now):
        return False
    session.refresh(row)
    sentence = said("Lapsed: {what}", what=row.sentence)
    trace(session, now, row, "lapse", sentence, why, before=approvals.WAITING)
    return True


def _maker(actor: Actor, policy: Policy) -> int:
    if actor.user_id is None or actor.livemode is None:
        raise ForbiddenError(said("Only a person can ask for what needs a second person."))
    if not actor.may(policy.maker):
        raise ForbiddenError(said("Your role may not ask for this."))
    return actor.user_id


def _make_room(session: Session, now: datetime, key: str, object_digest: bytes) -> None:
    """Let a request lapse that waits for the same, where nobody can approve it any more."""
    known = approvals.waiting_by_key(session, key)
    if known is None:
        return
    if known.lapses_at <= now:
        lapse(session, now, known, OUT_OF_TIME)
    elif known.object_digest != object_digest:
        lapse(session, now, known, CHANGED)


def asked_already(known: ApprovalRequest) -> IllegalStateError:
    """Say that a request waits for the same already, and which."""
    return IllegalStateError(
        said(
            "{request} by {name} waits for a second person already. "
            "Let it be decided, or have it withdrawn first.",
            request=known.public_id,
            name=known.maker_label,
        ),
        request=known.public_id,
    )
