"""What is found by its id besides payments and merchants, for whoever may open its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import url_for
from flask_babel import lazy_gettext

from app.adapters import clock
from app.domain.identifiers import PREFIXES
from app.domain.permissions import Permission
from app.domain.policies import POLICIES
from app.queries import prices, search_others
from app.views import desk_words, dispute_words, price_page, words
from app.views.base import current_actor, read_session
from app.views.locales import reader, translate
from app.views.search_hits import Group, Hit, merchants_of
from app.views.show import Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask_babel.speaklater import LazyString

    from app.domain.search_terms import Terms
    from app.queries.search import Rows
    from app.views.words import Badge


@dataclass(frozen=True, slots=True)
class _Kind:
    """What has ids of one prefix: who may see it, where its page is, and how a row is told."""

    label: LazyString
    permission: Permission
    endpoint: str
    title: Callable[[Any], str]
    badge: Callable[[Any], Badge]


def _command(row: Any) -> str:
    policy = POLICIES.get(row.command)
    return translate(policy.title) if policy else str(row.command)


def _stage(row: Any) -> Badge:
    stage = prices.stage_of(row.state, row.effective_from, row.next_from, clock.now())
    return price_page.BADGES[stage]


_EVENTS: Final = _Kind(
    lazy_gettext("Provider's messages by id"),
    Permission.INBOUND_READ,
    "InboundView.show",
    lambda row: str(row.kind),
    lambda row: dispute_words.event_badge(row.state),
)
KINDS: Final = {
    PREFIXES["desk_case"]: _Kind(
        lazy_gettext("Cases by id"),
        Permission.DESK_READ,
        "DeskView.show",
        lambda row: str(desk_words.kind_badge(row.kind).word),
        lambda row: desk_words.state_badge(row.state),
    ),
    PREFIXES["dispute"]: _Kind(
        lazy_gettext("Disputes by id"),
        Permission.DISPUTES_READ,
        "DisputesView.show",
        lambda row: str(row.reference),
        lambda row: dispute_words.dispute_badge(row.status),
    ),
    PREFIXES["approval_request"]: _Kind(
        lazy_gettext("Requests by id"),
        Permission.APPROVALS_READ,
        "ApprovalsView.show",
        _command,
        lambda row: words.approval_badge(row.state),
    ),
    PREFIXES["price_list"]: _Kind(
        lazy_gettext("Price lists by id"),
        Permission.PRICES_READ,
        "PriceListsView.show",
        lambda row: str(row.currency),
        _stage,
    ),
    PREFIXES["inbound_event"]: _EVENTS,
}
_FIND: Final = {
    PREFIXES["desk_case"]: search_others.cases,
    PREFIXES["dispute"]: search_others.disputes,
    PREFIXES["approval_request"]: search_others.requests,
    PREFIXES["price_list"]: search_others.price_lists,
    PREFIXES["inbound_event"]: search_others.events,
}


def found(terms: Terms) -> Iterator[Group]:
    """Yield what has an id that begins as was typed, and the events that a provider calls so."""
    prefix, session = terms.other_id.partition("_")[0], read_session()
    kind = KINDS.get(prefix)
    if kind is not None and current_actor().may(kind.permission):
        yield from _group(kind, _FIND[prefix](session, terms.other_id))
    if terms.event_id and current_actor().may(_EVENTS.permission):
        yield from _group(_EVENTS, search_others.events_of_provider(session, terms.event_id))


def _group(kind: _Kind, rows: Rows) -> Iterator[Group]:
    if rows:
        show, names = Show(current_actor(), reader()), merchants_of([rows])
        yield Group(str(kind.label), [_hit(kind, show, row, names) for row in rows])


def _hit(kind: _Kind, show: Show, row: Any, names: dict[int, str]) -> Hit:
    badge = kind.badge(row)
    about = (names.get(row.merchant_id), show.short(row.public_id), show.when(row.moment))
    return Hit(
        href=url_for(kind.endpoint, public_id=row.public_id),
        title=kind.title(row),
        note=" · ".join(str(part) for part in about if part),
        icon=badge.icon,
        amount=_amount(show, row),
        status=str(badge.word),
        tone=badge.tone,
    )


def _amount(show: Show, row: Any) -> str:
    amount_minor = getattr(row, "amount_minor", None)
    return (
        "" if amount_minor is None else f"{show.amount(amount_minor, row.currency)} {row.currency}"
    )
