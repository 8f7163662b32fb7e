"""`/v1/bulk_uploads`: send a file, read what its check has found, confirm it, give it up."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.adapters import clock, storage
from app.adapters.db import release_reads
from app.domain.api_keys import Scope
from app.errors import NotFoundError, said
from app.queries import api_objects, bulk, upload_list
from app.queries.upload_list import UploadFilter
from app.services import refusals
from app.services.bulk import uploads
from app.services.told import objects
from app.services.told.shapes import UploadTold
from app.views.api import pages
from app.views.api.entrance import V1, caller, formed, idempotency_key, keyed, scoped, sent
from app.views.api.payments import REFUSALS, REPLAYED
from app.views.api.spec import SPEC
from app.views.api.upload_shapes import (
    CancelUploadRequest,
    ConfirmRequest,
    UploadPage,
    UploadQuery,
    UploadRequest,
)
from app.views.base import read_session
from app.views.once import Command, once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import BulkUpload

_TAGS: Final = ("bulk uploads",)
_BLOCK_BYTES: Final = 64 * 1024


@V1.post("/bulk_uploads")
@scoped(Scope.UPLOADS_WRITE)
@SPEC.validate(form=UploadRequest, resp=Response(HTTP_201=UploadTold, **REFUSALS), tags=_TAGS)
@keyed
@formed
def create_bulk_upload() -> ResponseReturnValue:
    """Send a file of rows.

    It is checked after the answer: ask for it until `status` is `ready` or `refused`, or wait for
    nothing and confirm it later. Nothing is charged before it is confirmed.
    """
    key, asked = idempotency_key(), sent(UploadRequest, "form")
    received = uploads.receive(read_session(), clock.now(), asked.file.stream, asked.file.filename)
    is_kept = False
    try:
        body = {
            "kind": asked.kind,
            "decimal_mark": asked.decimal_mark,
            "filename": received.filename,
            "content": received.examined.digest.hex(),
        }

        def write(session: Session, now: datetime) -> tuple[str, str]:
            uploads.register(session, now, received, asked.decimal_mark)
            return received.public_id, received.public_id

        done = once(_command(key, "", body), write)
        is_kept = not done.is_replay
    finally:
        if not is_kept:
            uploads.forget(received)
    return _told(done.object_id, HTTPStatus.CREATED, is_replay=done.is_replay)


@V1.get("/bulk_uploads")
@scoped(Scope.UPLOADS_READ)
@SPEC.validate(query=UploadQuery, resp=Response(HTTP_200=UploadPage, **REFUSALS), tags=_TAGS)
def list_bulk_uploads() -> ResponseReturnValue:
    """List uploads, newest first."""
    query, session = sent(UploadQuery, "query"), read_session()
    wanted = UploadFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        statuses=(query.status,) if query.status else (),
    )
    ids, cursor = pages.page(query, lambda window: upload_list.uploads(session, wanted, window))
    data = [objects.upload(each, None) for each in api_objects.uploads(session, ids)]
    found = UploadPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/bulk_uploads/<string:upload_id>")
@scoped(Scope.UPLOADS_READ)
@SPEC.validate(resp=Response(HTTP_200=UploadTold, **REFUSALS), tags=_TAGS)
def get_bulk_upload(upload_id: str) -> ResponseReturnValue:
    """Read an upload as it stands now."""
    return _told(upload_id, HTTPStatus.OK)


@V1.get("/bulk_uploads/<string:upload_id>/errors.csv")
@scoped(Scope.UPLOADS_READ)
@SPEC.validate(resp=Response("HTTP_200", **REFUSALS), tags=_TAGS)
def get_bulk_upload_errors(upload_id: str) -> ResponseReturnValue:
    """Read the rows that cannot be taken, a line for each cell that is wrong.

    They are the columns of the file and four more: line, column, code, message.
    """
    upload = _upload(upload_id)
    if upload.errors_at is None:
        raise NotFoundError(said("This upload has no errors."))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{upload.public_id}-errors.csv"',
    }
    # Not as a response, which the check of answers would read into memory.
    return _blocks(upload.errors_at), HTTPStatus.OK, headers


@V1.post("/bulk_uploads/<string:upload_id>/confirm")
@scoped(Scope.UPLOADS_WRITE)
@SPEC.validate(json=ConfirmRequest, resp=Response(HTTP_200=UploadTold, **REFUSALS), tags=_TAGS)
@keyed
def confirm_bulk_upload(upload_id: str) -> ResponseReturnValue:
    """Start the payments of an upload that is ready: each row that is valid becomes one."""
    retry_failed = sent(ConfirmRequest).retry_failed

    def write(session: Session, now: datetime) -> object:
        return uploads.confirm(session, now, upload_id, retry_failed=retry_failed)

    return _done(upload_id, "confirm", {"retry_failed": retry_failed}, write)


@V1.post("/bulk_uploads/<string:upload_id>/cancel")
@scoped(Scope.UPLOADS_WRITE)
@SPEC.validate(json=CancelUploadRequest, resp=Response(HTTP_200=UploadTold, **REFUSALS), tags=_TAGS)
@keyed
def cancel_bulk_upload(upload_id: str) -> ResponseReturnValue:
    """Give up an upload that was not confirmed; its file is removed."""
    return _done(
        upload_id, "cancel", {}, lambda session, now: uploads.cancel(session, now, upload_id)
    )


def _blocks(stored_at: str) -> Iterator[bytes]:
    with storage.open_read(stored_at) as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _done(
    upload_id: str,
    verb: str,
    body: Mapping[str, object],
    write: Callable[[Session, datetime], object],
) -> ResponseReturnValue:
    """Do something to an upload once for the key of this request, and tell how it stands then."""
    key, actor = idempotency_key(), caller().actor
    _upload(upload_id)

    def written(session: Session, now: datetime) -> tuple[str, str]:
        write(session, now)
        return upload_id, upload_id

    with refusals.audited(
        actor, action=f"uploads.{verb}", object_type="bulk_upload", object_id=upload_id
    ):
        done = once(_command(key, f"/{upload_id}/{verb}", body), written)
    return _told(upload_id, HTTPStatus.OK, is_replay=done.is_replay)


def _command(key: str, path: str, body: Mapping[str, object]) -> Command:
    actor = caller().actor
    return Command(
        actor=actor,
        key=key,
        merchant_id=actor.merchant_id or 0,
        path=f"/v1/bulk_uploads{path}",
        body=body,
    )


def _upload(upload_id: str) -> BulkUpload:
    found = bulk.get(read_session(), upload_id)
    if found is None:
        raise NotFoundError(said("There is no such upload."))
    return found


def _told(upload_id: str, status: HTTPStatus, *, is_replay: bool = False) -> ResponseReturnValue:
    release_reads()
    found = _upload(upload_id)
    told = objects.upload(found, bulk.row_counts(read_session(), found.id))
    return told.model_dump(), status, {REPLAYED: "true"} if is_replay else {}
