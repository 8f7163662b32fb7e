"""What a figure shows, as a sentence: for those who do not see it, and for those in a hurry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from flask_babel import gettext, ngettext

from app.reports import colours
from app.views.home import numbers, tables

if TYPE_CHECKING:
    from datetime import date

    from app.views.home.board import Board
    from app.views.home.tables import Cell, Rate

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Figure(Generic[_Row]):
    """The rows of a figure and the sentence that says the main thing about them.

    `keys` are (word, name of the colour) of its parts, where there are several.
    """

    rows: list[_Row]
    finding: str
    keys: list[tuple[str, str]] = field(default_factory=list)


def volume(board: Board) -> Figure[Cell] | None:
    """Return the volume by day; None without any payment."""
    cells = tables.volume(board)
    return Figure(cells, _largest_day(board, cells), _keys(cells)) if cells else None


def success(board: Board) -> Figure[Rate] | None:
    """Return the success rate by day; None as long as nothing is over."""
    rates = tables.by_day(board)
    return Figure(rates, _range(board, rates)) if rates else None


def _keys(cells: list[Cell]) -> list[tuple[str, str]]:
    """Return each part of the stack with the last word of its CSS variable, from the ground up."""
    parts = {cell.part: cell.word for cell in cells}
    return [
        (parts[part], colours.of(part).removeprefix("--"))
        for part in sorted(parts, key=colours.rank)
    ]


def _largest_day(board: Board, cells: list[Cell]) -> str:
    counts: dict[date, int] = {}
    amounts: dict[date, int] = {}
    for cell in cells:
        counts[cell.day] = counts.get(cell.day, 0) + cell.count
        amounts[cell.day] = amounts.get(cell.day, 0) + cell.amount_minor
    heights = amounts if board.currency else counts
    day = max(sorted(heights), key=heights.__getitem__)
    told = _payments(board, sum(counts.values()))
    if board.currency:
        total, most = board.money(sum(amounts.values())), board.money(amounts[day])
        told = gettext("%(amount)s in %(payments)s", amount=total, payments=told)
    else:
        most = _payments(board, counts[day])
    told = gettext(
        "Asked in all: %(total)s. The largest day was %(day)s with %(most)s.",
        total=told,
        day=board.show.day(day),
        most=most,
    )
    return str(told)


def _payments(board: Board, count: int) -> str:
    number = board.show.number(count)
    return str(ngettext("%(number)s payment", "%(number)s payments", count, number=number))


def _range(board: Board, rates: list[Rate]) -> str:
    overall = numbers.sums(board.counts).rate
    worst = min(rates, key=lambda rate: rate.share)
    if overall is None or worst.day is None:
        return ""
    told = gettext(
        "%(overall)s of the payments that are over were paid. "
        "The lowest day was %(day)s with %(rate)s.",
        overall=board.show.percent(overall),
        day=board.show.day(worst.day),
        rate=board.show.percent(worst.share),
    )
    return str(told)
