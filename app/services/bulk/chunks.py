"""Loading a chunk of rows within the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.domain.bulk_rows import PaymentRow
from app.domain.link_mails import MOST_OF_MERCHANT
from app.errors import DatabaseBusyError, said
from app.queries import bulk
from app.services.bulk import asking, creating, linking
from app.services.bulk.dry_run import parse
from app.services.bulk.verdicts import Judged, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import TypeAlias

    from sqlalchemy.orm import Session

    from app.models import BulkUpload
    from app.services.bulk.dry_run import Rules
    from app.services.bulk.table import Record
    from app.services.routing import Routes

    Chunk: TypeAlias = Sequence[Record]

_MESSAGE_CHARACTERS = 255
_COLLISION = "reference_taken"
_NOT_MAILED = "mails_used_up"


class RowState(StrEnum):
    """What became of a row of a confirmed upload."""

    CREATED = "created"
    LINKED = "linked"
    RETRIED = "retried"
    ALREADY_DONE = "already_done"
    FAILED_BEFORE = "failed_before"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Loaded:
    """How far a chunk came."""

    rows: int
    last_line: int


@dataclass(slots=True)
class _Line:
    """A row on its way: what it asks for, and what became of it."""

    record: Record
    row: PaymentRow | None = None
    judged: Judged | None = None
    state: RowState = RowState.REFUSED
    code: str | None = None
    message: str | None = None
    payment_id: int | None = None
    payment_link_id: int | None = None

    @property
    def is_link(self) -> bool:
        """Whether it asks for a payment link."""
        return self.row is not None and self.row.link is not None

    def ends(self, state: RowState, message: str, code: str | None = None) -> None:
        self.state, self.code = state, code
        self.message = message[:_MESSAGE_CHARACTERS]


def load(
    session: Session,
    now: datetime,
    upload: BulkUpload,
    rules: Rules,
    chunk: Chunk,
    routes: Routes,
) -> Loaded:
    """Make the payments and links of a chunk, take their references and write its rows.

    Raises DatabaseBusyError when another upload takes one of the references at this moment; the
    whole chunk may then be tried again and will see it.
    """
    lines = [_read(rules, record) for record in chunk]
    wanted = _wanted(session, upload, lines)
    _pay(session, now, upload, [line for line in wanted if not line.is_link], routes)
    _link(session, now, upload, [line for line in wanted if line.is_link], routes)
    bulk.insert_rows(session, [_row(upload, line) for line in lines])
    _take_references(session, now, upload, lines)
    return Loaded(len(lines), chunk[-1].line)


def _wanted(session: Session, upload: BulkUpload, lines: Sequence[_Line]) -> list[_Line]:
    """Judge the lines that can be read; answers those that become something."""
    good = [line for line in lines if line.row is not None]
    judged = judge(session, upload.merchant_id, [line.row for line in good if line.row])
    for line, verdict in zip(good, judged, strict=True):
        line.judged = verdict
    return [line for line in good if _is_wanted(line, retry_failed=upload.retry_failed)]


def _read(rules: Rules, record: Record) -> _Line:
    parsed = parse(rules, record)
    if isinstance(parsed, PaymentRow):
        return _Line(record, parsed)
    line = _Line(record)
    line.ends(RowState.REFUSED, parsed.errors[0].message, parsed.errors[0].code)
    return line


def _is_wanted(line: _Line, *, retry_failed: bool) -> bool:
    """Answer whether the row becomes a payment; otherwise say what it becomes."""
    judged = line.judged
    if judged is None or judged.holder is None:
        return judged is not None
    if judged.verdict is Verdict.RETRY and retry_failed:
        return True
    if judged.verdict is Verdict.COLLISION:
        line.ends(RowState.REFUSED, judged.collision, _COLLISION)
    elif judged.verdict is Verdict.RETRY:
        line.ends(
            RowState.FAILED_BEFORE,
            said("Failed before as {payment}.", payment=judged.holder.payment),
        )
    else:
        line.ends(
            RowState.ALREADY_DONE, said("Already done as {payment}.", payment=judged.holder.payment)
        )
    return False


def _pay(
    session: Session, now: datetime, upload: BulkUpload, wanted: Sequence[_Line], routes: Routes
) -> None:
    asked = [asking.asked(line.row) for line in wanted if line.row]
    refused = creating.refusals(session, now, upload.merchant_id, asked, routes)
    for position, error in refused.items():
        wanted[position].ends(RowState.REFUSED, error.detail, error.code)
    taken = [position for position in range(len(wanted)) if position not in refused]
    payments = creating.create_all(
        session, now, upload.merchant_id, [asked[position] for position in taken], routes
    )
    for position, payment in zip(taken, payments, strict=True):
        line = wanted[position]
        line.payment_id = payment.id
        again = line.judged is not None and line.judged.verdict is Verdict.RETRY
        line.state = RowState.RETRIED if again else RowState.CREATED


def _link(
    session: Session, now: datetime, upload: BulkUpload, wanted: Sequence[_Line], routes: Routes
) -> None:
    rows = [line.row for line in wanted if line.row]
    refused = linking.refusals(session, now, upload.merchant_id, rows, routes)
    for position, error in refused.items():
        wanted[position].ends(RowState.REFUSED, error.detail, error.code)
    taken = [position for position in range(len(wanted)) if position not in refused]
    good = [rows[position] for position in taken]
    links = linking.create_all(session, now, upload.merchant_id, good)
    for position, link in zip(taken, links, strict=True):
        wanted[position].payment_link_id = link.id
        wanted[position].state = RowState.LINKED
    mailed = linking.mail_all(session, now, upload.merchant_id, list(zip(good, links, strict=True)))
    _tell_unsent(wanted, mailed)


def _tell_unsent(wanted: Sequence[_Line], mailed: int) -> None:
    """Say of all links that were to be mailed but the first so many that they were not."""
    asking_for = [line for line in wanted if line.payment_link_id and _is_to_be_sent(line.row)]
    for line in asking_for[mailed:]:
        line.ends(
            RowState.LINKED,
            said(
                "The link was made, but not mailed: the {count} mails of a day are used. "
                "Send it from its page.",
                count=MOST_OF_MERCHANT,
            ),
            _NOT_MAILED,
        )


def _is_to_be_sent(row: PaymentRow | None) -> bool:
    return row is not None and row.link is not None and row.link.send


def _row(upload: BulkUpload, line: _Line) -> dict[str, object]:
    row = line.row
    return {
        "upload_id": upload.id,
        "line": line.record.line,
        "reference": row.reference if row else "",
        "content": json.dumps(line.record.cells, ensure_ascii=False),
        "amount_minor": row.amount.amount_minor if row else 0,
        "currency": row.amount.currency if row else "",
        "state": line.state,
        "code": line.code,
        "message": line.message,
        "payment_id": line.payment_id,
        "payment_link_id": line.payment_link_id,
    }


def _take_references(
    session: Session, now: datetime, upload: BulkUpload, lines: Sequence[_Line]
) -> None:
    for line in lines:
        if line.state is RowState.RETRIED:
            _retake(session, upload, line)
    made = {RowState.CREATED, RowState.LINKED}
    created = [_reference(now, upload, line) for line in lines if line.state in made]
    try:
        bulk.insert_references(session, created)
    except IntegrityError as error:
        raise DatabaseBusyError(
            said("Another upload takes the same reference right now.")
        ) from error


def _retake(session: Session, upload: BulkUpload, line: _Line) -> None:
    holder = line.judged.holder if line.judged else None
    if holder is None or holder.reference_id is None or holder.payment_id is None:
        return
    if line.payment_id is None:
        return
    if not bulk.retake(session, holder.reference_id, holder.payment_id, line.payment_id, upload.id):
        raise DatabaseBusyError(
            said("Another upload tries the same failed payment again right now.")
        )


def _reference(now: datetime, upload: BulkUpload, line: _Line) -> dict[str, object]:
    return {
        "kind": upload.kind,
        "reference": line.row.reference if line.row else "",
        "content_digest": line.judged.digest if line.judged else b"",
        "payment_id": line.payment_id,
        "payment_link_id": line.payment_link_id,
        "upload_id": upload.id,
        "created_at": now,
    }
