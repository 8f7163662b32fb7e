"""What the address of a list says, read strictly: a value that makes no sense is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import request, url_for

from app.adapters import clock
from app.domain.card_numbers import refuse
from app.domain.currencies import parse_currency
from app.errors import BadInputError, said
from app.queries.home import midnight
from app.security.addresses import arguments as given
from app.views.amounts import read_amount
from app.views.lists import periods
from app.views.locales import reader

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

EDGES = ("older", "newer")
"""Which page: another filter begins with the newest one."""

MOST_IDS = 100
_LONGEST = 255


def text(name: str) -> str:
    """Return a filter's text, without blanks around it; BadInputError where it cannot be one."""
    value = request.args.get(name, "").strip()
    if len(value) > _LONGEST or not value.isprintable():
        raise BadInputError(
            name, said("is too long or cannot be printed."), said("Shorten the filter.")
        )
    refuse(value, name)
    return value


def one_of(name: str, known: Collection[str]) -> str:
    """Return a filter's value; BadInputError where it is none of those offered."""
    value = text(name)
    if value and value not in known:
        raise BadInputError(
            name, said("is none of the values offered."), said("Choose one from the list.")
        )
    return value


def many_of(name: str, known: Collection[str]) -> tuple[str, ...]:
    """Return a filter's values; BadInputError where one is none of those offered."""
    values = tuple(value for value in request.args.getlist(name) if value)
    if not set(values) <= set(known):
        raise BadInputError(
            name, said("is none of the values offered."), said("Choose from the list.")
        )
    return values


def digits(name: str, count: int) -> str:
    """Return a filter of exactly so many digits, or none."""
    value = text(name)
    if value and not (value.isascii() and value.isdigit() and len(value) == count):
        raise BadInputError(name, said("is not {count} digits.", count=count))
    return value


def moments() -> tuple[datetime | None, datetime | None]:
    """Return the beginning and the end (not included) of the days asked for, in UTC.

    `period` is a span by its name; without one, or for chosen days, `from` and `to` count.
    """
    period, zone = one_of("period", periods.WORDS), reader().zone
    first, last = day("from"), day("to")
    if period and period != periods.CUSTOM:
        first, last = periods.span(period, clock.now().astimezone(zone).date())
    if first and last and last < first:
        raise BadInputError(
            "to", said("lies before the first day."), said("Exchange the two days.")
        )
    return (
        midnight(first, zone) if first else None,
        midnight(last + timedelta(days=1), zone) if last else None,
    )


def day(name: str) -> date | None:
    """Return a filter's day; BadInputError where it is none."""
    value = text(name)
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise BadInputError(name, said("is no day."), said("Write it as 2026-01-31.")) from None
    # Beyond these the time zone's arithmetic would leave the calendar.
    if not date(1970, 1, 2) <= found <= date(9998, 12, 31):
        raise BadInputError(name, said("is out of range."), said("Choose a day since 1970."))
    return found


def amounts() -> tuple[str, int | None, int | None]:
    """Return the currency, and the least and the most in its minor units.

    Amounts of several currencies cannot be compared, so that a limit needs a currency.
    """
    typed, least, most = text("currency"), text("amount_from"), text("amount_to")
    if (least or most) and not typed:
        raise BadInputError(
            "currency", said("is not chosen."), said("Choose the currency of the amounts.")
        )
    currency = parse_currency(typed) if typed else ""
    low = read_amount(least, currency, "amount_from").amount_minor if least else None
    high = read_amount(most, currency, "amount_to").amount_minor if most else None
    if low is not None and high is not None and high < low:
        raise BadInputError(
            "amount_to", said("is less than the first amount."), said("Exchange the two amounts.")
        )
    return currency, low, high


def ids() -> tuple[str, ...]:
    """Return the public ids of the rows that were ticked."""
    ticked = tuple(request.form.getlist("id"))
    if len(ticked) > MOST_IDS:
        raise BadInputError(
            "id",
            said("are more than {most} rows.", most=MOST_IDS),
            said("Use the filters, and take the whole list."),
        )
    return ticked


def link(endpoint: str, arguments: Mapping[str, str | Sequence[str]]) -> str:
    """Return the address of a list with these filters."""
    return f"{url_for(endpoint)}?{urlencode(arguments, doseq=True)}"


def back(endpoint: str) -> str:
    """Return the address of a list with the filters and columns of this one."""
    return joined(url_for(endpoint), given())


def address(**changes: str | None) -> str:
    """Return this page's address with some of its arguments changed, or (None) left out."""
    kept = [(name, value) for name, value in given() if name not in changes]
    new = [(name, value) for name, value in changes.items() if value is not None]
    return joined(request.path, [*kept, *new])


def without(*names: str, value: str = "", path: str = "") -> str:
    """Return this page's address (or another's) on its newest page, without some arguments.

    Where `value` is given, only that one of the first argument's values is left out.
    """
    gone = {*names[1:], *EDGES}
    return joined(
        path or request.path,
        [
            (name, each)
            for name, each in given()
            if name not in gone and not (name == names[0] and value in {"", each})
        ],
    )


def joined(address: str, arguments: Sequence[tuple[str, str]]) -> str:
    """Return an address with further arguments; those without a value are left out."""
    query = urlencode([pair for pair in arguments if pair[1]])
    return f"{address}{'&' if '?' in address else '?'}{query}" if query else address
