"""What the page of one upload tells: how it was read, what is wrong, how far it has come."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_babel import gettext, lazy_gettext, ngettext

import config
from app.domain.bulk_rows import LINK
from app.domain.permissions import Permission
from app.queries import bulk, listing
from app.services.bulk import error_file, preview
from app.services.bulk.chunks import RowState
from app.services.bulk.dry_run import METHODS_OF_FILES, enabled_methods
from app.services.bulk.table import Delimiter
from app.services.bulk.uploads import UploadStatus
from app.views import show, words
from app.views.upload_errors import READ_ERRORS, Problem, grouped
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import BulkUpload

KIB = 1024
MIB = KIB * KIB
BADGES = {
    UploadStatus.CHECKING: Badge(lazy_gettext("Being checked"), "info", "hourglass-split"),
    UploadStatus.REFUSED: Badge(lazy_gettext("Refused"), "danger", "x-lg"),
    UploadStatus.READY: Badge(lazy_gettext("Ready to confirm"), "progress", "clipboard-check"),
    UploadStatus.RUNNING: Badge(lazy_gettext("Running"), "info", "gear"),
    UploadStatus.DONE: Badge(lazy_gettext("Done"), "success", "check-lg"),
    UploadStatus.CANCELED: Badge(lazy_gettext("Canceled"), "neutral", "slash-circle"),
}
DELIMITERS = {
    Delimiter.COMMA: lazy_gettext("a comma between cells"),
    Delimiter.SEMICOLON: lazy_gettext("a semicolon between cells"),
    Delimiter.TAB: lazy_gettext("a tab between cells"),
}
_STEPS = (
    lazy_gettext("Upload"),
    lazy_gettext("Check"),
    lazy_gettext("Confirm"),
    lazy_gettext("Run"),
    lazy_gettext("Done"),
)
# The step at which an upload stands, and whether it goes on from there.
_AT = {
    UploadStatus.CHECKING: (1, True),
    UploadStatus.REFUSED: (1, False),
    UploadStatus.READY: (2, True),
    UploadStatus.CANCELED: (2, False),
    UploadStatus.RUNNING: (3, True),
    UploadStatus.DONE: (3, True),
}
_BY_THEIR_PAYERS = METHODS_OF_FILES - {"card", LINK}
_OPEN_PAYMENTS = frozenset({"created", "processing"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: `state` is done, now, stopped or next."""

    word: str
    state: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many payments of a file have a status, as this reader sees it."""

    status: str
    badge: Badge
    count: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload has come."""

    status: UploadStatus
    checked: int
    to_load: int
    loaded: int
    rows: Sequence[str]
    payments: Sequence[Outcome]
    finished: bool
    links: int = 0
    links_paid: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script asks for."""
        return {
            "status": self.status,
            "checked": self.checked,
            "to_load": self.to_load,
            "loaded": self.loaded,
            "payments": {outcome.status: outcome.count for outcome in self.payments},
            "finished": self.finished,
        }


@dataclass(frozen=True, slots=True)
class UploadPage:
    """Everything that the template shows; totals are (minor units, currency).

    `totals` are those of payments, `link_totals` those of payment links.
    """

    upload: BulkUpload
    merchant: str
    badge: Badge
    steps: Sequence[Step]
    progress: Progress
    statuses: Sequence[tuple[str, Badge]]
    totals: Sequence[tuple[int, str]]
    problems: Sequence[Problem]
    problems_read: int
    samples: Sequence[str]
    can_confirm: bool
    can_cancel: bool
    payers_act: bool
    link_totals: Sequence[tuple[int, str]]

    @property
    def new_payments(self) -> int:
        """Number of rows that would become payments."""
        return self.upload.rows_valid - self.upload.rows_links

    @property
    def counts(self) -> dict[str, int]:
        """Number of payments by status."""
        return {outcome.status: outcome.count for outcome in self.progress.payments}


def build(session: Session, actor: Actor, upload: BulkUpload) -> UploadPage:
    """Read what the page shows."""
    status = UploadStatus(upload.status)
    ready = status is UploadStatus.READY
    something = bool(upload.rows_valid or upload.rows_retry)
    open_still = status in {UploadStatus.CHECKING, UploadStatus.READY}
    errors = (
        error_file.first_errors(upload.errors_at, Delimiter(upload.delimiter), READ_ERRORS)
        if upload.errors_at
        else []
    )
    how_far = progress(session, actor, upload)
    return UploadPage(
        upload=upload,
        merchant=listing.merchant_names(session, [upload.merchant_id])[upload.merchant_id],
        badge=BADGES[status],
        steps=steps(status, settled=how_far.finished),
        progress=how_far,
        statuses=[
            (status, words.payment_badge(status, actor)) for status, _ in words.choices(actor)
        ],
        totals=_totals(upload.totals),
        problems=grouped(errors),
        problems_read=len(errors),
        samples=preview.foreign_cells(upload) if ready else [],
        can_confirm=ready and something and actor.may(Permission.UPLOADS_CONFIRM),
        can_cancel=open_still and actor.may(Permission.UPLOADS_CREATE),
        payers_act=bool(enabled_methods(session, upload.merchant_id) & _BY_THEIR_PAYERS),
        link_totals=_totals(upload.link_totals),
    )


def status_word(status: str) -> str:
    """Return what a status is called."""
    return str(BADGES[UploadStatus(status)].word)


def steps(status: UploadStatus, *, settled: bool) -> list[Step]:
    """Return the way of an upload and where it stands; it is done when its payments are."""
    at, goes_on = _AT[status]
    if status is UploadStatus.DONE and settled:
        at = len(_STEPS)
    here = "now" if goes_on else "stopped"
    return [
        Step(str(word), "done" if number < at else here if number == at else "next")
        for number, word in enumerate(_STEPS)
    ]


def progress(session: Session, actor: Actor, upload: BulkUpload) -> Progress:
    """Count rows and payments as they stand now."""
    status = UploadStatus(upload.status)
    started = status in {UploadStatus.RUNNING, UploadStatus.DONE}
    payments = bulk.payment_counts(session, upload.id) if started else {}
    rows = bulk.row_counts(session, upload.id) if status is UploadStatus.DONE else {}
    has_links = started and upload.rows_links > 0
    links, paid = bulk.link_counts(session, upload.id) if has_links else (0, 0)
    ended = status in {UploadStatus.REFUSED, UploadStatus.READY, UploadStatus.CANCELED}
    settled = status is UploadStatus.DONE and not _OPEN_PAYMENTS & payments.keys()
    return Progress(
        status=status,
        checked=upload.rows_total,
        to_load=upload.rows_total - upload.rows_invalid,
        loaded=upload.rows_loaded,
        rows=[_row_sentence(state, rows[state]) for state in RowState if state in rows],
        payments=_outcomes(payments, actor),
        finished=ended or settled,
        links=links,
        links_paid=paid,
    )


def _outcomes(payments: dict[str, int], actor: Actor) -> list[Outcome]:
    counts: dict[str, int] = {}
    for stored, count in payments.items():
        status = words.shown_status(stored, actor).value
        counts[status] = counts.get(status, 0) + count
    return [
        Outcome(status, words.payment_badge(status, actor), count)
        for status, count in sorted(counts.items())
    ]


def _row_sentence(state: RowState, number: int) -> str:
    """Say how many rows ended in a state."""
    count = show.current().number(number)
    sentences = {
        RowState.CREATED: ngettext(
            "%(count)s row became a payment.",
            "%(count)s rows became payments.",
            number,
            count=count,
        ),
        RowState.LINKED: ngettext(
            "%(count)s row became a payment link.",
            "%(count)s rows became payment links.",
            number,
            count=count,
        ),
        RowState.RETRIED: ngettext(
            "%(count)s row was tried again with a new payment.",
            "%(count)s rows were tried again with a new payment.",
            number,
            count=count,
        ),
        RowState.ALREADY_DONE: ngettext(
            "%(count)s row was done before and left alone.",
            "%(count)s rows were done before and left alone.",
            number,
            count=count,
        ),
        RowState.FAILED_BEFORE: ngettext(
            "%(count)s row failed before and was not tried again.",
            "%(count)s rows failed before and were not tried again.",
            number,
            count=count,
        ),
        RowState.REFUSED: ngettext(
            "%(count)s row was refused while running.",
            "%(count)s rows were refused while running.",
            number,
            count=count,
        ),
    }
    return str(sentences[state])


def _totals(kept: str | None) -> list[tuple[int, str]]:
    amounts: dict[str, int] = json.loads(kept or "{}")
    return [(amount, currency) for currency, amount in sorted(amounts.items())]


def most_bytes() -> int:
    """Return the largest file that is taken."""
    return config.get().payagency_upload_max_bytes


def size(bytes_: int) -> str:
    """Return a file's size for people."""
    number = show.current().number
    if bytes_ >= MIB:
        return str(gettext("%(size)s MiB", size=number(bytes_ // MIB)))
    if bytes_ >= KIB:
        return str(gettext("%(size)s KiB", size=number(bytes_ // KIB)))
    return str(ngettext("%(size)s byte", "%(size)s bytes", bytes_, size=number(bytes_)))
