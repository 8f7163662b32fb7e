"""Flask-AppBuilder's view of a table, ours: scoped reads, capped lists, writes through a service.

A list reads at most MOST_ROWS + 1 keys in a stable order and then the rows of one page; it never
counts nor skips rows in the database. Writes never commit here: they are handed to `writer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import selectinload

from app.domain.money import Money, format_major
from app.errors import BadInputError
from app.extensions import db
from app.queries.filters import ColumnFilters, contains
from app.queries.records import key_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

MOST_ROWS = 1000
MOST_OPTIONS = 20
MOST_DIGITS = 18
PUBLIC = "public_id"


class Writer(Protocol):
    """What keeps the changes of a generated form: one unit of work each."""

    def create(self, model: type[Any], values: Mapping[str, Any]) -> int:
        """Add a row and return its key."""
        ...

    def update(self, model: type[Any], key: int, values: Mapping[str, Any]) -> None:
        """Change columns of a row."""
        ...

    def delete(self, model: type[Any], keys: Sequence[int]) -> None:
        """Remove rows, all or none."""
        ...


@dataclass(frozen=True, slots=True)
class Related:
    """How a key of another table is typed, shown and searched, through scoped queries only."""

    model: type[Any]
    value: str
    title: str


class CappedCount(int):
    """A number of rows that says "1000+" where there are more than are looked at."""

    more = False

    @classmethod
    def of(cls, found: int) -> CappedCount:
        """Count at most MOST_ROWS."""
        count = cls(min(found, MOST_ROWS))
        count.more = found > MOST_ROWS
        return count

    def __str__(self) -> str:
        return f"{int(self)}+" if self.more else str(int(self))

    __repr__ = __str__


def _plain(value: Any) -> Any:
    """Return how a value is shown: moments in UTC to the second, truth as yes or no."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


