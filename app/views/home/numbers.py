"""The figures at a glance: each with the same of the days before, and with its rows."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, Protocol

from flask_babel import gettext

from app.domain.money import round_half_even
from app.domain.operations import OperationState
from app.reports import success
from app.views.home import links
from app.views.home.board import OVER, PAID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from app.views.home.board import Board

_MANIFOLD: Final = 9
Direction = Literal["up", "down", "same", "new"]


class Counted(Protocol):
    """Payments or refunds that were counted together."""

    @property
    def count(self) -> int:
        """How many."""

    @property
    def amount_minor(self) -> int:
        """Their sum in minor units."""


class InStatus(Counted, Protocol):
    """Payments of one status that were counted together."""

    @property
    def status(self) -> str:
        """The status."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What has changed against the days before: a share of what was, or points of a rate."""

    direction: Direction
    share: Decimal = Decimal(0)
    is_points: bool = False

    @property
    def is_manifold(self) -> bool:
        """Whether a share would say little any more."""
        return not self.is_points and self.share > _MANIFOLD


@dataclass(frozen=True, slots=True)
class Stat:
    """A figure: an amount where there is a currency, a rate (maybe unknown), or else a number."""

    label: str
    link: str
    delta: Delta | None
    number: int = 0
    currency: str = ""
    share: Decimal | None = None
    is_rate: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """The payments of some days: those that were paid, and those that are over."""

    payments: int
    paid: int
    paid_minor: int
    over: int

    @property
    def average_minor(self) -> int:
        """What a paid payment comes to, in minor units."""
        return round_half_even(self.paid_minor, self.paid) if self.paid else 0

    @property
    def rate(self) -> Decimal | None:
        """The share of the paid among those that are over, to a tenth of a percent."""
        return success.share(self.paid, self.over - self.paid)


def stats(board: Board) -> Sequence[Stat]:
    """Return the figures; of amounts only where one currency is looked at."""
    now, before = sums(board.counts), sums(board.before)
    everything = board.payments()
    paid = board.payments(status=PAID)
    found = [
        Stat(gettext("Payments"), everything, change(now.payments, before.payments), now.payments),
        _rate(board, now, before),
        _refunds(board),
    ]
    if not board.currency:
        return found
    volume = Stat(
        gettext("Paid volume"),
        paid,
        change(now.paid_minor, before.paid_minor),
        now.paid_minor,
        board.currency,
    )
    average = Stat(
        gettext("Average payment"),
        paid,
        change(now.average_minor, before.average_minor),
        now.average_minor,
        board.currency,
    )
    return [volume, *found, average]


def sums(counts: Iterable[InStatus]) -> Sums:
    """Add up counts by status; those of one currency, or their sum is none of money."""
    every = list(counts)
    return Sums(
        payments=sum(each.count for each in every),
        paid=sum(each.count for each in _of(every, PAID)),
        paid_minor=sum(each.amount_minor for each in _of(every, PAID)),
        over=sum(each.count for each in _of(every, OVER)),
    )


def change(now: int, before: int) -> Delta | None:
    """Return how a number has changed; None where there was nothing and is nothing."""
    if now == before:
        return Delta("same") if now else None
    if not before:
        return Delta("new")
    return Delta("up" if now > before else "down", abs(Decimal(now - before) / Decimal(before)))


def points(now: Decimal | None, before: Decimal | None) -> Delta | None:
    """Return how a rate has changed, in points; None where one of the two is not known."""
    if now is None or before is None:
        return None
    if now == before:
        return Delta("same")
    return Delta("up" if now > before else "down", abs(now - before), is_points=True)


def _rate(board: Board, now: Sums, before: Sums) -> Stat:
    return Stat(
        gettext("Success rate"),
        board.payments(status=OVER),
        points(now.rate, before.rate),
        share=now.rate,
        is_rate=True,
    )


def _refunds(board: Board) -> Stat:
    now = [each for each in board.refunds if each.now]
    before = [each for each in board.refunds if not each.now]
    link = links.refunds(
        board.choice.span, state=OperationState.SUCCESS.value, currency=board.currency
    )
    label = gettext("Refunds")
    if not board.currency:
        return Stat(label, link, change(_number(now), _number(before)), _number(now))
    delta = change(_minor(now), _minor(before))
    return Stat(label, link, delta, _minor(now), board.currency)


def _of(counts: Iterable[InStatus], statuses: Collection[str]) -> Iterable[InStatus]:
    return (each for each in counts if each.status in statuses)


def _number(counts: Iterable[Counted]) -> int:
    return sum(each.count for each in counts)


def _minor(counts: Iterable[Counted]) -> int:
    return sum(each.amount_minor for each in counts)
