"""The shapes of bulk uploads in the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import PlainValidator, WithJsonSchema
from werkzeug.datastructures import FileStorage

from app.services.told.shapes import Told, UploadTold
from app.views.api.shapes import Asked, ListQuery


def _file(value: object) -> FileStorage:
    if not isinstance(value, FileStorage) or not value.filename:
        raise ValueError("is no file with a name")
    return value


class UploadRequest(Asked):
    """A file of rows; `decimal_mark` is how its amounts are written."""

    file: Annotated[
        Any, PlainValidator(_file), WithJsonSchema({"type": "string", "format": "binary"})
    ]
    kind: Literal["payments"]
    decimal_mark: Literal[".", ","] = "."


class ConfirmRequest(Asked):
    """Whether rows whose payment failed before are tried again, with a new payment."""

    retry_failed: bool = False


class CancelUploadRequest(Asked):
    """Nothing has to be said."""


class UploadQuery(ListQuery):
    """Which uploads."""

    status: Literal["checking", "refused", "ready", "running", "done", "canceled"] | None = None


class UploadPage(Told):
    """A page of uploads."""

    object: Literal["list"] = "list"
    data: list[UploadTold]
    has_more: bool
    next_cursor: str | None
