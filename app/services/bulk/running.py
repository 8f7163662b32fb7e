"""The task `bulk.run`: rows become payments, chunk by chunk, each row exactly once.

A chunk is one transaction: its payments with their tasks, its rows, the references that they take
and how far the upload has come. A worker that is killed anywhere leaves whole chunks behind it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, cast

import config
from app.adapters import clock, db, failpoints, queue
from app.domain.actors import Actor
from app.domain.bulk_rows import CellError
from app.errors import said
from app.queries import bulk, outbox
from app.services import audit, events, routing
from app.services.bulk import error_file, table
from app.services.bulk.chunks import Loaded, load
from app.services.bulk.dry_run import Rules
from app.services.bulk.table import Delimiter
from app.services.bulk.uploads import QUEUE, UploadStatus
from app.services.notify import news

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import TextIOWrapper

    from sqlalchemy.orm import Session

    from app.domain.money import DecimalMark
    from app.models import BulkUpload
    from app.queries.outbox import Lease
    from app.services.bulk.chunks import Chunk
    from app.services.routing import Routes

CHUNK_ROWS = 200
MOST_CHUNKS = 100
"""After so many chunks the task is given back, so that other uploads have their turn."""


@dataclass(frozen=True, slots=True)
class _Job:
    lease: Lease
    actor: Actor
    upload: BulkUpload
    delimiter: Delimiter


def run(lease: Lease) -> None:
    """Make the payments of the upload of a leased task, from where it was left."""
    job = _prepare(lease)
    if job is None:
        return
    routes = routing.routes(livemode=lease.livemode)
    with table.stored(job.upload.stored_at) as text:
        rules, chunks = _chunks(job, text)
        for number, chunk in enumerate(chunks):
            if number == MOST_CHUNKS:
                _give_back(job)
                return
            if not _load(job, rules, chunk, routes):
                return
            failpoints.hit("bulk.chunk_committed")
    _finish(job, rules)


def _prepare(lease: Lease) -> _Job | None:
    actor = Actor.system(lease.merchant_id or 0, lease.livemode, f"upload {lease.ref}")
    with db.unit_of_work(actor) as session:
        upload = bulk.get(session, lease.ref)
        if upload is None or upload.status != UploadStatus.RUNNING:
            outbox.finish(session, lease)
            return None
        return _Job(lease, actor, upload, Delimiter(upload.delimiter))


def _chunks(job: _Job, text: TextIOWrapper) -> tuple[Rules, Iterator[Chunk]]:
    """Cut what is left to load; what the dry run rejected stays out."""
    header, records = table.rows(text, job.delimiter)
    rules = Rules(job.upload.merchant_id, header, cast("DecimalMark", job.upload.decimal_mark))
    rejected = error_file.rejected_lines(job.upload.errors_at, job.delimiter)
    left = _left(records, rejected, job.upload.loaded_line)
    return rules, iter(lambda: list(islice(left, CHUNK_ROWS)), [])


def _left(
    records: Iterable[table.Record], rejected: Iterator[int], loaded_line: int
) -> Iterator[table.Record]:
    next_rejected = next(rejected, None)
    for record in records:
        while next_rejected is not None and next_rejected < record.line:
            next_rejected = next(rejected, None)
        if record.line > loaded_line and record.line != next_rejected:
            yield record


@db.retry_when_busy
def _load(job: _Job, rules: Rules, chunk: Chunk, routes: Routes) -> bool:
    """Load a chunk in one transaction; False when another worker has taken over."""
    seconds = config.get().payagency_lease_seconds
    with db.unit_of_work(job.actor) as session:
        if not outbox.renew(session, job.lease, seconds):
            return False
        upload = bulk.get(session, job.upload.public_id)
        if upload is None or upload.loaded_line >= chunk[0].line:
            return False
        loaded = load(session, clock.now(), upload, rules, chunk, routes)
        failpoints.hit("bulk.chunk_loaded")
        _move_on(session, upload, loaded)
        outbox.renew(session, job.lease, seconds)
        failpoints.hit("bulk.before_commit")
    return True


def _move_on(session: Session, upload: BulkUpload, loaded: Loaded) -> None:
    upload.loaded_line = loaded.last_line
    upload.rows_loaded += loaded.rows
    upload.changed_at = clock.now()
    session.flush()


def _give_back(job: _Job) -> None:
    with db.unit_of_work(job.actor) as session:
        if outbox.postpone(session, job.lease, seconds=0):
            db.after_commit(session, lambda: queue.wake(QUEUE) and None)


def _finish(job: _Job, rules: Rules) -> None:
    errors_at = _report(job, rules)
    with db.unit_of_work(job.actor) as session:
        now = clock.now()
        if not outbox.finish(session, job.lease):
            return
        counts = bulk.row_counts(session, job.upload.id)
        bulk.move(
            session,
            job.upload,
            {UploadStatus.RUNNING},
            status=UploadStatus.DONE,
            errors_at=errors_at,
            changed_at=now,
        )
        audit.record(
            session,
            now,
            action="uploads.run",
            object_type="bulk_upload",
            object_id=job.upload.public_id,
            sentence=said(
                "Loaded {file}: {counts}",
                file=job.upload.filename,
                counts=", ".join(f"{count} {state}" for state, count in sorted(counts.items())),
            ),
            before={"status": UploadStatus.RUNNING},
            after={"status": UploadStatus.DONE, "rows": counts},
            merchant_id=job.upload.merchant_id,
            livemode=job.upload.livemode,
        )
        events.upload_completed(session, now, job.upload, counts)
        news.upload_finished(session, now, job.upload, counts)
        failpoints.hit("bulk.before_done")


def _report(job: _Job, rules: Rules) -> str | None:
    """Write the error file of the dry run anew where rows were refused while they were loaded."""
    with db.reading(job.actor) as session:
        if not bulk.row_counts(session, job.upload.id).get("refused"):
            return job.upload.errors_at
        refused = (
            (json.loads(row.content), CellError(row.line, "", row.code or "", row.message or ""))
            for row in bulk.refused_rows(session, job.upload.id)
        )
        name = job.upload.stored_at.removesuffix(".csv") + "-errors-of-run.csv"
        shape = error_file.Shape(rules.header.columns, job.delimiter)
        error_file.merge(name, shape, job.upload.errors_at, refused)
    return name
