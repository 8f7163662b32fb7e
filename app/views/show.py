"""How values look on a screen: amounts exact, times in the reader's language and zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from app.adapters import clock
from app.domain.actors import ActorKind
from app.domain.operations import OperationKind
from app.domain.permissions import Permission
from app.reports import formats
from app.views import codes, words
from app.views.base import Page, current_actor
from app.views.locales import reader

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from babel import Locale

    from app.domain.actors import Actor
    from app.views.locales import Reader
    from app.views.words import Badge

_SHORT_ID = 14
_RELATIVE = timedelta(days=7)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Show:
    """Everything that a template needs to show a value to this reader."""

    actor: Actor
    reader: Reader
    permissions = Permission
    operation_kinds = OperationKind

    @property
    def zone(self) -> ZoneInfo:
        """The reader's time zone."""
        return self.reader.zone

    @property
    def _locale(self) -> Locale:
        return self.reader.formats

    @property
    def is_staff(self) -> bool:
        """Whether the reader is of the house."""
        return self.actor.kind is ActorKind.STAFF

    def may(self, permission: str) -> bool:
        """Whether the reader holds a permission, such as `payments:refund`."""
        return self.actor.may(Permission(permission))

    def amount(self, amount_minor: int, currency: str) -> str:
        """Return an amount in major units, exact, with grouping and without its currency."""
        return formats.amount(amount_minor, currency, self._locale)

    def money(self, amount_minor: int, currency: str) -> str:
        """Return an amount with its currency, for a sentence; the two stay on one line."""
        return f"{self.amount(amount_minor, currency)}\N{NO-BREAK SPACE}{currency}"

    def plain_amount(self, amount_minor: int, currency: str) -> str:
        """Return an amount as a form takes it: no grouping, the reader's decimal mark."""
        return formats.plain_amount(amount_minor, currency, self._locale)

    def number(self, number: int) -> str:
        """Return a whole number with grouping."""
        return formats.number(number, self._locale)

    def percent(self, share: Decimal, decimals: int = 1) -> str:
        """Return a share of one as a percentage."""
        return formats.percent(share, self._locale, decimals)

    def when(self, moment: datetime) -> str:
        """Return how long ago it is, for a week; beyond that day and time in the reader's zone."""
        now = clock.now()
        away = abs(now - moment)
        if away >= _RELATIVE:
            return formats.moment(moment, self.zone, self._locale)
        if away < _MINUTE:
            return str(gettext("just now"))
        return formats.ago(moment, now, self._locale)

    def moment(self, moment: datetime) -> str:
        """Return day and time in the reader's zone, to the minute."""
        return formats.moment(moment, self.zone, self._locale)

    def exact(self, moment: datetime) -> str:
        """Return day and time in the reader's zone, to the second, with the zone's name."""
        return formats.exact(moment, self.zone, self._locale)

    def day(self, day: date) -> str:
        """Return a day."""
        return formats.day(day, self._locale)

    def utc(self, moment: datetime) -> str:
        """Return a moment in UTC, exact."""
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f UTC")

    def short(self, public_id: str) -> str:
        """Return an id shortened in the middle."""
        if len(public_id) <= _SHORT_ID:
            return public_id
        return f"{public_id[:9]}…{public_id[-4:]}"

    def payment_status(self, status: str) -> Badge:
        """Return a payment's status as this reader sees it."""
        return words.payment_badge(status, self.actor)

    def operation_state(self, state: str) -> Badge:
        """Return an operation's state."""
        return words.operation_badge(state)

    def task_state(self, state: str) -> Badge:
        """Return a task's state."""
        return words.task_badge(state)

    def approval_state(self, state: str) -> Badge:
        """Return the state of a request for approval."""
        return words.approval_badge(state)

    def operation(self, kind: str) -> str:
        """Return what an operation is called."""
        return words.operation_word(kind)

    def account(self, code: str) -> str:
        """Return what a ledger account is called."""
        return codes.account_word(code, self.actor)

    def kind(self, kind: str) -> str:
        """Return a code as words."""
        return codes.kind_word(kind)


def current() -> Show:
    """Return how this request shows its values."""
    return Show(current_actor(), reader())


def reader_zone() -> ZoneInfo:
    """Return the time zone of the reader."""
    return reader().zone


class Screen(Page):
    """A page whose templates may use the macros of `components/`, which need `show`."""

    def render(self, template: str, **context: Any) -> str:
        """Render a template with `show`."""
        return super().render(template, show=current(), **context)
