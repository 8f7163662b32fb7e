"""The trace of every change, written in the transaction of the change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

from app.domain.card_numbers import scrub
from app.domain.identifiers import new_id
from app.models import AuditEntry
from app.models.tenancy import actor_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

_SENTENCE_LENGTH = 255


def canonical(value: object) -> str:
    """Return JSON with sorted keys and no blanks, scrubbed of card numbers and secrets."""
    return json.dumps(
        scrub(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )


def record(
    session: Session,
    now: datetime,
    *,
    action: str,
    object_type: str,
    object_id: str,
    sentence: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    merchant_id: int | None = None,
    livemode: bool | None = None,
) -> AuditEntry:
    """Add one audit entry: who (from the session's actor), what, before and after."""
    actor = actor_of(session)
    context = get_contextvars()
    entry = AuditEntry(
        public_id=new_id("au", now),
        actor_kind=actor.kind.value,
        actor_user_id=actor.user_id,
        actor_label=actor.label,
        action=action,
        object_type=object_type,
        object_id=object_id,
        sentence=str(scrub(sentence))[:_SENTENCE_LENGTH],
        changes=canonical({"before": before or {}, "after": after or {}}),
        address=str(context.get("address") or ""),
        request_id=str(context.get("request_id") or context.get("job_id") or ""),
        merchant_id=merchant_id if merchant_id is not None else actor.merchant_id,
        livemode=livemode,
        created_at=now,
    )
    session.add(entry)
    return entry
