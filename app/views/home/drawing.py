"""The figures for the page's script: exact places, and words in the reader's language."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel.dates import format_skeleton
from flask_babel import ngettext

from app.domain.money import Money, exponent, format_major
from app.reports import axis
from app.views.locales import reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.reports.figures import Days, Marks
    from app.views.home.board import Board
    from app.views.home.tables import Cell, Rate

_MOST_DAYS: Final = 7
_SHARES: Final = (0, 25, 50, 75, 100)


def volume(board: Board, cells: Sequence[Cell]) -> str:
    """Return the figure of the volume by day; of numbers where all currencies are shown."""
    import pandas as pd  # noqa: PLC0415  # half a second that only figures pay for

    from app.reports import figures  # noqa: PLC0415  # as above

    columns = ["day", "part", "word", "amount", "text", "link"]
    rows = [
        (
            cell.day.isoformat(),
            cell.part,
            cell.word,
            _major(board, _height(board, cell)),
            _told(board, cell),
            cell.link,
        )
        for cell in cells
    ]
    return figures.volume(pd.DataFrame(rows, columns=columns), _days(board), _heights(board, cells))


def success(board: Board, rates: Sequence[Rate]) -> str:
    """Return the figure of the success rate by day."""
    import pandas as pd  # noqa: PLC0415  # as above

    from app.reports import figures  # noqa: PLC0415  # as above

    columns = ["day", "rate", "label", "text", "link"]
    words = [board.show.percent(rate.share) for rate in rates]
    labels = [*[""] * (len(rates) - 1), *words[-1:]]
    rows = [
        (str(rate.day), str(rate.share.scaleb(2)), label, _ended(board, rate, word), rate.link)
        for rate, word, label in zip(rates, words, labels, strict=True)
    ]
    height = figures.Marks(
        [str(share) for share in _SHARES],
        [board.show.percent(Decimal(share).scaleb(-2), decimals=0) for share in _SHARES],
    )
    return figures.success(pd.DataFrame(rows, columns=columns), _days(board), height)


def _height(board: Board, cell: Cell) -> int:
    return cell.amount_minor if board.currency else cell.count


def _major(board: Board, height: int) -> str:
    return format_major(Money(height, board.currency)) if board.currency else str(height)


def _told(board: Board, cell: Cell) -> str:
    """Return what is told of a bar: day, part, amount and number."""
    count = ngettext("%(num)s payment", "%(num)s payments", cell.count)
    parts = [f"{board.show.day(cell.day)} · {cell.word}", count]
    if board.currency:
        parts.insert(1, board.money(cell.amount_minor))
    return "<br>".join(parts)


def _ended(board: Board, rate: Rate, share: str) -> str:
    over = ngettext(
        "of %(num)s payment that is over",
        "of %(num)s payments that are over",
        rate.paid + rate.not_paid,
    )
    day = "" if rate.day is None else board.show.day(rate.day)
    return f"{day}<br>{share} {over}"


def _days(board: Board) -> Days:
    from app.reports.figures import Days, Marks  # noqa: PLC0415  # as above

    span = board.choice.span
    shown = axis.spread(span.days, _MOST_DAYS)
    words = [format_skeleton("MMMd", day, locale=reader().formats) for day in shown]
    return Days(span.first, span.last, Marks([day.isoformat() for day in shown], words))


def _heights(board: Board, cells: Sequence[Cell]) -> Marks:
    from app.reports.figures import Marks  # noqa: PLC0415  # as above

    sums: dict[date, int] = {}
    for cell in cells:
        sums[cell.day] = sums.get(cell.day, 0) + _height(board, cell)
    whole = 10 ** exponent(board.currency) if board.currency else 1
    highest = max(sums.values(), default=0)
    steps = [step * whole for step in axis.steps(-(-highest // whole))]
    words = [board.show.number(step // whole) for step in steps]
    return Marks([_major(board, step) for step in steps], words)
