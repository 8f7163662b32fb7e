"""Values of generated screens, decided in one place: by a column's type, or by its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from babel.numbers import format_percent
from flask import url_for
from flask_babel import lazy_gettext

from app.domain.permissions import Permission
from app.models import Merchant
from app.views import codes
from app.views.base import current_actor
from app.views.lists import exact, iso
from app.views.locales import reader
from app.views.role_words import role_word
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from app.queries.interface import Named, RecordInterface
    from app.reports.csv_rows import Value
    from app.views.lists import Sheet

YES = Badge(lazy_gettext("Yes"), "success", "check-lg")
NO = Badge(lazy_gettext("No"), "neutral", "x-lg")
STATUSES = {"active": Badge(lazy_gettext("Active"), "success", "check-circle")}
PAGES = {Merchant: ("MerchantsView.show", Permission.MERCHANTS_READ)}
"""Where a row of another table is shown, and who may look at it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: how it is drawn (records/_cell.html), what it is, and its words."""

    kind: str
    value: Any = None
    word: str = ""
    href: str = ""

    @property
    def name(self) -> str:
        """Return what it adds to the name of a row: a currency's code, else the words."""
        return str(self.value) if self.kind == "currency" else self.word


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a generated screen; `public_id` stands for it in addresses."""

    public_id: str
    cells: Mapping[str, Cell]
    item: Any

    def title(self, names: Sequence[str]) -> str:
        """Return what the row is called, from some of its cells."""
        return " · ".join(self.cells[name].name for name in names)


NOTHING = Cell("nothing")


def rows(datamodel: RecordInterface, items: Iterable[Any], names: Iterable[str]) -> list[Row]:
    """Return rows with their cells; keys of other tables are looked up once for all of them."""
    items, names = list(items), list(dict.fromkeys(names))
    titles = {
        name: datamodel.titles(name, {getattr(item, name) for item in items})
        for name in names
        if name in datamodel.related
    }
    return [
        Row(
            str(datamodel.get_pk_value(item)),
            {name: _cell(datamodel, item, name, titles.get(name, {})) for name in names},
            item,
        )
        for item in items
    ]


def _cell(datamodel: RecordInterface, item: Any, name: str, titles: Mapping[Any, Named]) -> Cell:
    value = getattr(item, name)
    if value is None:
        return Cell("nothing", word=str(_WITHOUT.get(name, "")))
    if name in datamodel.related:
        return _related(datamodel.related[name].model, titles.get(value))
    if name in datamodel.money:
        return Cell("money", (value, getattr(item, datamodel.money[name])))
    if name in datamodel.many:
        plain = sorted(getattr(each, datamodel.many[name]) for each in value)
        return Cell("text", plain, ", ".join(role_word(each) for each in plain))
    return _BY_NAME.get(name, _by_type)(value)


def is_number(datamodel: RecordInterface, name: str) -> bool:
    """Answer whether a column's values stand on the right."""
    return name in datamodel.money or (datamodel.is_integer(name) and name not in datamodel.related)


def filed(cell: Cell, sheet: Sheet) -> Value:
    """Return what a file holds of a cell: exact, and times in the reader's zone."""
    if cell.kind == "money":
        return exact(*cell.value)
    if cell.kind == "time":
        return iso(cell.value, sheet)
    if cell.kind == "badge":
        return str(cell.value.word)
    return cell.value if cell.kind in {"number", "currency", "id"} else cell.word


def _related(model: type[Any], named: Named | None) -> Cell:
    if named is None:
        return NOTHING
    endpoint, permission = PAGES[model]
    href = url_for(endpoint, pk=named.address) if current_actor().may(permission) else ""
    return Cell("link", named.address, named.title, href)


def _by_type(value: Any) -> Cell:
    if isinstance(value, datetime):
        # Flask-AppBuilder's own columns hold times in UTC without saying so.
        return Cell("time", value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, bool):
        return Cell("badge", YES if value else NO)
    if isinstance(value, int):
        return Cell("number", value)
    return Cell("text", value, str(value))


def _word(words: Mapping[str, Any], value: str) -> Cell:
    return Cell("text", value, str(words.get(value, value)))


def _badge(badges: Mapping[Any, Badge], value: Any) -> Cell:
    return Cell("badge", badges.get(value, Badge(str(value), "neutral", "circle")))


def _percent(basis_points: int) -> Cell:
    locale = reader().formats
    pattern = str(locale.percent_formats[None].pattern).replace("0", "0.##", 1)
    share = Decimal(basis_points).scaleb(-4)
    return Cell("percent", share, str(format_percent(share, pattern, locale=locale)))


def country_name(code: str) -> str:
    """Return a country's name in the reader's language."""
    return str(reader().formats.territories.get(code, code))


def currency_name(code: str) -> str:
    """Return a currency's name in the reader's language; a token's chain stays as it is."""
    return str(reader().formats.currencies.get(code, code))


_WITHOUT = {
    "last_login": lazy_gettext("Never"),
    "merchant_id": lazy_gettext("Every merchant"),
}
"""What an empty column means, by its name."""

ACTIVE = {
    True: STATUSES["active"],
    False: Badge(lazy_gettext("Deactivated"), "neutral", "slash-circle"),
}
_BY_NAME: Mapping[str, Callable[[Any], Cell]] = {
    "public_id": lambda value: Cell("id", value, value),
    "country": lambda value: Cell("text", value, country_name(value)),
    "calendar": lambda value: Cell("text", value, country_name(value)),
    "currency": lambda value: Cell("currency", value, currency_name(value)),
    "default_currency": lambda value: Cell("currency", value, currency_name(value)),
    "kind": partial(_word, codes.CAPABILITIES),
    "method": partial(_word, codes.METHODS | {"": lazy_gettext("Every method")}),
    "status": partial(_badge, STATUSES),
    "active": partial(_badge, ACTIVE),
    "percent_bps": _percent,
    "reserve_bps": _percent,
}
