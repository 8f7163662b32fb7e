"""The list of uploads: what it shows and what its address asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.queries import upload_list
from app.queries.upload_list import UploadFilter
from app.services.bulk.uploads import UploadStatus
from app.views import lists, upload_page
from app.views.base import read_session
from app.views.lists import Column, Filter

if TYPE_CHECKING:
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="uploads",
    endpoint="UploadsView.list",
    columns=(
        lists.field("file", lazy_gettext("File"), "filename", always=True),
        lists.merchant(),
        Column(
            "status",
            lazy_gettext("Status"),
            lambda row, _sheet: upload_page.status_word(row.status),
            always=True,
        ),
        Column("rows", lazy_gettext("Rows"), lambda row, _sheet: row.rows_total, number=True),
        Column(
            "rejected", lazy_gettext("Rejected"), lambda row, _sheet: row.rows_invalid, number=True
        ),
        Column(
            "loaded",
            lazy_gettext("Loaded"),
            lambda row, _sheet: row.rows_loaded,
            number=True,
            usual=False,
        ),
        lists.field("by", lazy_gettext("Uploaded by"), "created_by"),
        lists.field("confirmed", lazy_gettext("Confirmed by"), "confirmed_by", usual=False),
        lists.moment("made", lazy_gettext("Uploaded"), "created_at", always=True),
        lists.field("upload", lazy_gettext("Id"), "public_id", usual=False),
    ),
    filters=(
        Filter(
            "status",
            lazy_gettext("Status"),
            lambda value: upload_page.BADGES[UploadStatus(value)].word,
        ),
        Filter("merchant", lazy_gettext("Merchant")),
    ),
)


def wanted() -> UploadFilter:
    """Return what the address narrows the list to."""
    first, before = lists.moments()
    return UploadFilter(
        created_from=first,
        created_before=before,
        statuses=lists.many_of("status", list(UploadStatus)),
        merchant=lists.text("merchant"),
    )


def find(window: Window) -> Slice:
    """Return one page of the list."""
    return upload_list.uploads(read_session(), wanted(), window)


def count() -> CappedCount:
    """Count the list, as far as lists are counted."""
    return upload_list.count(read_session(), wanted())
