"""Uploading a file of payments, confirming it, cancelling it.

An upload is `checking`, then `refused` or `ready`; confirmed it is `running`, then `done`; until
then it may be `canceled`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import IO, TYPE_CHECKING

import config
from app.adapters import storage
from app.adapters.db import after_commit
from app.domain.bulk_header import CONTROL_CHARACTER
from app.domain.card_numbers import scrub_text
from app.domain.identifiers import new_id
from app.errors import BadInputError, CapabilityMissingError, IllegalStateError, NotFoundError, said
from app.models import BulkUpload
from app.models.tenancy import actor_of
from app.queries import bulk, payments
from app.services import audit, outbox
from app.services.bulk import intake
from app.services.bulk.refusals import NothingToRunError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.services.bulk.intake import Examined

QUEUE = "bulk"
DECIMAL_MARKS = (".", ",")
_NAME_CHARACTERS = 200


class UploadStatus(StrEnum):
    """Where an upload stands."""

    CHECKING = "checking"
    REFUSED = "refused"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Received:
    """A file that is kept but belongs to no upload yet."""

    public_id: str
    filename: str
    stored_at: str
    examined: Examined


def check_allowed(session: Session, merchant_id: int) -> None:
    """Raise CapabilityMissingError unless the merchant may upload files in the actor's book."""
    if "bulk" not in payments.capability_kinds(session, merchant_id):
        raise CapabilityMissingError(
            said("Uploads are not enabled for this merchant. Ask us to enable them.")
        )


def receive(session: Session, now: datetime, source: IO[bytes], filename: str) -> Received:
    """Keep a file for the actor's merchant; `session` is only read.

    Raises CapabilityMissingError, FileTooLargeError or another BadInputError: then nothing of the
    file is kept.
    """
    actor = actor_of(session)
    if actor.merchant_id is None:
        raise CapabilityMissingError(said("Only a merchant's own people upload files."))
    check_allowed(session, actor.merchant_id)
    examined = intake.examine(source, config.get().payagency_upload_max_bytes)
    public_id = new_id("bu", now)
    book = "live" if actor.livemode else "test"
    stored_at = f"uploads/{book}/{actor.merchant_id}/{public_id}.csv"
    storage.write(stored_at, lambda target: intake.copy(source, examined.encoding, target))
    return Received(public_id, _safe_name(filename), stored_at, examined)


def _safe_name(filename: str) -> str:
    name = filename.replace("\\", "/").rpartition("/")[2]
    return scrub_text(CONTROL_CHARACTER.sub("", name)).strip()[:_NAME_CHARACTERS] or "file.csv"


def forget(received: Received) -> None:
    """Remove a received file that will belong to no upload."""
    storage.delete(received.stored_at)


def register(
    session: Session, now: datetime, received: Received, decimal_mark: str = "."
) -> BulkUpload:
    """Write the upload of a received file and the task that checks it.

    Raises BadInputError for another decimal mark than `.` or `,`.
    """
    if decimal_mark not in DECIMAL_MARKS:
        raise BadInputError(
            "decimal_mark", said("is neither a point nor a comma."), said("Choose one.")
        )
    actor = actor_of(session)
    examined = received.examined
    upload = BulkUpload(
        public_id=received.public_id,
        merchant_id=actor.merchant_id,
        livemode=bool(actor.livemode),
        kind="payments",
        filename=received.filename,
        stored_at=received.stored_at,
        content_digest=examined.digest,
        size_bytes=examined.size_bytes,
        encoding=examined.encoding,
        delimiter=examined.head.delimiter,
        decimal_mark=decimal_mark,
        status=UploadStatus.CHECKING,
        created_by=actor.label,
        created_at=now,
        changed_at=now,
    )
    session.add(upload)
    _enqueue(session, now, upload, "bulk.check")
    _trace(
        session, now, upload, "create", said("Uploaded {file} for checking", file=received.filename)
    )
    session.flush()
    return upload


