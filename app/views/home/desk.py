"""What waits for the reader: each line with its number, its age and its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from flask import url_for
from flask_babel import gettext, ngettext

from app.domain import policies
from app.domain.actors import ActorKind
from app.domain.ledger.accounts import SUSPENSE
from app.domain.permissions import Permission
from app.queries import home_desk
from app.queries.home import midnight
from app.queries.home_desk import Since
from app.views import lists
from app.views.home.needs import MINDS_MONEY, NEEDS, lately

if TYPE_CHECKING:
    from datetime import datetime

    from app.domain.actors import Actor
    from app.queries.home_desk import Balance
    from app.views.home.board import Board

_MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class Line:
    """Something that waits.

    `names` are (name, address) of its rows where they have no list of their own; `amount_minor`
    of `currency` is shown behind the sentence where there is a currency.
    """

    sentence: str
    link: str
    icon: str
    tone: str
    oldest: datetime | None = None
    names: list[tuple[str, str]] = field(default_factory=list)
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The lines of a reader."""

    lines: list[Line]


def build(board: Board) -> Desk | None:
    """Return what waits; None for whom nothing of this ever waits."""
    actor = board.actor
    asked = [need for need in NEEDS if need.concerns(actor)]
    if not asked and not _grants(actor):
        return None
    today, zone = board.choice.today, board.choice.span.zone
    since = Since(
        midnight(today, zone),
        midnight(lately(today), zone),
        policies.decided_by(actor.permissions),
        actor.user_id,
    )
    found = home_desk.waiting(board.session, {need.name for need in asked}, since)
    lines = [
        Line(
            sentence=need.words(found[need.name].count),
            link=lists.link(need.endpoint, dict(need.arguments(today))),
            icon=need.icon,
            tone=need.tone,
            oldest=found[need.name].oldest,
        )
        for need in asked
        if need.name in found
    ]
    return Desk([*lines, *_suspense(board), *_without_capability(board)])


def _grants(actor: Actor) -> bool:
    """Whether the reader decides what merchants may do."""
    return actor.kind is ActorKind.STAFF and actor.may(Permission.CAPABILITIES_UPDATE)


def _suspense(board: Board) -> list[Line]:
    actor = board.actor
    if actor.kind is not ActorKind.STAFF or not actor.permissions >= MINDS_MONEY:
        return []
    return [_held(each) for each in board.house_balances if _is_suspense(each)]


def _is_suspense(found: Balance) -> bool:
    return found.code.partition(":")[0] == SUSPENSE.code and found.balance_minor != 0


def _held(found: Balance) -> Line:
    return Line(
        sentence=gettext("Money in suspense belongs to nobody yet"),
        link=url_for("LedgerView.account", public_id=found.public_id),
        icon="patch-question",
        tone="warning",
        amount_minor=-found.balance_minor,
        currency=found.currency,
    )


def _without_capability(board: Board) -> list[Line]:
    if not _grants(board.actor):
        return []
    found = home_desk.without_capability(board.session, _MOST_NAMES + 1)
    if not found:
        return []
    count = len(found)
    sentence = (
        gettext("More than %(num)s merchants may do nothing in this book yet", num=_MOST_NAMES)
        if count > _MOST_NAMES
        else ngettext(
            "%(num)d merchant may do nothing in this book yet",
            "%(num)d merchants may do nothing in this book yet",
            count,
        )
    )
    names = [
        (row.name, url_for("MerchantsView.show", pk=row.public_id)) for row in found[:_MOST_NAMES]
    ]
    return [
        Line(sentence, url_for("MerchantsView.list"), "shop", "warning", found[0].created_at, names)
    ]
