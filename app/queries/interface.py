"""Flask-AppBuilder's view of a table, ours: scoped reads, pages by their edge, writes by a service.

A page is found by the row at its edge and rows are counted as far as MOST_COUNTED. Writes never
commit here: they are handed to `writer`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import selectinload

from app.errors import BadInputError, NotFoundError, said
from app.extensions import db
from app.queries.filters import ColumnFilters, anywhere, contains
from app.queries.keyset import MOST_COUNTED, CappedCount, Edge, Order, counted
from app.queries.records import key_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

Verb = Literal["create", "update", "delete"]
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

    def ask(
        self, model: type[Any], verb: Verb, key: int, values: Mapping[str, Any], reason: str
    ) -> str:
        """Ask a second person for a change; answers the public id of the request."""
        ...


@dataclass(frozen=True, slots=True)
class Related:
    """How a key of another table is typed, shown and searched, through scoped queries only."""

    model: type[Any]
    value: str
    title: str


@dataclass(frozen=True, slots=True)
class Named:
    """A row of another table as it is shown, and what stands for it in addresses."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for: filters, a text to be found in one of `columns`, and the order.

    `addresses` are the rows that were picked; without any, all of them.
    """

    filters: Any = None
    addresses: Sequence[str] = ()
    text: str = ""
    columns: Sequence[str] = ()
    order: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and whether there are some on either side."""

    rows: Sequence[Any]
    before: bool = False
    after: bool = False


