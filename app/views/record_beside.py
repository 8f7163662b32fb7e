"""What stands beside a row: rows of other screens that belong to it, and where else to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import url_for

from app.views.record_values import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.views.record_screen import RecordScreen
    from app.views.record_values import Row

MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Beside:
    """Rows of another screen whose column `by` is the key of the row, with these columns."""

    view: type[Any]
    by: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Panel:
    """A few rows of another screen, with the way to all of them and to a further one."""

    view: RecordScreen
    rows: Sequence[Row]
    columns: Sequence[str]
    every: str
    add: str
    more: bool


def panels(view: RecordScreen, item: Any) -> list[Panel]:
    """Return the panels beside a row that the reader may see."""
    others = {type(other): other for other in view.appbuilder.baseviews}
    found = [(each, others[each.view]) for each in view.beside]
    return [_panel(each, other, item) for each, other in found if other.may("list")]


def _panel(each: Beside, other: RecordScreen, item: Any) -> Panel:
    datamodel = other.datamodel
    typed = getattr(item, datamodel.related[each.by].value)
    items = datamodel.belonging(each.by, item.id, MOST_ROWS + 1)
    return Panel(
        view=other,
        rows=rows(datamodel, items[:MOST_ROWS], each.columns),
        columns=each.columns,
        every=url_for(f"{other.name}.list", **{f"_flt_0_{each.by}": typed}),
        add=url_for(f"{other.name}.add", **{each.by: typed}) if other.may("add") else "",
        more=len(items) > MOST_ROWS,
    )
