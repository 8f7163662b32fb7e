"""The columns of a list: what they are called, what a file holds of them, which are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from flask import request
from flask_babel import lazy_gettext

from app.domain.actors import ActorKind
from app.domain.money import Money, format_major
from app.services.preferences import COLUMNS
from app.views.base import current_actor
from app.views.locales import preferences

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from app.domain.actors import Actor
    from app.reports.csv_rows import Value

ARGUMENT = "columns"


@dataclass(frozen=True, slots=True)
class Sheet:
    """For whom a file is written; `merchants` is id → name of those that its rows belong to."""

    actor: Actor
    zone: ZoneInfo
    merchants: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; its template draws the cell, `value` is what a file holds of a row.

    `always` cannot be left out, `usual` is shown to whoever has chosen nothing, `staff` only to
    people of the house. `beside` is a further column of the file, such as an amount's currency.
    """

    name: str
    label: str
    value: Callable[[Any, Sheet], Value]
    number: bool = False
    always: bool = False
    usual: bool = True
    staff: bool = False
    beside: Column | None = None


def field(
    name: str, label: str, attribute: str, *, always: bool = False, usual: bool = True
) -> Column:
    """Return a column of an attribute as it is."""
    read = attrgetter(attribute)
    return Column(name, label, lambda row, _sheet: read(row), always=always, usual=usual)


def moment(
    name: str, label: str, attribute: str, *, always: bool = False, usual: bool = True
) -> Column:
    """Return a column of times: in a file, ISO 8601 with the offset of the reader's zone."""
    read = attrgetter(attribute)
    return Column(name, label, lambda row, sheet: iso(read(row), sheet), always=always, usual=usual)


def money(name: str, label: str, minor: str, *, always: bool = False, usual: bool = True) -> Column:
    """Return a column of amounts: in a file, major units with a point; see `with_currency`."""
    read = attrgetter(minor)
    return Column(
        name,
        label,
        lambda row, _sheet: exact(read(row), row.currency),
        number=True,
        always=always,
        usual=usual,
    )


def with_currency(column: Column) -> Column:
    """Let a file tell the currency of the rows beside this column."""
    told = Column("currency", lazy_gettext("Currency"), lambda row, _sheet: str(row.currency))
    return replace(column, beside=told)


def merchant() -> Column:
    """Return the column of the merchants' names, for the house."""
    label = lazy_gettext("Merchant")
    return Column(
        "merchant", label, lambda row, sheet: sheet.merchants.get(row.merchant_id), staff=True
    )


def iso(moment: datetime | None, sheet: Sheet) -> str | None:
    """Return a time in the reader's zone with its offset, to the second."""
    if moment is None:
        return None
    return moment.astimezone(sheet.zone).isoformat(timespec="seconds")


def exact(minor: int | None, currency: str) -> Decimal | None:
    """Return an amount in major units with all decimals of its currency."""
    return None if minor is None else Decimal(format_major(Money(minor, currency)))


def offered(columns: Sequence[Column]) -> list[Column]:
    """Return the columns that the reader may choose from, called in the reader's language."""
    is_staff = current_actor().kind is ActorKind.STAFF
    # Said once: a page repeats each label in every row.
    return [
        replace(column, label=str(column.label))
        for column in columns
        if is_staff or not column.staff
    ]


def shown(name: str, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns of a list that are shown: by the address, else as remembered, else usual.

    A name that is unknown (now) is passed over.
    """
    mine = offered(columns)
    known = {column.name for column in mine}
    for names in (asked(), preferences().get(f"{COLUMNS}{name}", "").split(",")):
        if known & set(names):
            return tuple(column for column in mine if column.always or column.name in names)
    return tuple(column for column in mine if column.always or column.usual)


def asked() -> list[str]:
    """Return the names of columns in the address, with commas or one by one."""
    return [name for part in request.args.getlist(ARGUMENT) for name in part.split(",") if name]


def filed(columns: Sequence[Column]) -> list[Column]:
    """Return the columns of a file: those shown, and what stands beside them."""
    return [each for column in columns for each in (column, column.beside) if each is not None]
