"""Keyset paging: a page is found by the row at its edge, never by counting rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, union_all

from app.errors import NotFoundError, said
from app.models import Merchant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression
    from sqlalchemy.orm import InstrumentedAttribute, Session

PAGE_ROWS = 50
CHUNK_ROWS = 1000
MOST_MERCHANTS = 20


@dataclass(frozen=True, slots=True)
class Keys:
    """The columns that order a list, newest first, and the public id that names a row.

    `oldest_first` turns the order round, as a queue has it: the next page then is a newer one. A
    list whose `created_at` may be empty leaves such rows out.
    """

    created_at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    id: InstrumentedAttribute[int]
    public_id: InstrumentedAttribute[str]
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Which page: the rows older, or newer, than the row of a public id; else the newest ones."""

    older: str = ""
    newer: str = ""
    limit: int = PAGE_ROWS


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page, and the public ids at its edges where there is a page beyond."""

    rows: Sequence[Any]
    older: str | None
    newer: str | None


def page(
    session: Session,
    found: Select[*tuple[Any, ...]],
    keys: Keys,
    window: Window,
    ids: Sequence[Select[*tuple[Any, ...]]] = (),
) -> Slice:
    """Return one page of `found`; NotFoundError when the edge is no row that the actor may see.

    Where `ids` are given, they find the id and the time of the page's rows between them, without
    overlapping, and `found` only says what is shown of those rows.
    """
    limit = window.limit
    if window.newer:
        upward = _Part(keys, limit + 1, _edge(session, keys, window.newer), upward=True)
        rows = session.execute(upward.of(found, ids)).all()
        if len(rows) > limit:
            rows = rows[:limit][::-1]
            return Slice(rows, older=rows[-1].public_id, newer=rows[0].public_id)
        # What is left is the first page: it is shown whole, as without an edge.
    edge = _edge(session, keys, window.older) if window.older and not window.newer else None
    rows = session.execute(_Part(keys, limit + 1, edge).of(found, ids)).all()
    return Slice(
        rows[:limit],
        older=rows[limit - 1].public_id if len(rows) > limit else None,
        newer=rows[0].public_id if rows and window.older and not window.newer else None,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """So many rows beyond an edge, in their order."""

    keys: Keys
    limit: int
    edge: tuple[datetime, int] | None
    upward: bool = False

    def of(
        self, found: Select[*tuple[Any, ...]], ids: Sequence[Select[*tuple[Any, ...]]]
    ) -> Select[*tuple[Any, ...]]:
        """Return this part of `found`, by its own conditions or by `ids`."""
        if not ids:
            return self._limited(found)
        several = [self._limited(each).subquery() for each in ids]
        one = several[0]
        if len(several) > 1:
            every = union_all(*(select(each.c.id, each.c.created_at) for each in several))
            all_of_them = every.subquery()
            order = self._order(all_of_them.c.created_at, all_of_them.c.id)
            one = select(all_of_them.c.id).order_by(*order).limit(self.limit).subquery()
        joined = found.join(one, one.c.id == self.keys.id)
        return joined.order_by(*self._order(self.keys.created_at, self.keys.id))

    def _limited(self, found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        if self.edge is not None:
            found = found.where(_beyond(self.keys, self.edge, upward=self._ascends))
        order = self._order(self.keys.created_at, self.keys.id)
        return found.order_by(*order).limit(self.limit)

    def _order(self, *columns: SQLColumnExpression[Any]) -> list[ColumnElement[Any]]:
        return [column.asc() if self._ascends else column.desc() for column in columns]

    @property
    def _ascends(self) -> bool:
        return self.upward is not self.keys.oldest_first


def chunks(find: Callable[[Window], Slice]) -> Iterator[Sequence[Any]]:
    """Yield all rows of a list, a chunk at a time, so that never more than that are held."""
    window = Window(limit=CHUNK_ROWS)
    while True:
        found = find(window)
        yield found.rows
        if found.older is None:
            return
        window = Window(older=found.older, limit=CHUNK_ROWS)


def _edge(session: Session, keys: Keys, public_id: str) -> tuple[datetime, int]:
    row = session.execute(
        select(keys.created_at, keys.id).where(keys.public_id == public_id)
    ).one_or_none()
    if row is None or row[0] is None:
        raise NotFoundError(said("This page of the list does not exist. Open the list again."))
    return row[0], row[1]


def _beyond(keys: Keys, edge: tuple[datetime, int], *, upward: bool) -> ColumnElement[bool]:
    """Compare in the expanded form: servers use the index for it, not for `(a, b) < (x, y)`."""
    at, row_id = edge
    if upward:
        return or_(keys.created_at > at, and_(keys.created_at == at, keys.id > row_id))
    return or_(keys.created_at < at, and_(keys.created_at == at, keys.id < row_id))


def merchants_named(session: Session, text: str) -> dict[int, str]:
    """Return id → name of the merchant whose short name or id is `text`, else of those like it.

    Those like it are up to 20 whose name or short name starts so. They are read once in a session,
    since a page counts what it lists.
    """
    known: dict[str, dict[int, str]] = session.info.setdefault("merchants_named", {})
    if text not in known:
        # Asked together with those like it, the one would cost a walk through all the names.
        found = select(Merchant.id, Merchant.name)
        one = or_(Merchant.key == text, Merchant.public_id == text)
        rows = session.execute(found.where(one)).all()
        known[text] = {row.id: row.name for row in rows or merchants_like(session, text)}
    return known[text]


def merchant_ids(session: Session, text: str) -> list[int]:
    """Return the ids of `merchants_named`."""
    return list(merchants_named(session, text))


def merchants_like(session: Session, text: str) -> Sequence[Row[int, str, str]]:
    """Return (id, key, name) of up to 20 merchants whose name or short name starts with `text`."""
    found = select(Merchant.id, Merchant.key, Merchant.name).where(_like(text))
    return session.execute(found.order_by(Merchant.name, Merchant.id).limit(MOST_MERCHANTS)).all()


def _like(text: str) -> ColumnElement[bool]:
    return or_(
        Merchant.name.startswith(text, autoescape=True),
        Merchant.key.startswith(text, autoescape=True),
    )


def merchant_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Return id → name of merchants."""
    if not ids:
        return {}
    rows = session.execute(select(Merchant.id, Merchant.name).where(Merchant.id.in_(ids)))
    return {row.id: row.name for row in rows}


def merchants_of(
    session: Session, rows: Sequence[Any], known: Collection[int] = ()
) -> dict[int, str]:
    """Return id → name of the merchants that rows belong to, but for those that are known.

    Rows that carry it (`merchant_name`) spare a look-up.
    """
    ids = {getattr(row, "merchant_id", None) for row in rows} - {None, *known}
    if rows and hasattr(rows[0], "merchant_name"):
        return {row.merchant_id: row.merchant_name for row in rows if row.merchant_id in ids}
    return merchant_names(session, [each for each in ids if each is not None])


def timezone_of(session: Session, merchant_id: int | None) -> str:
    """Return the time zone in which a merchant reads dates; UTC for the house."""
    if merchant_id is None:
        return "UTC"
    return session.scalar(select(Merchant.timezone).where(Merchant.id == merchant_id)) or "UTC"
