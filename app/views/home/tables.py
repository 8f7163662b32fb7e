"""The figures as rows; each row knows the payments behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from flask_babel import gettext

from app.domain.failures import FailureCode, describe
from app.domain.payments import PaymentStatus
from app.queries import home
from app.reports import success
from app.views import codes, words
from app.views.home.board import OVER, PAID
from app.views.locales import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from decimal import Decimal

    from app.queries.home import DayCount, MerchantCount
    from app.views.home.board import Board

_Key = TypeVar("_Key", str, "date")

CAPTURED = sorted(status.value for status in success.CAPTURED)
RETURNED = sorted(status.value for status in success.RETURNED)
FAILED = PaymentStatus.FAILED.value
_MOST_REASONS = 8
_MOST_MERCHANTS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """What one day has brought in one status, or by one method."""

    day: date
    part: str
    word: str
    count: int
    amount_minor: int
    link: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How a day, or a method, has done."""

    word: str
    paid: int
    not_paid: int
    share: Decimal
    link: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """How often payments failed for a reason, what it means, and what makes sense next."""

    sentence: str
    next_step: str
    who: str
    count: int
    share: Decimal
    link: str


@dataclass(frozen=True, slots=True)
class Stage:
    """How many payments came so far, and their share of all that were asked."""

    word: str
    count: int
    share: Decimal
    link: str


@dataclass(frozen=True, slots=True)
class Seller:
    """What a merchant has been paid; `share`: of the largest."""

    name: str
    count: int
    amount_minor: int
    share: Decimal
    link: str


@dataclass(frozen=True, slots=True)
class _Over:
    """Payments that are over, by status; a link names only the statuses that there are."""

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def statuses(self) -> list[str]:
        return sorted(self.counts)


def volume(board: Board) -> list[Cell]:
    """Return what each day has brought, newest first; hidden statuses are summed into the shown."""
    sums: dict[tuple[date, str], tuple[int, int]] = {}
    for found in board.counts:
        key = found.day, _part(board, found)
        count, amount = sums.get(key, (0, 0))
        sums[key] = count + found.count, amount + found.amount_minor
    return [
        Cell(
            day=day,
            part=part,
            word=_word(board, part),
            count=count,
            amount_minor=amount,
            link=board.payments_of(day, **{board.choice.by: part}),
        )
        for (day, part), (count, amount) in sorted(sums.items(), reverse=True)
    ]


def by_day(board: Board) -> list[Rate]:
    """Return how each day has done, oldest first; days on which nothing ended are left out."""
    ended = _ended(board.counts, key=lambda found: found.day)
    return [
        _rate("", over, board.payments_of(day, status=over.statuses), day)
        for day, over in sorted(ended.items())
    ]


def by_method(board: Board) -> list[Rate] | None:
    """Return how each method has done; None as long as nothing is over."""
    ended = _ended(board.counts, key=lambda found: found.method)
    rates = [
        _rate(
            codes.method_word(method),
            over,
            board.payments(method=method, status=over.statuses),
        )
        for method, over in sorted(ended.items())
    ]
    return rates or None


def reasons(board: Board) -> list[Reason] | None:
    """Return why payments failed, the most frequent reason first; None where none did."""
    sums: dict[str | None, int] = {}
    for found in board.counts:
        if found.status == FAILED:
            sums[found.failure] = sums.get(found.failure, 0) + found.count
    ordered = sorted(sums.items(), key=lambda each: (-each[1], each[0] or ""))
    whole = sum(sums.values())
    return [_reason(board, code, count, whole) for code, count in ordered[:_MOST_REASONS]] or None


def funnel(board: Board) -> list[Stage] | None:
    """Return how many of the payments that were asked came how far; None where none was."""
    if not board.counts:
        return None
    asked = sum(found.count for found in board.counts)
    stages = [Stage(gettext("Asked"), asked, success.part(asked, asked), board.payments())]
    for word, statuses in (
        (gettext("Authorized"), PAID),
        (gettext("Captured"), CAPTURED),
        (gettext("Refunded"), RETURNED),
    ):
        count = sum(found.count for found in board.counts if found.status in statuses)
        link = board.payments(status=statuses)
        stages.append(Stage(word, count, success.part(count, asked), link))
    return stages


def sellers(board: Board) -> list[Seller] | None:
    """Return who was paid most, by number for all currencies; None where nobody was."""
    if not any(found.status in PAID for found in board.counts):
        return None
    found = home.top_merchants(
        board.session, board.choice.span, PAID, board.currency, _MOST_MERCHANTS
    )
    return [
        Seller(
            name=each.name,
            count=each.count,
            amount_minor=each.amount_minor,
            share=success.part(_weight(board, each), _weight(board, found[0])),
            link=board.payments(merchant=each.public_id, status=PAID),
        )
        for each in found
    ]


def _part(board: Board, found: DayCount) -> str:
    if board.choice.by == "method":
        return found.method
    return words.shown_status(found.status, board.actor).value


def _word(board: Board, part: str) -> str:
    if board.choice.by == "method":
        return codes.method_word(part)
    return str(words.payment_badge(part, board.actor).word)


def _ended(counts: Iterable[DayCount], key: Callable[[DayCount], _Key]) -> dict[_Key, _Over]:
    """Return key → the payments that are over."""
    ended: dict[_Key, _Over] = {}
    for found in counts:
        if found.status in OVER:
            over = ended.setdefault(key(found), _Over())
            over.counts[found.status] = over.counts.get(found.status, 0) + found.count
    return ended


def _rate(word: str, over: _Over, link: str, day: date | None = None) -> Rate:
    paid = sum(count for status, count in over.counts.items() if status in PAID)
    whole = sum(over.counts.values())
    return Rate(word, paid, whole - paid, success.part(paid, whole), link, day)


def _reason(board: Board, code: str | None, count: int, whole: int) -> Reason:
    share = success.part(count, whole)
    if code is None:
        return Reason(gettext("No reason was given."), "", "", count, share, "")
    told = describe(FailureCode(code))
    return Reason(
        sentence=translate(told.for_merchant),
        next_step=translate(told.group_words),
        who=str(words.WHO_CAN_ACT[told.who_can_act]),
        count=count,
        share=share,
        link=board.payments(status=FAILED, failure=code),
    )


def _weight(board: Board, found: MerchantCount) -> int:
    return found.amount_minor if board.currency else found.count
