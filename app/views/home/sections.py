"""The home page as data: each section with the right that shows it, its reads and its template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from app.domain.actors import ActorKind
from app.domain.permissions import Permission
from app.queries import home_desk
from app.services.bulk.uploads import UploadStatus
from app.views import upload_page
from app.views.home import balances, beginnings, desk, findings, links, tables, today

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from app.views.home.board import Board
    from app.views.words import Badge

    Build = Callable[[Board], Any]

Place = Literal["first", "now", "now_side", "story", "side"]
_P = Permission
_STAFF, _MERCHANT = frozenset({ActorKind.STAFF}), frozenset({ActorKind.MERCHANT})
_MOST_ROWS: Final = 5
_MOST_ACTS: Final = 8
SENSITIVE: Final = (
    "session.sign_in_failed",
    "users",
    "roles",
    "exports",
    "capability",
    "amount_limit",
    "price",
    "prices",
    "connectors",
    "books",
)
"""Actions and areas of the audit trail at which an auditor looks first."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page; `build` answers what `template` draws, nothing where it is left out."""

    template: str
    place: Place
    needs: frozenset[Permission]
    build: Build
    kinds: frozenset[ActorKind] = _STAFF | _MERCHANT

    def is_for(self, board: Board) -> bool:
        """Whether this reader may see it."""
        return board.actor.kind in self.kinds and board.actor.permissions >= self.needs


@dataclass(frozen=True, slots=True)
class Part:
    """A section as it is drawn."""

    template: str
    data: Any


@dataclass(frozen=True, slots=True)
class File:
    """An upload with how far it has come."""

    public_id: str
    filename: str
    created_at: datetime
    badge: Badge
    loaded: int
    to_load: int

    @property
    def is_running(self) -> bool:
        """Whether its payments are being made."""
        return self.badge is upload_page.BADGES[UploadStatus.RUNNING]


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the audit trail."""

    sentence: str
    who: str
    at: datetime
    link: str


def parts(board: Board) -> dict[Place, list[Part]]:
    """Return what this reader sees, by its place in the page."""
    found: dict[Place, list[Part]] = {place: [] for place in get_args(Place)}
    for section in SECTIONS:
        if section.is_for(board):
            data = section.build(board)
            if data is not None:
                found[section.place].append(Part(f"home/{section.template}.html", data))
    return found


def _files(board: Board) -> list[File]:
    rows = home_desk.uploads_of(board.session, board.actor.label, _MOST_ROWS)
    return [
        File(
            public_id=row.public_id,
            filename=row.filename,
            created_at=row.created_at,
            badge=upload_page.BADGES[UploadStatus(row.status)],
            loaded=row.rows_loaded,
            to_load=row.rows_total - row.rows_invalid,
        )
        for row in rows
    ]


def _recent(board: Board) -> Sequence[Row[*tuple[Any, ...]]] | None:
    return home_desk.recent_payments(board.session, _MOST_ROWS) or None


def _acts(board: Board) -> list[Act]:
    return [
        Act(row.sentence, row.actor_label, row.created_at, links.audit(action=row.action))
        for row in home_desk.acts(board.session, SENSITIVE, _MOST_ACTS)
    ]


def _ledger(board: Board) -> Any:
    return home_desk.last_journal(board.session)


SECTIONS: Final = (
    Section("_beginnings", "first", frozenset({_P.HOME_READ}), beginnings.build),
    Section("_desk", "now", frozenset({_P.HOME_READ}), desk.build),
    Section("_acts", "now", frozenset({_P.AUDIT_READ, _P.USERS_READ}), _acts, _STAFF),
    Section("_ledger", "now_side", frozenset({_P.LEDGER_READ, _P.AUDIT_READ}), _ledger, _STAFF),
    Section("_recent", "now", frozenset({_P.PAYMENTS_READ}), _recent, _MERCHANT),
    Section("_today", "now_side", frozenset({_P.PAYMENTS_READ}), today.build, _MERCHANT),
    Section("_balances", "now_side", frozenset({_P.LEDGER_READ}), balances.own, _MERCHANT),
    Section("_files", "now_side", frozenset({_P.UPLOADS_CREATE}), _files, _MERCHANT),
    Section("_volume", "story", frozenset({_P.PAYMENTS_READ}), findings.volume),
    Section("_success", "story", frozenset({_P.PAYMENTS_READ}), findings.success),
    Section("_reasons", "story", frozenset({_P.PAYMENTS_READ}), tables.reasons),
    Section("_house", "side", frozenset({_P.LEDGER_READ}), balances.house, _STAFF),
    Section("_funnel", "side", frozenset({_P.PAYMENTS_READ}), tables.funnel),
    Section("_methods", "side", frozenset({_P.PAYMENTS_READ}), tables.by_method),
    Section(
        "_sellers",
        "side",
        frozenset({_P.PAYMENTS_READ, _P.MERCHANTS_READ}),
        tables.sellers,
        _STAFF,
    ),
)
