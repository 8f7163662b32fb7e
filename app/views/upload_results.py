"""What became of each row of a file, as a file: its payment, and the page for a payer to act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext

from app.views import link_words, lists, payer_page, words
from app.views.lists import Column
from app.views.locales import translate

if TYPE_CHECKING:
    from app.views.lists import Sheet

_STATES: Final = {
    "created": lazy_gettext("Payment made"),
    "linked": lazy_gettext("Payment link made"),
    "retried": lazy_gettext("Tried again"),
    "already_done": lazy_gettext("Already done"),
    "failed_before": lazy_gettext("Failed before"),
    "refused": lazy_gettext("Refused"),
}


def _status(row: Any, sheet: Sheet) -> str:
    return str(words.payment_badge(row.status, sheet.actor).word) if row.status else ""


def _page(row: Any, _sheet: Sheet) -> str:
    """Return the address of the payer's page, while there is something to do on it."""
    waits = bool(row.status) and words.payer_state(row.status) == "waiting"
    acts = row.status == "requires_action" or row.method != "card"
    return payer_page.address(row.page_token) if waits and acts else ""


def _link(row: Any, _sheet: Sheet) -> str:
    """Return the address of the link that a row became."""
    return link_words.address(row.link_token) if row.link_token else ""


LIST: Final = lists.List(
    name="results",
    endpoint="UploadsView.list",
    columns=(
        lists.field("line", lazy_gettext("Line"), "line", always=True),
        lists.field("reference", lazy_gettext("Reference"), "reference", always=True),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
        Column(
            "result",
            lazy_gettext("Result"),
            lambda row, _sheet: str(_STATES.get(row.state, row.state)),
            always=True,
        ),
        Column(
            "why",
            lazy_gettext("Why"),
            lambda row, _sheet: translate(row.message or ""),
            always=True,
        ),
        lists.field("payment", lazy_gettext("Payment"), "payment", always=True),
        Column("status", lazy_gettext("Status"), _status, always=True),
        Column("page", lazy_gettext("Payer's page"), _page, always=True),
        lists.field("link", lazy_gettext("Payment link"), "link", always=True),
        Column("address", lazy_gettext("Address of the link"), _link, always=True),
    ),
)
