"""The filters that are active, each with the address of the list without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request
from flask_babel import gettext, lazy_gettext

from app.domain.card_numbers import scrub_text
from app.security.addresses import arguments as given
from app.views.lists import arguments, periods

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

DAYS = ("period", "from", "to")


@dataclass(frozen=True, slots=True)
class Filter:
    """An argument of a list that narrows it; `word` says a value in the reader's language.

    `along` are arguments that mean nothing without it.
    """

    name: str
    label: str
    word: Callable[[str], str] = str
    along: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter: what it is called, its value in words, and the list without it."""

    label: str
    word: str
    href: str


AMOUNTS = (
    Filter("currency", lazy_gettext("Currency"), str.upper, along=("amount_from", "amount_to")),
    Filter("amount_from", lazy_gettext("At least")),
    Filter("amount_to", lazy_gettext("At most")),
)
"""What `arguments.amounts` reads."""


def chips(filters: Sequence[Filter]) -> tuple[Chip, ...]:
    """Return a chip for every filter that is active."""
    return (*_days(), *(chip for each in filters for chip in _of(each)))


def _of(each: Filter) -> Iterator[Chip]:
    for name, value in given():
        if name == each.name and value.strip():
            href = arguments.without(each.name, *each.along, value=value)
            yield Chip(str(each.label), _word(each, value), href)


def _word(each: Filter, value: str) -> str:
    try:
        return str(each.word(value))
    except (KeyError, ValueError):
        # The list says what is wrong with it; the chip is there to take it away.
        return value


def _days() -> Iterator[Chip]:
    period, first, last = (scrub_text(request.args.get(name, "").strip()) for name in DAYS)
    if period not in {"", periods.CUSTOM}:
        word = str(periods.WORDS.get(period, period))
    elif first and last:
        word = gettext("%(first)s to %(last)s", first=first, last=last)
    elif first:
        word = gettext("from %(first)s", first=first)
    elif last:
        word = gettext("until %(last)s", last=last)
    else:
        return
    yield Chip(gettext("Days"), word, arguments.without(*DAYS))
