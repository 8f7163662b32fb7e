"""What a generated list may be asked for, read strictly: anything else is a bad request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import abort, request
from flask_babel import gettext

from app.queries.filters import LocalDay
from app.queries.keyset import MOST_COUNTED
from app.views.locales import reader

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

MOST_PAGE_SIZE = 100
_FILTER = re.compile(r"_flt_(\d)_(\w+)")


@dataclass(frozen=True, slots=True)
class ListArguments:
    """Order, page and filters; `filters` are (column, number of the filter, value)."""

    order_column: str = ""
    order_direction: str = ""
    page: int = 0
    page_size: int | None = None
    filters: list[tuple[str, int, str]] = field(default_factory=list)


def read(name: str, order: Container[str], search: Mapping[str, list[Any]]) -> ListArguments:
    """Read the arguments of the view called `name`; answers 400 for what it does not offer."""
    column = request.args.get(f"_oc_{name}", "")
    direction = request.args.get(f"_od_{name}", "asc" if column else "")
    if column and column not in order:
        abort(400, gettext("This list cannot be ordered like that."))
    if direction not in {"", "asc", "desc"}:
        abort(400, gettext("The order is either asc or desc."))
    size = _number(f"psize_{name}", 1, MOST_PAGE_SIZE)
    page = _number(f"page_{name}", 0, MOST_COUNTED) or 0
    if page * (size or 1) >= MOST_COUNTED:
        abort(
            400,
            gettext("Pages by their number end after %(most)s rows.", most=MOST_COUNTED),
        )
    return ListArguments(column, direction, page, size, _filters(search))


def typed(filter_: Any, value: str) -> Any:
    """Return a filter's value as it is meant: a day is one of the reader's zone."""
    return LocalDay(value, reader().zone) if filter_.input_type == "date" else value


def _number(argument: str, least: int, most: int) -> int | None:
    text = request.args.get(argument)
    if text is None:
        return None
    # Digits of other scripts and endless ones are no numbers here.
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        abort(
            400,
            gettext(
                "%(argument)s is no number between %(least)s and %(most)s.",
                argument=argument,
                least=least,
                most=most,
            ),
        )
    return number


def _filters(search: Mapping[str, list[Any]]) -> list[tuple[str, int, str]]:
    found: list[tuple[str, int, str]] = []
    for argument, value in request.args.items(multi=True):
        if not argument.startswith("_flt_"):
            continue
        match = _FILTER.fullmatch(argument)
        column, index = (match[2], int(match[1])) if match else ("", 0)
        if index >= len(search.get(column, [])):
            abort(400, gettext("This list has no such filter."))
        if value.strip():
            found.append((column, index, value))
    return found