def confirm(
    session: Session, now: datetime, public_id: str, *, retry_failed: bool = False
) -> BulkUpload:
    """Start the payments of a checked upload; confirming it again changes nothing.

    With `retry_failed`, rows whose payment failed before are tried again with a new payment.
    Raises NotFoundError, CapabilityMissingError, NothingToRunError or IllegalStateError.
    """
    upload = _get(session, public_id)
    if upload.status in {UploadStatus.RUNNING, UploadStatus.DONE}:
        return upload
    check_allowed(session, upload.merchant_id)
    if upload.status == UploadStatus.READY:
        _refuse_nothing(upload, retry_failed=retry_failed)
    moved = bulk.move(
        session,
        upload,
        {UploadStatus.READY},
        status=UploadStatus.RUNNING,
        retry_failed=retry_failed,
        confirmed_by=actor_of(session).label,
        changed_at=now,
    )
    upload = _get(session, public_id)
    if not moved and upload.status in {UploadStatus.RUNNING, UploadStatus.DONE}:
        return upload
    if not moved:
        raise IllegalStateError(
            said(
                "The upload is {upload_status}. Only one that is ready can be confirmed.",
                upload_status=upload.status,
            )
        )
    _enqueue(session, now, upload, "bulk.run")
    _trace(session, now, upload, "confirm", _confirmed(upload, retry_failed=retry_failed))
    return upload


def _confirmed(upload: BulkUpload, *, retry_failed: bool) -> str:
    count = upload.rows_valid - upload.rows_links + (upload.rows_retry if retry_failed else 0)
    if not upload.rows_links:
        return said("Confirmed {file}: {count} payments", file=upload.filename, count=count)
    return said(
        "Confirmed {file}: {count} payments and {links} payment links",
        file=upload.filename,
        count=count,
        links=upload.rows_links,
    )


def _refuse_nothing(upload: BulkUpload, *, retry_failed: bool) -> None:
    if upload.rows_valid or (retry_failed and upload.rows_retry):
        return
    way_out = (
        said("Choose to try the failed payments again, or upload another file.")
        if upload.rows_retry
        else said("Correct the rows that are named and upload the file again.")
        if upload.rows_invalid
        else said("There is nothing left to do.")
    )
    raise NothingToRunError(
        "upload", said("holds no row that would become a new payment."), way_out
    )


def cancel(session: Session, now: datetime, public_id: str) -> BulkUpload:
    """Give up an upload that was not confirmed; its file is removed, canceling twice is once.

    Raises NotFoundError or IllegalStateError.
    """
    upload = _get(session, public_id)
    before = upload.status
    files = [name for name in (upload.stored_at, upload.errors_at) if name]
    moved = bulk.move(
        session,
        upload,
        {UploadStatus.CHECKING, UploadStatus.READY},
        status=UploadStatus.CANCELED,
        errors_at=None,
        changed_at=now,
    )
    upload = _get(session, public_id)
    if not moved and upload.status != UploadStatus.CANCELED:
        raise IllegalStateError(
            said(
                "The upload is {upload_status}. Only one that was not confirmed can be canceled.",
                upload_status=upload.status,
            )
        )
    if moved:
        _trace(
            session,
            now,
            upload,
            "cancel",
            said("Canceled {file}", file=upload.filename),
            was=before,
        )
        for name in files:
            after_commit(session, partial(storage.delete, name))
    return upload


def _get(session: Session, public_id: str) -> BulkUpload:
    upload = bulk.get(session, public_id)
    if upload is None:
        raise NotFoundError(said("There is no such upload."))
    return upload


def _enqueue(session: Session, now: datetime, upload: BulkUpload, kind: str) -> None:
    outbox.enqueue(
        session,
        now,
        queue=QUEUE,
        kind=kind,
        ref=upload.public_id,
        job_key=f"{kind}:{upload.public_id}",
        merchant_id=upload.merchant_id,
        livemode=upload.livemode,
    )


def _trace(
    session: Session, now: datetime, upload: BulkUpload, verb: str, sentence: str, was: str = ""
) -> None:
    before: Mapping[str, str] = {"status": was} if was else {}
    audit.record(
        session,
        now,
        action=f"uploads.{verb}",
        object_type="bulk_upload",
        object_id=upload.public_id,
        sentence=sentence,
        before=before,
        after={"status": upload.status},
        merchant_id=upload.merchant_id,
        livemode=upload.livemode,
    )
