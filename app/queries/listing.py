"""Keyset paging: a page is found by the row at its edge, never by counting rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from app.errors import NotFoundError
from app.models import Merchant

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

PAGE_ROWS = 50
MOST_MERCHANTS = 20


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns that order a list, newest first, and the public id that names a row."""

    created_at: InstrumentedAttribute[datetime]
    id: InstrumentedAttribute[int]
    public_id: InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True)
class Window:
    """Which page: the rows older, or newer, than the row of a public id; else the newest ones."""

    older: str = ""
    newer: str = ""
    limit: int = PAGE_ROWS


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page, and the public ids at its edges where there is a page beyond."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    older: str | None
    newer: str | None


def page(session: Session, found: Select[*tuple[Any, ...]], keys: Keys, window: Window) -> Slice:
    """Return one page of `found`; NotFoundError when the edge is no row that the actor may see."""
    limit = window.limit
    if window.newer:
        edge = _edge(session, keys, window.newer)
        upward = found.where(_beyond(keys, edge, upward=True))
        upward = upward.order_by(keys.created_at.asc(), keys.id.asc())
        rows = session.execute(upward.limit(limit + 1)).all()
        if len(rows) > limit:
            rows = rows[:limit][::-1]
            return Slice(rows, older=rows[-1].public_id, newer=rows[0].public_id)
        # What is left is the first page: it is shown whole, as without an edge.
    elif window.older:
        found = found.where(_beyond(keys, _edge(session, keys, window.older), upward=False))
    found = found.order_by(keys.created_at.desc(), keys.id.desc())
    rows = session.execute(found.limit(limit + 1)).all()
    return Slice(
        rows[:limit],
        older=rows[limit - 1].public_id if len(rows) > limit else None,
        newer=rows[0].public_id if rows and window.older and not window.newer else None,
    )


def _edge(session: Session, keys: Keys, public_id: str) -> tuple[datetime, int]:
    row = session.execute(
        select(keys.created_at, keys.id).where(keys.public_id == public_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("This page of the list does not exist. Open the list again.")
    return row[0], row[1]


def _beyond(keys: Keys, edge: tuple[datetime, int], *, upward: bool) -> ColumnElement[bool]:
    """Compare in the expanded form: servers use the index for it, not for `(a, b) < (x, y)`."""
    at, row_id = edge
    if upward:
        return or_(keys.created_at > at, and_(keys.created_at == at, keys.id > row_id))
    return or_(keys.created_at < at, and_(keys.created_at == at, keys.id < row_id))


def merchant_ids(session: Session, text: str) -> list[int]:
    """Return up to 20 merchants whose short name or id is `text`, or whose name starts so."""
    exact = select(Merchant.id).where(or_(Merchant.key == text, Merchant.public_id == text))
    named = list(session.scalars(exact))
    return named or [row.id for row in merchants_like(session, text)]


def merchants_like(session: Session, text: str) -> Sequence[Row[int, str, str]]:
    """Return (id, key, name) of up to 20 merchants whose name or short name starts with `text`."""
    begins = or_(
        Merchant.name.startswith(text, autoescape=True),
        Merchant.key.startswith(text, autoescape=True),
    )
    found = select(Merchant.id, Merchant.key, Merchant.name).where(begins)
    return session.execute(found.order_by(Merchant.name, Merchant.id).limit(MOST_MERCHANTS)).all()


def merchant_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return id → name of merchants."""
    if not ids:
        return {}
    rows = session.execute(select(Merchant.id, Merchant.name).where(Merchant.id.in_(ids)))
    return {row.id: row.name for row in rows}


def timezone_of(session: Session, merchant_id: int | None) -> str:
    """Return the time zone in which a merchant reads dates; UTC for the house."""
    if merchant_id is None:
        return "UTC"
    return session.scalar(select(Merchant.timezone).where(Merchant.id == merchant_id)) or "UTC"
