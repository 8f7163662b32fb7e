"""What the page of one upload tells: how it was read, what is wrong, how far it has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import config
from app.domain.money import exponent
from app.domain.permissions import Permission
from app.queries import bulk, listing
from app.services.bulk import error_file, preview
from app.services.bulk.chunks import RowState
from app.services.bulk.table import Delimiter
from app.services.bulk.uploads import UploadStatus
from app.views import words
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.bulk_rows import CellError
    from app.models import BulkUpload

SHOWN_ERRORS = 100
KIB = 1024
BADGES = {
    UploadStatus.CHECKING: Badge("Being checked", "info", "fa-hourglass-half"),
    UploadStatus.REFUSED: Badge("Refused", "danger", "fa-times"),
    UploadStatus.READY: Badge("Ready to confirm", "primary", "fa-check-square-o"),
    UploadStatus.RUNNING: Badge("Running", "info", "fa-cog"),
    UploadStatus.DONE: Badge("Done", "success", "fa-check"),
    UploadStatus.CANCELED: Badge("Canceled", "default", "fa-minus-circle"),
}
ROW_WORDS = {
    RowState.CREATED: "became payments",
    RowState.RETRIED: "were tried again with a new payment",
    RowState.ALREADY_DONE: "were done before and left alone",
    RowState.FAILED_BEFORE: "failed before and were not tried again",
    RowState.REFUSED: "were refused while running",
}
_OPEN_PAYMENTS = frozenset({"created", "processing"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come; `payments` and `rows` are (word, count)."""

    status: UploadStatus
    checked: int
    to_load: int
    loaded: int
    rows: Sequence[tuple[str, int]]
    payments: Sequence[tuple[str, int]]
    finished: bool

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script asks for."""
        return {
            "status": self.status,
            "checked": self.checked,
            "to_load": self.to_load,
            "loaded": self.loaded,
            "payments": [{"word": word, "count": count} for word, count in self.payments],
            "finished": self.finished,
        }


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Everything that the template shows."""

    upload: BulkUpload
    merchant: str
    badge: Badge
    progress: Progress
    totals: Sequence[tuple[str, str]]
    errors: Sequence[CellError]
    samples: Sequence[str]
    can_confirm: bool
    can_cancel: bool


def build(session: Session, actor: Actor, upload: BulkUpload) -> UploadPage:
    """Read what the page shows."""
    status = UploadStatus(upload.status)
    ready = status is UploadStatus.READY
    something = bool(upload.rows_valid or upload.rows_retry)
    open_still = status in {UploadStatus.CHECKING, UploadStatus.READY}
    return UploadPage(
        upload=upload,
        merchant=listing.merchant_names(session, [upload.merchant_id])[upload.merchant_id],
        badge=BADGES[status],
        progress=progress(session, actor, upload),
        totals=_totals(upload),
        errors=error_file.first_errors(upload.errors_at, Delimiter(upload.delimiter), SHOWN_ERRORS)
        if upload.errors_at
        else [],
        samples=preview.foreign_cells(upload) if ready else [],
        can_confirm=ready and something and actor.may(Permission.UPLOADS_CONFIRM),
        can_cancel=open_still and actor.may(Permission.UPLOADS_CREATE),
    )


def progress(session: Session, actor: Actor, upload: BulkUpload) -> Progress:
    """Count rows and payments as they stand now."""
    status = UploadStatus(upload.status)
    started = status in {UploadStatus.RUNNING, UploadStatus.DONE}
    payments = bulk.payment_counts(session, upload.id) if started else {}
    rows = bulk.row_counts(session, upload.id) if status is UploadStatus.DONE else {}
    ended = status in {UploadStatus.REFUSED, UploadStatus.READY, UploadStatus.CANCELED}
    settled = status is UploadStatus.DONE and not _OPEN_PAYMENTS & payments.keys()
    return Progress(
        status=status,
        checked=upload.rows_total,
        to_load=upload.rows_total - upload.rows_invalid,
        loaded=upload.rows_loaded,
        rows=[(ROW_WORDS[state], rows[state]) for state in RowState if state in rows],
        payments=_by_word(payments, actor),
        finished=ended or settled,
    )


def _by_word(payments: dict[str, int], actor: Actor) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for status, count in sorted(payments.items()):
        word = words.payment_badge(status, actor).word
        counts[word] = counts.get(word, 0) + count
    return list(counts.items())


def _totals(upload: BulkUpload) -> list[tuple[str, str]]:
    amounts: dict[str, int] = json.loads(upload.totals)
    return [(currency, exact(amount, currency)) for currency, amount in sorted(amounts.items())]


def exact(amount_minor: int, currency: str) -> str:
    """Return a total in major units; unlike one amount it may pass what a BIGINT holds."""
    decimals = exponent(currency)
    digits = str(amount_minor).rjust(decimals + 1, "0")
    return f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits


def most_bytes() -> int:
    """Return the largest file that is taken."""
    return config.get().payagency_upload_max_bytes


def size(bytes_: int) -> str:
    """Return a file's size for people."""
    return f"{bytes_ // KIB:,} KiB" if bytes_ >= KIB else f"{bytes_:,} bytes"
