"""What the sections of one home page are built from; each question is asked at most once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from babel.numbers import format_decimal

from app.queries import home, home_desk
from app.queries.home import DayRange
from app.reports import success
from app.views.home import links
from app.views.home.choice import EVERY_CURRENCY
from app.views.locales import reader
from app.views.show import Show

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.queries.home import DayCount, RefundCount, StatusCount
    from app.queries.home_desk import Balance
    from app.views.home.choice import Choice
    from app.views.home.links import Filter

PAID = sorted(status.value for status in success.PAID)
OVER = sorted(status.value for status in success.PAID | success.NOT_PAID)


@dataclass
class Board:
    """Reads of one request for one reader."""

    actor: Actor
    session: Session
    choice: Choice

    @cached_property
    def every(self) -> Sequence[DayCount]:
        """The payments of the days by day, status, method and currency; of every currency."""
        return home.counts(self.session, self.choice.span)

    @cached_property
    def currencies(self) -> list[str]:
        """The currencies of these payments."""
        return sorted({each.currency for each in self.every})

    @cached_property
    def currency(self) -> str:
        """The currency looked at, empty for all: the most frequent one unless another is chosen."""
        if self.choice.currency == EVERY_CURRENCY:
            return ""
        return self.choice.currency or self._most_frequent()

    @cached_property
    def counts(self) -> Sequence[DayCount]:
        """As `every`, of the currency looked at."""
        return [each for each in self.every if not self.currency or each.currency == self.currency]

    @cached_property
    def before(self) -> Sequence[StatusCount]:
        """The payments of the days before these, of the currency looked at."""
        found = home.totals(self.session, self.choice.span.before)
        return [each for each in found if not self.currency or each.currency == self.currency]

    @cached_property
    def refunds(self) -> Sequence[RefundCount]:
        """The refunds of these days and of the days before, of the currency looked at."""
        found = home.refunds(self.session, self.choice.span)
        return [each for each in found if not self.currency or each.currency == self.currency]

    @cached_property
    def house_balances(self) -> Sequence[Balance]:
        """The house's accounts."""
        return home_desk.house_balances(self.session)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """What there is of what a new installation needs; asked only where no payment is seen."""
        return frozenset({"payment"}) if self.every else home_desk.beginnings(self.session)

    @property
    def figure_address(self) -> dict[str, str]:
        """The arguments of a figure of what is looked at."""
        return self.choice.with_currency(self.currency or EVERY_CURRENCY)

    @cached_property
    def show(self) -> Show:
        """How values are written for the reader."""
        return Show(self.actor, reader())

    def money(self, amount_minor: int) -> str:
        """Return an amount of the currency looked at, for a sentence."""
        return f"{self.show.amount(amount_minor, self.currency)} {self.currency}"

    def points(self, share: Decimal) -> str:
        """Return a difference of rates in points, to a tenth."""
        return str(format_decimal(share.scaleb(2), format="#,##0.0", locale=reader().formats))

    def payments(self, **filters: Filter) -> str:
        """Return the address of the payments of these days, of the currency looked at."""
        return links.payments(self.choice.span, **{"currency": self.currency, **filters})

    def payments_of(self, day: date, **filters: Filter) -> str:
        """Return the address of the payments of one day, of the currency looked at."""
        span = DayRange(day, day, self.choice.span.zone)
        return links.payments(span, **{"currency": self.currency, **filters})

    def _most_frequent(self) -> str:
        sums: dict[str, int] = {}
        for each in self.every:
            sums[each.currency] = sums.get(each.currency, 0) + each.count
        return max(sorted(sums), key=sums.__getitem__, default="")