class RecordInterface(SQLAInterface):
    """A table behind a generated screen.

    `related` names its columns that are keys of other tables, `money` its columns in minor units
    with the column of their currency, `eager` the relations that are loaded along.
    """

    filter_converter_class = ColumnFilters
    writer: ClassVar[Writer | None] = None

    def __init__(
        self,
        obj: type[Any],
        *,
        related: Mapping[str, Related] | None = None,
        money: Mapping[str, str] | None = None,
        eager: Sequence[str] = (),
    ) -> None:
        """Describe the table."""
        super().__init__(obj)
        self.related = dict(related or {})
        self.money = dict(money or {})
        self.eager = tuple(eager)

    @property
    def session(self) -> Session:
        """Return the session of this request; it only reads."""
        return db.session()

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        return str(self.obj.__name__)

    def is_related(self, col_name: str) -> bool:
        """Answer whether a column is the key of another table (see `related`)."""
        return col_name in self.related

    # Reading

    def query(
        self,
        filters: Any = None,
        order_column: str = "",
        order_direction: str = "",
        page: int | None = None,
        page_size: int | None = None,
        **_ignored: Any,
    ) -> tuple[CappedCount, list[Any]]:
        """Return how many rows there are, capped, and those of one page, in a stable order."""
        keys = self._keys(filters, order_column, order_direction)
        count = CappedCount.of(len(keys))
        size = page_size or MOST_ROWS
        first = (page or 0) * size
        wanted = keys[:MOST_ROWS][first : first + size]
        key = key_column(self.obj)
        rows = self.session.scalars(self._rows().where(key.in_(wanted))).all()
        by_key = {getattr(row, key.key): row for row in rows}
        return count, [by_key[each] for each in wanted if each in by_key]

    def _rows(self) -> Select[Any]:
        loads = [selectinload(getattr(self.obj, name)) for name in self.eager]
        return select(self.obj).options(*loads)

    def _keys(self, filters: Any, order_column: str, order_direction: str) -> Sequence[int]:
        key = key_column(self.obj)
        statement: Select[Any] = select(key)
        if filters:
            statement = filters.apply_all(statement)
        descending = order_direction == "desc"
        if order_column:
            column = getattr(self.obj, order_column)
            statement = statement.order_by(column.desc() if descending else column.asc())
        statement = statement.order_by(key.desc() if descending else key.asc())
        return self.session.scalars(statement.limit(MOST_ROWS + 1)).all()

    def get(self, address: Any, filters: Any = None, **_ignored: Any) -> Any:
        """Return the row of an address, by its public id where it has one; None if unseen."""
        text = str(address)
        statement = self._rows()
        if hasattr(self.obj, PUBLIC):
            statement = statement.where(getattr(self.obj, PUBLIC) == text)
        elif text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
            statement = statement.where(key_column(self.obj) == int(text))
        else:
            return None
        if filters:
            statement = filters.apply_all(statement)
        return self.session.scalars(statement).one_or_none()

    def get_pk_value(self, item: Any) -> Any:
        """Return what stands for the row in addresses."""
        return getattr(item, PUBLIC, None) or getattr(item, key_column(self.obj).key)

    def get_keys(self, lst: Iterable[Any]) -> list[Any]:
        """Return what stands for the rows in addresses."""
        return [self.get_pk_value(item) for item in lst]

    def get_values(self, lst: Iterable[Any], list_columns: Sequence[str]) -> list[dict[str, Any]]:
        """Return a dict of shown values for each row; keys of other tables become titles."""
        rows = list(lst)
        titles = {
            name: self.titles(name, {getattr(row, name) for row in rows})
            for name in list_columns
            if name in self.related
        }
        found: list[dict[str, Any]] = []
        amounts = {name: code for name, code in self.money.items() if name in list_columns}
        for row, values in zip(rows, super().get_values(rows, list_columns), strict=True):
            shown = {name: _plain(value) for name, value in values.items()}
            shown |= {name: titles[name].get(values[name], "") for name in titles}
            for name, code in amounts.items():
                money = Money(values[name], getattr(row, code))
                shown[name] = f"{format_major(money)} {money.currency}"
            found.append(shown)
        return found

    def get_values_item(self, item: Any, show_columns: Sequence[str]) -> list[Any]:
        """Return the shown values of one row."""
        (values,) = self.get_values([item], show_columns)
        return [values[name] for name in show_columns]

    # Keys of other tables

    def titles(self, name: str, keys: Iterable[Any]) -> dict[Any, str]:
        """Return key → title of related rows that the actor may see."""
        related = self.related[name]
        key = key_column(related.model)
        wanted = [each for each in keys if each is not None]
        statement = select(key, getattr(related.model, related.title)).where(key.in_(wanted))
        return {found: str(title) for found, title in self.session.execute(statement)}

    def options(self, name: str, text: str) -> list[tuple[str, str]]:
        """Return at most MOST_OPTIONS (value, title) of related rows that contain `text`."""
        related = self.related[name]
        value = getattr(related.model, related.value)
        title = getattr(related.model, related.title)
        statement = (
            select(value, title)
            .where(or_(contains(value, text), contains(title, text)))
            .order_by(title, value)
            .limit(MOST_OPTIONS)
        )
        return [(str(one), str(other)) for one, other in self.session.execute(statement)]

    def resolve(self, name: str, text: str) -> int:
        """Return the key of the related row that `text` names; BadInputError if there is none."""
        related = self.related[name]
        names = [getattr(related.model, related.value) == text]
        if hasattr(related.model, PUBLIC):
            names.append(getattr(related.model, PUBLIC) == text)
        statement = select(key_column(related.model)).where(or_(*names))
        found: int | None = self.session.scalars(statement).one_or_none()
        if found is None:
            raise BadInputError(name, "is unknown.", "Choose one of the suggestions.")
        return found

    def named(self, name: str, key: int) -> str:
        """Return how a related row is typed, empty where the actor does not see it."""
        related = self.related[name]
        statement = select(getattr(related.model, related.value)).where(
            key_column(related.model) == key
        )
        return str(self.session.scalars(statement).one_or_none() or "")

    def get_related_obj(self, col_name: str, value: Any) -> Any:
        """Return a related row by its address, through the guard."""
        return type(self)(self.get_related_model(col_name)).get(value)

    # Writing

    def add(self, item: Any, **_options: Any) -> None:
        """Add a new row through the writer; the item knows its key afterwards."""
        values = {name: value for name, value in self._columns(item).items() if value is not None}
        self._forget()
        setattr(item, key_column(self.obj).key, self._writer().create(self.obj, values))

    def edit(self, item: Any, **_options: Any) -> None:
        """Write what was changed on the item through the writer."""
        with self.session.no_autoflush:
            state = inspect(item)
            key = state.identity[0]
            values = {
                name: value
                for name, value in self._columns(item).items()
                if state.attrs[name].history.has_changes()
            }
        self._forget()
        self._writer().update(self.obj, key, values)

    def delete(self, item: Any, **_options: Any) -> None:
        """Remove one row through the writer."""
        self.delete_all([item])

    def delete_all(self, items: list[Any]) -> None:
        """Remove rows through the writer, all or none."""
        keys = [inspect(item).identity[0] for item in items]
        self._forget()
        self._writer().delete(self.obj, keys)

    def create(self, values: Mapping[str, Any]) -> int:
        """Add a row with these values through the writer and return its key."""
        self._forget()
        return self._writer().create(self.obj, values)

    def change(self, item: Any, values: Mapping[str, Any]) -> None:
        """Write these values to a row through the writer."""
        key = inspect(item).identity[0]
        self._forget()
        self._writer().update(self.obj, key, values)

    def _forget(self) -> None:
        # What a form has put on a row must not be flushed by the session that only reads.
        self.session.rollback()

    def _writer(self) -> Writer:
        if self.writer is None:
            message = "RecordInterface.writer is not set; the factory sets it"
            raise RuntimeError(message)
        return self.writer

    def _columns(self, item: Any) -> dict[str, Any]:
        state = inspect(item)
        return {
            attribute.key: state.dict[attribute.key]
            for attribute in state.mapper.column_attrs
            if attribute.key in state.dict and not attribute.columns[0].primary_key
        }
