"""Payment links in the reader's words, and the address that is given to payers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask_babel import gettext, lazy_gettext

import config
from app.domain.payment_links import LinkKind, LinkState
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Callable

BADGES: Final = {
    LinkState.ACTIVE: Badge(lazy_gettext("Can be paid"), "success", "check-lg"),
    LinkState.PAID: Badge(lazy_gettext("Paid"), "neutral", "check-circle"),
    LinkState.EXPIRED: Badge(lazy_gettext("Expired"), "neutral", "clock"),
    LinkState.OFF: Badge(lazy_gettext("Switched off"), "warning", "slash-circle"),
}
KINDS: Final = {
    LinkKind.ONE_OFF: lazy_gettext("One-off"),
    LinkKind.REUSABLE: lazy_gettext("Reusable"),
}


def address(token: str) -> str:
    """Return the address of a link, to be given to payers."""
    return f"{config.get().public_url}/link/{token}"


def state_word(state: str) -> str:
    """Return how a link stands, in a word."""
    return str(BADGES[LinkState(state)].word)


def kind_word(kind: str) -> str:
    """Return how often a link may be paid, in a word."""
    return str(KINDS[LinkKind(kind)])


def amount_words(row: Any, money: Callable[[int, str], str]) -> str:
    """Return what a link asks for: its amount, or what may be entered."""
    if row.amount_minor is not None:
        return money(row.amount_minor, row.currency)
    least = money(row.least_minor, row.currency)
    if row.most_minor is None:
        return str(gettext("Entered by the payer, at least %(least)s", least=least))
    most = money(row.most_minor, row.currency)
    return str(gettext("Entered by the payer, %(least)s to %(most)s", least=least, most=most))


def share_words(row: Any, merchant: str, money: Callable[[int, str], str]) -> str:
    """Return a message to a payer, to be sent by mail or in a chat."""
    where = address(row.token)
    if row.amount_minor is None:
        return str(
            gettext(
                "%(title)s: pay %(merchant)s here: %(address)s",
                title=row.title,
                merchant=merchant,
                address=where,
            )
        )
    return str(
        gettext(
            "%(title)s: pay %(amount)s to %(merchant)s here: %(address)s",
            title=row.title,
            amount=money(row.amount_minor, row.currency),
            merchant=merchant,
            address=where,
        )
    )


def mail(row: Any, message: str) -> str:
    """Return what opens the reader's mail program with a message to the payer, if it is known."""
    to = quote(row.customer_email or "", safe="@")
    return f"mailto:{to}?subject={quote(row.title)}&body={quote(message)}"
