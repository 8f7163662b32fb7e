"""A generated list: what it is asked for, its filters, its pages, and the same rows as a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from app.domain.card_numbers import scrub_text
from app.errors import BadInputError
from app.queries.filters import Contains, From, Until
from app.queries.interface import Wanted
from app.queries.keyset import Edge
from app.queries.listing import Slice
from app.views import arguments, lists
from app.views.forms import sentence
from app.views.lists import Column, Filter
from app.views.lists.arguments import EDGES
from app.views.record_values import filed, is_number, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy.orm import Session

    from app.queries.interface import RecordInterface
    from app.queries.listing import Window
    from app.reports.csv_rows import Value
    from app.views.arguments import ListArguments
    from app.views.lists import List, Listed, Sheet
    from app.views.record_screen import RecordScreen
    from app.views.record_values import Row

SEARCH = "q"
"""The argument of the text that is looked for in several columns."""

_LABELS: dict[type[Any], Callable[[str], str]] = {
    Contains: lambda column: gettext("%(column)s contains", column=column),
    From: lambda column: gettext("%(column)s from", column=column),
    Until: lambda column: gettext("%(column)s until", column=column),
}


class WrongFilterError(Exception):
    """A filter makes no sense: which argument it is, and what to say of it."""

    def __init__(self, argument: str, fault: str) -> None:
        """Name both."""
        super().__init__(argument)
        self.argument = argument
        self.fault = fault


@dataclass(frozen=True, slots=True)
class FilterField:
    """A filter as it is drawn: as a choice, a day or a text, under its argument's name."""

    kind: str
    name: str
    label: str
    options: Sequence[tuple[str, str]] = ()


def declared(view: RecordScreen) -> List:
    """Return the list of a view: its columns, and those of one row for whoever wants them."""
    names = list(dict.fromkeys([*view.list_columns, *view.show_columns]))
    columns = [
        Column(
            name,
            view.label_columns[name],
            partial(_in_file, name),
            number=is_number(view.datamodel, name),
            always=name == names[0],
            usual=name in view.list_columns,
        )
        for name in names
    ]
    name = view.route_base.strip("/").replace("-", "_")
    narrowing = [
        Filter(_argument(column, index), _label(view, each), _words(view, column))
        for column, offered in _searched(view).items()
        for index, each in enumerate(offered)
    ]
    text = Filter(SEARCH, lazy_gettext("Search"), scrub_text)
    return lists.List(name, f"{view.name}.list", columns, (text, *narrowing))


def page(view: RecordScreen) -> Listed:
    """Read one page; a filter that makes no sense is shown as a fault beside it."""
    asked = arguments.read(view.name, view.order_columns, _searched(view))
    size = asked.page_size or view.page_size

    def find(window: Window) -> Slice:
        edge = _edge(window)
        try:
            wanted = _wanted(view, view.datamodel, asked)
            found = view.datamodel.page(wanted, edge, size, 0 if edge else asked.page)
        except BadInputError as error:
            raise _wrong(view, asked, error) from error
        shown: Any = _rows(view, view.datamodel, found.rows)
        return Slice(
            shown,
            older=shown[-1].public_id if found.after else None,
            newer=shown[0].public_id if found.before and shown else None,
        )

    def count() -> Any:
        return view.datamodel.counted(_wanted(view, view.datamodel, asked))

    try:
        return lists.read(find, view.spec, count=count)
    except WrongFilterError as error:
        return lists.page(view.spec, Slice([], None, None), fault=error.fault, place=error.argument)


def check(view: RecordScreen) -> None:
    """Raise BadInputError where a filter of the address makes no sense."""
    asked = arguments.read(view.name, view.order_columns, _searched(view))
    view.datamodel.page(_wanted(view, view.datamodel, asked), None, 1)


def chunks(view: RecordScreen, session: Session) -> Iterator[Sequence[Row]]:
    """Yield every row that the address asks for, or those ticked, through a session of its own."""
    asked = arguments.read(view.name, view.order_columns, _searched(view))
    datamodel = view.datamodel.through(session)
    wanted = replace(_wanted(view, datamodel, asked), addresses=lists.ids())
    for items in datamodel.chunks(wanted):
        yield _rows(view, datamodel, items)


