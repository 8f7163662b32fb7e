"""What the reader looks at: the days, the currency and how the volume is divided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.adapters import clock
from app.domain.actors import ActorKind
from app.errors import BadInputError, said
from app.queries.home import DayRange
from app.views import lists
from app.views.base import current_actor
from app.views.locales import told
from app.views.show import reader_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

EVERY_CURRENCY: Final = "all"
MOST_DAYS: Final = 366
CUSTOM: Final = "custom"
PERIODS: Final = {
    "today": lazy_gettext("Today"),
    "7d": lazy_gettext("Last 7 days"),
    "30d": lazy_gettext("Last 30 days"),
    "90d": lazy_gettext("Last 90 days"),
    "month": lazy_gettext("This month"),
    CUSTOM: lazy_gettext("Days of your choice"),
}
DIVISIONS: Final = {"status": lazy_gettext("Status"), "method": lazy_gettext("Method")}
_BEGINS: Final[Mapping[str, Callable[[date], date]]] = {
    "today": lambda today: today,
    "7d": lambda today: today - timedelta(days=6),
    "30d": lambda today: today - timedelta(days=29),
    "90d": lambda today: today - timedelta(days=89),
    "month": lambda today: today.replace(day=1),
}
# All merchants together are many: the house begins with few days.
_USUAL: Final = {ActorKind.STAFF: "7d"}
_USUAL_OF_OTHERS: Final = "30d"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the address asks for; `currency` is empty where it leaves that open.

    `fault` says what is wrong with it; the rest is then the usual choice.
    """

    period: str
    span: DayRange
    today: date
    currency: str
    by: str
    fault: str = ""

    @property
    def words(self) -> str:
        """What the days are called."""
        return str(PERIODS[self.period])

    @property
    def address(self) -> dict[str, str]:
        """The arguments of an address that asks for the same."""
        days = {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        own = {"period": self.period, "currency": self.currency, "by": self.by}
        kept = own | days if self.period == CUSTOM else own
        return {name: value for name, value in kept.items() if value}

    def with_period(self, period: str) -> dict[str, str]:
        """The arguments for other days."""
        kept = {name: value for name, value in self.address.items() if name not in {"from", "to"}}
        return kept | {"period": period}

    def with_currency(self, currency: str) -> dict[str, str]:
        """The arguments for another currency."""
        return self.address | {"currency": currency}

    def with_division(self, by: str) -> dict[str, str]:
        """The arguments for a volume that is divided otherwise."""
        return self.address | {"by": by}


def read() -> Choice:
    """Read the address; what makes no sense is told, and the usual days are shown."""
    try:
        return _asked()
    except BadInputError as error:
        usual = _usual()
        span = _span(usual)
        return Choice(usual, span, _today(), "", "status", fault=told(error))


def _asked() -> Choice:
    period = lists.one_of("period", PERIODS) or (CUSTOM if lists.text("from") else _usual())
    currency = lists.text("currency")
    by = lists.one_of("by", DIVISIONS) or "status"
    return Choice(period, _span(period), _today(), currency, by)


def _usual() -> str:
    return _USUAL.get(current_actor().kind, _USUAL_OF_OTHERS)


def _today() -> date:
    return clock.now().astimezone(reader_zone()).date()


def _span(period: str) -> DayRange:
    today = _today()
    if period != CUSTOM:
        return DayRange(_BEGINS[period](today), today, reader_zone())
    lists.moments()  # refuses days that stand in the wrong order
    first = lists.day("from") or today
    last = lists.day("to") or max(first, today)
    if (last - first).days >= MOST_DAYS:
        raise BadInputError(
            "to",
            said("is too far from the first day."),
            said("Choose at most {days} days.", days=MOST_DAYS),
        )
    return DayRange(first, last, reader_zone())
