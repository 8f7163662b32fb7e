"""The task `bulk.check`: a dry run of a whole file in bounded memory, then `ready` or `refused`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

import config
from app.adapters import clock, db, storage
from app.domain.actors import Actor
from app.errors import BadInputError, LeaseLostError, said
from app.queries import bulk, outbox
from app.services import audit, routing
from app.services.bulk import table
from app.services.bulk.dry_run import BATCH_ROWS, DryRun, Rules, Tally, enabled_methods
from app.services.bulk.error_file import ErrorFile, Shape
from app.services.bulk.refusals import FileRefusedError
from app.services.bulk.table import Delimiter
from app.services.bulk.uploads import UploadStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.bulk_header import Header
    from app.domain.money import DecimalMark
    from app.queries.outbox import Lease
    from app.services.bulk.table import Record


@dataclass(frozen=True, slots=True)
class _Job:
    lease: Lease
    actor: Actor
    merchant_id: int
    stored_at: str
    errors_at: str
    delimiter: Delimiter
    decimal_mark: DecimalMark
    methods: frozenset[str]


def check(lease: Lease) -> None:
    """Check the upload of a leased task; a check that was cut short starts over.

    A file that cannot be read as rows makes the upload `refused`, with place, reason and way out.
    """
    job = _prepare(lease)
    if job is None:
        return
    try:
        tally = _dry_run(job)
    except BadInputError as error:
        storage.delete(job.errors_at)
        _conclude(job, status=UploadStatus.REFUSED, failure=error.detail, errors_at=None)
    except LeaseLostError:
        return
    else:
        _conclude(job, status=UploadStatus.READY, **_counts(job, tally))


def _prepare(lease: Lease) -> _Job | None:
    merchant_id = lease.merchant_id or 0
    actor = Actor.system(merchant_id, lease.livemode, f"upload {lease.ref}")
    with db.unit_of_work(actor) as session:
        upload = bulk.get(session, lease.ref)
        if upload is None or upload.status != UploadStatus.CHECKING:
            outbox.finish(session, lease)
            return None
        return _Job(
            lease=lease,
            actor=actor,
            merchant_id=merchant_id,
            stored_at=upload.stored_at,
            errors_at=upload.stored_at.removesuffix(".csv") + "-errors.csv",
            delimiter=Delimiter(upload.delimiter),
            decimal_mark=cast("DecimalMark", upload.decimal_mark),
            methods=enabled_methods(session, merchant_id),
        )


def _dry_run(job: _Job) -> Tally:
    with table.stored(job.stored_at) as text:
        header, records = table.rows(text, job.delimiter)
        rules = Rules(job.merchant_id, header, job.decimal_mark, job.methods)
        run = DryRun(rules, routing.routes(livemode=job.lease.livemode))
        storage.write(job.errors_at, partial(_fill, job, header, records, run))
    if run.tally.total == 0:
        raise FileRefusedError(
            "file", said("has a header but no rows below it."), said("Write a line a payment.")
        )
    return run.tally


def _fill(
    job: _Job, header: Header, records: Iterator[Record], run: DryRun, target: IO[bytes]
) -> None:
    out = ErrorFile(target, Shape(header.columns, job.delimiter))
    while batch := list(islice(records, BATCH_ROWS)):
        with db.reading(job.actor) as session:
            bad = run.batch(session, batch)
        for row in bad:
            out.add(row.record.cells, row.errors)
        _tell(job, run.tally)
    out.close()


def _tell(job: _Job, tally: Tally) -> None:
    """Prolong the lease and show how far it is; LeaseLostError when there is no more to do."""
    with db.unit_of_work(job.actor) as session:
        held = outbox.renew(session, job.lease, config.get().payagency_lease_seconds)
        upload = bulk.get(session, job.lease.ref)
        wanted = upload is not None and bulk.move(
            session,
            upload,
            {UploadStatus.CHECKING},
            rows_total=tally.total,
            rows_invalid=tally.invalid,
        )
        if held and not wanted:
            outbox.finish(session, job.lease)
    if not (held and wanted):
        raise LeaseLostError(said("The check is no longer this worker's, or was canceled."))


def _counts(job: _Job, tally: Tally) -> dict[str, object]:
    if not tally.cells:
        storage.delete(job.errors_at)
    return {
        "rows_total": tally.total,
        "rows_valid": tally.valid,
        "rows_done": tally.done,
        "rows_retry": tally.retry,
        "rows_invalid": tally.invalid,
        "cells_invalid": tally.cells,
        "rows_links": tally.links,
        "rows_mails": tally.mails,
        "totals": json.dumps(tally.amounts, sort_keys=True),
        "link_totals": json.dumps(tally.link_amounts, sort_keys=True),
        "errors_at": job.errors_at if tally.cells else None,
    }


def _conclude(job: _Job, *, status: UploadStatus, **values: object) -> None:
    with db.unit_of_work(job.actor) as session:
        now = clock.now()
        upload = bulk.get(session, job.lease.ref)
        if not outbox.finish(session, job.lease) or upload is None:
            return
        if not bulk.move(
            session, upload, {UploadStatus.CHECKING}, status=status, changed_at=now, **values
        ):
            storage.delete(job.errors_at)
            return
        audit.record(
            session,
            now,
            action="uploads.check",
            object_type="bulk_upload",
            object_id=upload.public_id,
            sentence=said(
                "Checked {file}: {upload_status}", file=upload.filename, upload_status=status
            ),
            before={"status": upload.status},
            after={"status": status},
            merchant_id=upload.merchant_id,
            livemode=upload.livemode,
        )