class RecordInterface(SQLAInterface):
    """A table behind a generated screen.

    `related` names its columns that are keys of other tables, `money` its columns in minor units
    with the column of their currency, `many` its relations to rows that have a name, with the
    column of that name; these are loaded along.
    """

    filter_converter_class = ColumnFilters
    writer: ClassVar[Writer | None] = None

    def __init__(
        self,
        obj: type[Any],
        session: Session | None = None,
        *,
        related: Mapping[str, Related] | None = None,
        money: Mapping[str, str] | None = None,
        many: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the table."""
        super().__init__(obj, session)
        self.related = dict(related or {})
        self.money = dict(money or {})
        self.many = dict(many or {})

    @property
    def session(self) -> Session:
        """Return the session of this request; it only reads."""
        return self._session or db.session()

    def through(self, session: Session) -> RecordInterface:
        """Return the same table, read through another session."""
        return type(self)(self.obj, session, related=self.related, money=self.money, many=self.many)

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        return str(self.obj.__name__)

    def is_related(self, col_name: str) -> bool:
        """Answer whether a column is the key of another table (see `related`)."""
        return col_name in self.related

    def is_many(self, col_name: str) -> bool:
        """Answer whether a column is a relation to named rows (see `many`)."""
        return col_name in self.many

    def is_column(self, col_name: str) -> bool:
        """Answer whether rows can be ordered by it."""
        return col_name in inspect(self.obj).column_attrs and col_name not in self.related

    # Reading

    def page(self, wanted: Wanted, edge: Edge | None, size: int, leaf: int = 0) -> Page:
        """Return the page at an edge, or the one after `leaf` pages, which are read too.

        Raises NotFoundError where the edge is no row that the actor may see.
        """
        found = self._found(self._rows(), wanted)
        order = Order(self.obj, wanted.order, descending=wanted.descending)
        row = self._edge(edge) if edge else None
        if edge and edge.before:
            upward = order.applied(found.where(order.beyond(row, back=True)), back=True)
            rows = self._some(upward, size + 1)
            if len(rows) > size:
                return Page(rows[:size][::-1], before=True, after=True)
            # What is left is the first page: it is shown whole, as without an edge.
        elif edge:
            found = found.where(order.beyond(row))
        rows = self._some(order.applied(found), (leaf + 1) * size + 1)[leaf * size :]
        before = leaf > 0 or bool(edge and not edge.before)
        return Page(rows[:size], before=before, after=len(rows) > size)

    def counted(self, wanted: Wanted) -> CappedCount:
        """Return how many rows there are, as far as they are counted."""
        return counted(self.session, self._found(select(key_column(self.obj)), wanted))

    def chunks(self, wanted: Wanted, size: int = MOST_COUNTED) -> Iterator[Sequence[Any]]:
        """Yield every row in order, `size` at a time."""
        found = self._found(self._rows(), wanted)
        order = Order(self.obj, wanted.order, descending=wanted.descending)
        rows = self._some(order.applied(found), size)
        while rows:
            yield rows
            rows = self._some(order.applied(found.where(order.beyond(rows[-1]))), size)

    def belonging(self, name: str, key: int, most: int) -> Sequence[Any]:
        """Return the first rows, in the order of their key, whose column is this key."""
        order = Order(self.obj)
        column = getattr(self.obj, name)
        return self._some(order.applied(self._rows().where(column == key)), most)

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
        wanted = Wanted(filters, order=order_column, descending=order_direction == "desc")
        found = self.page(wanted, None, page_size or MOST_COUNTED, page or 0)
        return self.counted(wanted), list(found.rows)

    def _rows(self) -> Select[Any]:
        loads = [selectinload(getattr(self.obj, name)) for name in self.many]
        return select(self.obj).options(*loads)

    def _found(self, found: Select[Any], wanted: Wanted) -> Select[Any]:
        if wanted.filters:
            found = wanted.filters.apply_all(found)
        if wanted.addresses:
            found = found.where(self._named(wanted.addresses))
        if wanted.text:
            found = found.where(anywhere(self, wanted.columns, wanted.text))
        return found

    def _named(self, addresses: Sequence[str]) -> ColumnElement[bool]:
        """Return the condition that a row has one of these addresses."""
        public = getattr(self.obj, PUBLIC, None)
        column = key_column(self.obj) if public is None else public
        numbers = (text for text in addresses if text.isascii() and text.isdigit())
        known = [int(text) for text in numbers if len(text) <= MOST_DIGITS]
        found: ColumnElement[bool] = column.in_(known if public is None else list(addresses))
        return found

    def _some(self, found: Select[Any], most: int) -> Sequence[Any]:
        return self.session.scalars(found.limit(most)).all()

    def _edge(self, edge: Edge) -> Any:
        row = self.get(edge.address)
        if row is None:
            raise NotFoundError(said("This page of the list does not exist. Open the list again."))
        return row

    def get(self, address: Any, filters: Any = None, **_ignored: Any) -> Any:
        """Return the row of an address, by its public id where it has one; None if unseen."""
        statement = self._rows().where(self._named([str(address)]))
        if filters:
            statement = filters.apply_all(statement)
        return self.session.scalars(statement).one_or_none()

    def get_pk_value(self, item: Any) -> Any:
        """Return what stands for the row in addresses."""
        return getattr(item, PUBLIC, None) or getattr(item, key_column(self.obj).key)

    def get_keys(self, lst: Iterable[Any]) -> list[Any]:
        """Return what stands for the rows in addresses."""
        return [self.get_pk_value(item) for item in lst]

    # Keys of other tables

    def titles(self, name: str, keys: Iterable[Any]) -> dict[Any, Named]:
        """Return key → title and address of related rows that the actor may see."""
        related = self.related[name]
        key = key_column(related.model)
        wanted = {each for each in keys if each is not None}
        if not wanted:
            return {}
        title = getattr(related.model, related.title)
        address = getattr(related.model, PUBLIC, key)
        rows = self.session.execute(select(key, title, address).where(key.in_(wanted)))
        return {found: Named(str(shown), str(stands)) for found, shown, stands in rows}

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
            raise BadInputError(name, said("is unknown."), said("Choose one of the suggestions."))
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

    def create(self, values: Mapping[str, Any]) -> Any:
        """Add a row with these values through the writer and return it as it is read."""
        self._forget()
        key = self._writer().create(self.obj, values)
        found = self._rows().where(key_column(self.obj) == key)
        return self.session.scalars(found).one()

    def change(self, item: Any, values: Mapping[str, Any]) -> None:
        """Write these values to a row through the writer."""
        key = inspect(item).identity[0]
        self._forget()
        self._writer().update(self.obj, key, values)

    def ask(self, verb: Verb, item: Any, values: Mapping[str, Any], reason: str) -> str:
        """Ask a second person for a change of a row, or (no item) for a new one, by the writer."""
        key = 0 if item is None else inspect(item).identity[0]
        self._forget()
        return self._writer().ask(self.obj, verb, key, values, reason)

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
