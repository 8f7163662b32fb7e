"""How values look on a screen: amounts exact, times in the reader's zone with UTC behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import g, has_request_context

from app.domain.actors import ActorKind
from app.domain.money import Money, format_major
from app.domain.operations import OperationKind
from app.domain.permissions import Permission
from app.queries import listing
from app.views import words
from app.views.base import Page, current_actor, read_session

if TYPE_CHECKING:
    from datetime import datetime

    from app.domain.actors import Actor
    from app.views.words import Badge

_SHORT_ID = 14


@dataclass(frozen=True, slots=True)
class Show:
    """Everything that a template needs to show a value to this reader."""

    actor: Actor
    zone: ZoneInfo
    permissions = Permission
    operation_kinds = OperationKind

    @property
    def is_staff(self) -> bool:
        """Whether the reader is of the house."""
        return self.actor.kind is ActorKind.STAFF

    def may(self, permission: str) -> bool:
        """Whether the reader holds a permission, such as `payments:refund`."""
        return self.actor.may(Permission(permission))

    def amount(self, amount_minor: int, currency: str) -> str:
        """Return an amount in major units, exact and without its currency."""
        return format_major(Money(amount_minor, currency))

    def when(self, moment: datetime) -> str:
        """Return a moment in the reader's zone, to the minute."""
        return moment.astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

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

    def operation(self, kind: str) -> str:
        """Return what an operation is called."""
        return words.operation_word(kind)

    def account(self, code: str) -> str:
        """Return what a ledger account is called."""
        return words.account_word(code, self.actor)

    def kind(self, kind: str) -> str:
        """Return a code as words."""
        return words.kind_word(kind)


def reader_zone() -> ZoneInfo:
    """Return the time zone of the reader's merchant, read once a request; UTC for the house."""
    if not has_request_context():
        return ZoneInfo("UTC")
    if "payagency_zone" not in g:
        name = listing.timezone_of(read_session(), current_actor().merchant_id)
        try:
            g.payagency_zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            g.payagency_zone = ZoneInfo("UTC")
    zone: ZoneInfo = g.payagency_zone
    return zone


class Screen(Page):
    """A page whose templates may use the macros of `components/`, which need `show`."""

    def render(self, template: str, **context: Any) -> str:
        """Render a template with `show`."""
        show = Show(current_actor(), reader_zone())
        return super().render(template, show=show, **context)
