"""The home page: two figures, each with its table and with the payments behind every number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response
from flask_appbuilder import expose

from app.adapters import clock
from app.domain.money import Money, format_major
from app.domain.permissions import Permission
from app.queries import home
from app.queries.home import DayRange
from app.reports import success
from app.views import lists, words
from app.views.base import current_actor, needs, read_session
from app.views.show import Screen, reader_zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flask.typing import ResponseReturnValue

    from app.queries.home import DayCount

SPANS = (7, 30, 90)
_USUAL_SPAN = 30
COUNTED = sorted(status.value for status in success.PAID | success.NOT_PAID)


@dataclass(frozen=True, slots=True)
class Cell:
    """What one day has brought in one status."""

    day: date
    status: str
    word: str
    count: int
    amount_minor: int
    link: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How one method has done."""

    method: str
    paid: int
    not_paid: int
    rate: str
    link: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the reader looks at."""

    span: DayRange
    days: int
    currency: str
    currencies: Sequence[str]
    counts: Sequence[DayCount]


class HomeView(Screen):
    """`/`."""

    route_base = ""
    class_permission_name = "home"
    default_view = "index"

    @expose("/")
    @needs(Permission.HOME_READ)
    def index(self) -> ResponseReturnValue:
        """Show the figures of the last days."""
        chosen = _chosen()
        return self.render(
            "home/index.html",
            title="Home",
            chosen=chosen,
            currencies=[(code, code) for code in chosen.currencies],
            spans=[(str(days), f"{days} days") for days in SPANS],
            cells=_cells(chosen),
            rates=_rates(chosen),
        )

    @expose("/figures/volume.json")
    @needs(Permission.HOME_READ)
    def volume(self) -> ResponseReturnValue:
        """Return the figure of the volume by day and status."""
        import pandas as pd  # noqa: PLC0415  # half a second that only figures pay for

        from app.reports import figures  # noqa: PLC0415  # as above

        chosen = _chosen()
        columns = ["day", "status", "word", "amount", "count", "link"]
        rows = [
            (
                cell.day.isoformat(),
                cell.status,
                cell.word,
                format_major(Money(cell.amount_minor, chosen.currency)),
                cell.count,
                cell.link,
            )
            for cell in _cells(chosen)
        ]
        return _json(figures.volume(pd.DataFrame(rows, columns=columns), chosen.currency))

    @expose("/figures/success.json")
    @needs(Permission.HOME_READ)
    def success(self) -> ResponseReturnValue:
        """Return the figure of the success rate by method."""
        import pandas as pd  # noqa: PLC0415  # as above

        from app.reports import figures  # noqa: PLC0415  # as above

        columns = ["method", "rate", "paid", "not_paid", "link"]
        rows = [
            (rate.method, rate.rate, rate.paid, rate.not_paid, rate.link)
            for rate in _rates(_chosen())
            if rate.rate
        ]
        return _json(figures.success(pd.DataFrame(rows, columns=columns)))


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")


def _chosen() -> Chosen:
    days = lists.one_of("days", [str(days) for days in SPANS]) or str(_USUAL_SPAN)
    zone = reader_zone()
    today = clock.now().astimezone(zone).date()
    span = DayRange(today - timedelta(days=int(days) - 1), today, zone)
    counts = home.counts(read_session(), span)
    currencies = sorted({found.currency for found in counts})
    currency = lists.text("currency") or (currencies[0] if currencies else "")
    options = sorted({*currencies, currency} - {""})
    return Chosen(span, int(days), currency, options, counts)


def _cells(chosen: Chosen) -> list[Cell]:
    """Return what each day has brought, newest first; hidden statuses are summed into the shown."""
    actor = current_actor()
    sums: dict[tuple[date, str], tuple[int, int]] = {}
    for found in chosen.counts:
        if found.currency != chosen.currency:
            continue
        key = found.day, words.shown_status(found.status, actor).value
        count, amount = sums.get(key, (0, 0))
        sums[key] = count + found.count, amount + found.amount_minor
    return [
        Cell(
            day=day,
            status=status,
            word=words.payment_badge(status, actor).word,
            count=count,
            amount_minor=amount,
            link=_link(day, day, {"status": status, "currency": chosen.currency}),
        )
        for (day, status), (count, amount) in sorted(sums.items(), reverse=True)
    ]


def _rates(chosen: Chosen) -> list[Rate]:
    paid: dict[str, int] = {}
    not_paid: dict[str, int] = {}
    for found in chosen.counts:
        for statuses, sums in ((success.PAID, paid), (success.NOT_PAID, not_paid)):
            if found.status in statuses:
                sums[found.method] = sums.get(found.method, 0) + found.count
    return [
        Rate(
            method=method,
            paid=paid.get(method, 0),
            not_paid=not_paid.get(method, 0),
            rate=success.rate(paid.get(method, 0), not_paid.get(method, 0)),
            link=_link(chosen.span.first, chosen.span.last, {"method": method, "status": COUNTED}),
        )
        for method in sorted({*paid, *not_paid})
    ]


def _link(first: date, last: date, filters: dict[str, str | list[str]]) -> str:
    days = {"from": first.isoformat(), "to": last.isoformat()}
    return lists.link("PaymentsView.listed", {**days, **filters})
