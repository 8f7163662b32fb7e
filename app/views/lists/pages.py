"""A page of a list: its rows, what narrows it, the addresses around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import request

from app.domain.actors import ActorKind
from app.domain.card_numbers import scrub_text
from app.domain.currencies import exponent
from app.errors import BadInputError
from app.queries import listing
from app.queries.keyset import CappedCount
from app.queries.listing import Slice, Window
from app.views.base import current_actor, read_session
from app.views.lists import arguments, chips, columns, periods
from app.views.lists.columns import Sheet
from app.views.locales import reader, told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.views.lists.chips import Chip, Filter
    from app.views.lists.columns import Column

EMPTY = Slice([], None, None)


@dataclass(frozen=True, slots=True)
class List:
    """A list: its name (in files, the audit trail and preferences), its route, what it shows."""

    name: str
    endpoint: str
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of a list, the addresses around it, and what was wrong with the filters.

    `place` names the filter that was wrong, `chosen` is what was asked for, argument by argument.
    """

    found: Slice
    sheet: Sheet
    older: str | None = None
    newer: str | None = None
    newest: str | None = None
    fault: str = ""
    place: str = ""
    chosen: dict[str, list[str]] = field(default_factory=dict)
    chips: Sequence[Chip] = ()
    columns: Sequence[Column] = ()
    offered: Sequence[Column] = ()
    count: CappedCount | None = None

    @property
    def status(self) -> int:
        """The HTTP status that it is shown with."""
        return 400 if self.fault else 200

    @property
    def narrowed(self) -> bool:
        """Whether a filter is active."""
        return bool(self.chips)

    @property
    def merchants(self) -> Mapping[int, str]:
        """Return id → name of the merchants that the rows belong to, for the house."""
        return self.sheet.merchants

    @property
    def periods(self) -> list[tuple[str, str]]:
        """Return (name, words) of the spans of days that are offered."""
        return [(name, str(word)) for name, word in periods.WORDS.items()]

    @property
    def all_rows(self) -> str:
        """The address of the list without any filter; columns stay as they are."""
        return self.kept(request.path, filters=False)

    @property
    def shared(self) -> str:
        """The address of this page that names its columns, whoever opens it."""
        names = ",".join(column.name for column in self.columns)
        return arguments.joined(arguments.without(columns.ARGUMENT), [(columns.ARGUMENT, names)])

    def first(self, name: str) -> str:
        """Return what was asked for by one argument."""
        return self.chosen.get(name, [""])[0]

    def kept(self, path: str, *, filters: bool = True) -> str:
        """Return the address of another route with the columns, and the filters, of this page."""
        if filters:
            return arguments.without(*arguments.EDGES, path=path)
        return arguments.joined(path, [(columns.ARGUMENT, ",".join(columns.asked()))])

    def text(self, row: Any, name: str) -> str:
        """Return a cell as a file holds it."""
        value = next(each for each in self.columns if each.name == name).value(row, self.sheet)
        return "" if value is None else str(value)

    def digits(self, currency: str) -> int:
        """Return how many decimals a currency has."""
        return exponent(currency)


def read(
    find: Callable[[Window], Slice],
    spec: List | None = None,
    *,
    count: Callable[[], CappedCount] | None = None,
) -> Listed:
    """Read one page by what the address says; a filter that makes no sense is shown as a fault."""
    try:
        window = Window(older=arguments.text("older"), newer=arguments.text("newer"))
        found = find(window)
        counted = _counted(window, found, count) if count else None
    except BadInputError as error:
        return page(spec, EMPTY, fault=told(error), place=error.place)
    return page(
        spec,
        found,
        older=arguments.address(older=found.older, newer=None) if found.older else None,
        newer=arguments.address(newer=found.newer, older=None) if found.newer else None,
        count=counted,
    )


def _counted(window: Window, found: Slice, count: Callable[[], CappedCount]) -> CappedCount:
    # A list that fits on its first page is counted already.
    is_all = not (window.older or window.newer or found.older)
    return CappedCount.of(len(found.rows)) if is_all else count()


def page(
    spec: List | None,
    found: Slice,
    *,
    older: str | None = None,
    newer: str | None = None,
    count: CappedCount | None = None,
    active: Sequence[Chip] | None = None,
    fault: str = "",
    place: str = "",
) -> Listed:
    """Return a page of rows that were read already."""
    actor, merchants = current_actor(), {}
    if spec and actor.kind is ActorKind.STAFF:
        merchants = listing.merchants_of(read_session(), found.rows)
    if active is None:
        active = chips.chips(spec.filters) if spec else ()
    return Listed(
        found=found,
        sheet=Sheet(actor, reader().zone, merchants),
        older=older,
        newer=newer,
        newest=arguments.address(older=None, newer=None) if newer else None,
        fault=fault,
        place=place,
        chosen={name: _typed(name) for name in request.args},
        chips=active,
        columns=columns.shown(spec.name, spec.columns) if spec else (),
        offered=columns.offered(spec.columns) if spec else (),
        count=count,
    )


def _typed(name: str) -> list[str]:
    return [scrub_text(value) for value in request.args.getlist(name)]
