"""The trace of every change, written in the transaction of the change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from structlog.contextvars import get_contextvars

from app.domain.card_numbers import scrub
from app.domain.identifiers import new_id
from app.models import AuditEntry
from app.models.tenancy import actor_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

_SENTENCE_LENGTH = 255


class Row(Protocol):
    """A row that people know by its public id; one of the house has no merchant."""

    __tablename__: Any
    public_id: Any

    @property
    def merchant_id(self) -> int | None:
        """The key of the merchant whose it is."""

    @property
    def livemode(self) -> bool | None:
        """The book it stands in."""


class Versioned(Row, Protocol):
    """A row whose changes are counted, so that nobody overwrites what they did not see."""

    version: Any
    changed_at: Any


_Changed = TypeVar("_Changed", bound=Versioned)


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


def of_row(
    session: Session,
    now: datetime,
    row: Row,
    action: str,
    sentence: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add the audit entry of what was done with a row: its owner and book are the row's."""
    return record(
        session,
        now,
        action=action,
        object_type=row.__tablename__,
        object_id=row.public_id,
        sentence=sentence,
        before=before,
        after=after,
        merchant_id=row.merchant_id,
        livemode=row.livemode,
    )


def of_change(
    session: Session,
    now: datetime,
    row: _Changed,
    action: str,
    sentence: str,
    *,
    before: Mapping[str, Any],
    told: Callable[[_Changed], Mapping[str, Any]],
) -> None:
    """Count a change of a locked row and add its audit entry; `told` reads it as it is then."""
    row.version += 1
    row.changed_at = now
    session.flush()
    of_row(session, now, row, action, sentence, before=before, after=told(row))
