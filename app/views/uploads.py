"""Uploads: choose a file, see what is wrong with it, confirm it, watch it run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock, storage
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.link_mails import MOST_OF_MERCHANT
from app.domain.permissions import Permission
from app.errors import BadInputError, CapabilityMissingError, NotFoundError, PayAgencyError, said
from app.queries import bulk
from app.queries import upload_list as rows
from app.services.bulk import uploads
from app.views import (
    form_keys,
    lists,
    upload_example,
    upload_list,
    upload_page,
    upload_results,
)
from app.views.amounts import decimal_mark
from app.views.base import current_actor, needs, read_session
from app.views.locales import told
from app.views.once import Command, once
from app.views.show import Screen

if TYPE_CHECKING:
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session
    from werkzeug.datastructures import FileStorage

    from app.domain.actors import Actor
    from app.models import BulkUpload
    from app.services.bulk.uploads import Received


class UploadsView(Screen):
    """The list of uploads, the form, and the page of each."""

    route_base = "/uploads"
    class_permission_name = "uploads"
    default_view = "list"

    @expose("/")
    @needs(Permission.UPLOADS_READ)
    def list(self) -> ResponseReturnValue:
        """Show the uploads, newest first."""
        listed = lists.read(upload_list.find, upload_list.LIST, count=upload_list.count)
        page = self.render(
            "uploads/list.html",
            title=gettext("Uploads"),
            listed=listed,
            badges=upload_page.BADGES,
            statuses=[(status.value, badge.word) for status, badge in upload_page.BADGES.items()],
        )
        return page, listed.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.UPLOADS_READ)
    def columns(self) -> ResponseReturnValue:
        """Keep the columns that the reader wants to see."""
        return lists.keep_columns(upload_list.LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.UPLOADS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list."""
        wanted = upload_list.wanted()
        return lists.download(
            upload_list.LIST, lambda session, window: rows.uploads(session, wanted, window)
        )

    @expose("/example.csv")
    @needs(Permission.UPLOADS_CREATE)
    def example(self) -> ResponseReturnValue:
        """Hand out a file to begin with."""
        return Response(
            upload_example.content(decimal_mark(), livemode=bool(current_actor().livemode)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="payments-example.csv"'},
        )

    @expose("/new", methods=["GET", "POST"])
    @needs(Permission.UPLOADS_CREATE)
    def new(self) -> ResponseReturnValue:
        """Show the form, or take a file and have it checked."""
        if request.method == "GET":
            return self._form()
        try:
            public_id = _take(current_actor(), request.files.get("file"))
        except (BadInputError, CapabilityMissingError) as error:
            return self._form(error)
        return _to_page(public_id)

    @expose("/<string:upload_id>")
    @needs(Permission.UPLOADS_READ)
    def show(self, upload_id: str) -> ResponseReturnValue:
        """Show one upload."""
        page = upload_page.build(read_session(), current_actor(), _find(upload_id))
        return self.render(
            "uploads/show.html",
            title=page.upload.filename,
            page=page,
            upload=page.upload,
            form_key=form_keys.issue(_purpose(upload_id)) if page.can_confirm else "",
            size=upload_page.size,
            delimiters=upload_page.DELIMITERS,
            most_mails=MOST_OF_MERCHANT,
        )

    @expose("/<string:upload_id>/progress")
    @needs(Permission.UPLOADS_READ)
    def progress(self, upload_id: str) -> ResponseReturnValue:
        """Tell the page's script how far it is."""
        return upload_page.progress(read_session(), current_actor(), _find(upload_id)).as_json()

    @expose("/<string:upload_id>/errors.csv")
    @needs(Permission.UPLOADS_READ)
    def errors(self, upload_id: str) -> ResponseReturnValue:
        """Hand out the error file."""
        upload = _find(upload_id)
        if upload.errors_at is None:
            raise NotFoundError(said("This upload has no errors."))
        return send_file(
            storage.open_read(upload.errors_at),
            mimetype="text/csv",
            as_attachment=True,
            download_name=f"{upload.public_id}-errors.csv",
        )

    @expose("/<string:upload_id>/results.csv", methods=["POST"])
    @needs(Permission.UPLOADS_READ)
    def results(self, upload_id: str) -> ResponseReturnValue:
        """Hand out what became of each row, with the page of each payer who must still act."""
        key = _find(upload_id).id
        return lists.stream(upload_results.LIST, lambda session: bulk.results(session, key))

    @expose("/<string:upload_id>/confirm", methods=["POST"])
    @needs(Permission.UPLOADS_CONFIRM)
    def confirm(self, upload_id: str) -> ResponseReturnValue:
        """Start the payments; sending the form twice starts them once."""
        key = form_keys.read(_purpose(upload_id))
        retry_failed = request.form.get("retry_failed") == "1"
        _confirm(current_actor(), key, _find(upload_id), retry_failed=retry_failed)
        return _to_page(upload_id)

    @expose("/<string:upload_id>/cancel", methods=["POST"])
    @needs(Permission.UPLOADS_CREATE)
    def cancel(self, upload_id: str) -> ResponseReturnValue:
        """Give an upload up."""
        release_reads()
        retry_when_busy(_cancel)(current_actor(), upload_id)
        return _to_page(upload_id)

    def _form(self, error: PayAgencyError | None = None) -> ResponseReturnValue:
        page = self.render(
            "uploads/new.html",
            title=gettext("Upload a file of payments"),
            fault=told(error) if error else "",
            is_file_fault=isinstance(error, BadInputError),
            decimal_mark=request.form.get("decimal_mark", decimal_mark()),
            columns=upload_example.COLUMNS,
            most_bytes=upload_page.most_bytes(),
            most=upload_page.size(upload_page.most_bytes()),
        )
        return page, error.status if error else 200


def _take(actor: Actor, file: FileStorage | None) -> str:
    if file is None or not file.filename:
        raise BadInputError("file", said("is not chosen."), said("Choose a CSV file."))
    received = uploads.receive(read_session(), clock.now(), file.stream, file.filename)
    release_reads()
    try:
        retry_when_busy(_register)(actor, received, request.form.get("decimal_mark", "."))
    except BaseException:
        uploads.forget(received)
        raise
    return received.public_id


def _register(actor: Actor, received: Received, decimal_mark: str) -> None:
    with unit_of_work(actor) as session:
        uploads.register(session, clock.now(), received, decimal_mark)


def _confirm(actor: Actor, key: str, upload: BulkUpload, *, retry_failed: bool) -> None:
    upload_id = upload.public_id

    def write(session: Session, now: datetime) -> tuple[str, str]:
        uploads.confirm(session, now, upload_id, retry_failed=retry_failed)
        return upload_id, upload_id

    command = Command(
        actor=actor,
        key=key,
        merchant_id=upload.merchant_id,
        path=f"/uploads/{upload_id}/confirm",
        body={"retry_failed": retry_failed},
    )
    once(command, write)


def _cancel(actor: Actor, upload_id: str) -> None:
    with unit_of_work(actor) as session:
        uploads.cancel(session, clock.now(), upload_id)


def _find(upload_id: str) -> BulkUpload:
    return _known(bulk.get(read_session(), upload_id), upload_id)


def _known(upload: BulkUpload | None, upload_id: str) -> BulkUpload:
    if upload is None:
        raise NotFoundError(said("There is no upload {id}.", id=upload_id))
    return upload


def _purpose(upload_id: str) -> str:
    return f"confirm:{upload_id}"


def _to_page(upload_id: str) -> ResponseReturnValue:
    return redirect(url_for("UploadsView.show", upload_id=upload_id))
