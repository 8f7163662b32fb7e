"""What today has brought so far, one line a currency: amounts are never added across them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.queries.home import DayRange
from app.views.home import links
from app.views.home.board import PAID
from app.views.home.numbers import sums

if TYPE_CHECKING:
    from app.queries.home import DayCount
    from app.views.home.board import Board


@dataclass(frozen=True, slots=True)
class Sales:
    """What was paid today in one currency."""

    currency: str
    count: int
    amount_minor: int
    link: str


def build(board: Board) -> list[Sales] | None:
    """Return today's sales by currency; None where the days looked at end before today."""
    today = board.choice.today
    if board.choice.span.last != today:
        return None
    span = DayRange(today, today, board.choice.span.zone)
    found = [each for each in board.every if each.day == today and each.status in PAID]
    return [
        _sales(span, currency, [each for each in found if each.currency == currency])
        for currency in sorted({each.currency for each in found})
    ]


def _sales(span: DayRange, currency: str, found: list[DayCount]) -> Sales:
    total = sums(found)
    link = links.payments(span, status=PAID, currency=currency)
    return Sales(currency, total.paid, total.paid_minor, link)