def heads(view: RecordScreen) -> dict[str, dict[str, str]]:
    """Return the links in the heads of the columns by which rows are ordered."""
    column, direction = f"_oc_{view.name}", f"_od_{view.name}"
    usual_column, usual_direction = view.base_order
    by = request.args.get(column) or usual_column
    down = (
        request.args.get(direction) or (usual_direction if by == usual_column else "asc")
    ) == "desc"
    first = dict.fromkeys((*EDGES, f"page_{view.name}"))
    found = {}
    for name in view.order_columns:
        turned = "desc" if name == by and not down else "asc"
        href = lists.address(**{**first, column: name, direction: turned})
        sort = ("descending" if down else "ascending") if name == by else ""
        found[name] = {"href": href, "sort": sort}
    return found


def kept(view: RecordScreen) -> list[tuple[str, str]]:
    """Return the arguments that the filters leave as they are: the order, and what is not drawn."""
    drawn = {field.name for field in fields(view)}
    order = {f"_oc_{view.name}", f"_od_{view.name}", f"psize_{view.name}"}
    return [
        (name, scrub_text(value))
        for name, value in request.args.items(multi=True)
        if name in order or (name.startswith("_flt_") and name not in drawn)
    ]


def fields(view: RecordScreen) -> list[FilterField]:
    """Return the filters as they are drawn; texts are found by the search, not one by one."""
    found: list[FilterField] = []
    for column, offered in _searched(view).items():
        label = str(view.label_columns[column])
        if column in view.choices:
            name = _argument(column, len(offered) - 1)
            found.append(FilterField("choice", name, label, view.choices[column]()))
        elif isinstance(offered[0], From):
            found += [
                FilterField("day", _argument(column, index), str(_label(view, each)))
                for index, each in enumerate(offered)
            ]
        elif column in view.datamodel.related:
            found.append(FilterField("related", _argument(column, 0), label))
    return found


def _in_file(name: str, row: Row, sheet: Sheet) -> Value:
    return filed(row.cells[name], sheet)


def _searched(view: RecordScreen) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = view.filters.get_search_filters()
    return found


def _argument(column: str, index: int) -> str:
    return f"_flt_{index}_{column}"


def _label(view: RecordScreen, each: Any) -> LazyString:
    label = view.label_columns[each.column_name]
    return LazyString(_LABELS.get(type(each), str), label)


def _words(view: RecordScreen, column: str) -> Callable[[str], str]:
    if column not in view.choices:
        return scrub_text
    return lambda value: dict(view.choices[column]())[value]


def _wrong(view: RecordScreen, asked: ListArguments, error: BadInputError) -> WrongFilterError:
    names = {column: _argument(column, index) for column, index, _ in asked.filters}
    label = view.label_columns.get(error.place, gettext("Search"))
    return WrongFilterError(names.get(error.place, SEARCH), f"{label}: {sentence(error)}")


def _edge(window: Window) -> Edge | None:
    address = window.newer or window.older
    return Edge(address, before=bool(window.newer)) if address else None


def _rows(view: RecordScreen, datamodel: RecordInterface, items: Sequence[Any]) -> list[Row]:
    names = [*view.list_columns, *view.show_columns, *view.title_columns]
    return rows(datamodel, items, names)


def _wanted(view: RecordScreen, datamodel: RecordInterface, asked: ListArguments) -> Wanted:
    filters = datamodel.get_filters(view.search_columns)
    for column, index, value in asked.filters:
        each = filters.get_search_filters()[column][index]
        filters.add_filter_index(column, index, arguments.typed(each, value))
    order, direction = asked.order_column, asked.order_direction
    if not order:
        order, direction = view.base_order
    return Wanted(
        filters=filters.get_joined_filters(view.base_rows),
        text=lists.text(SEARCH),
        columns=_texts(view),
        order=order,
        descending=direction == "desc",
    )


def _texts(view: RecordScreen) -> list[str]:
    return [
        name
        for name in view.search_columns
        if name not in view.choices
        and (name in view.datamodel.related or view.datamodel.is_string(name))
    ]
