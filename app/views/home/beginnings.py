"""The first steps of a new installation, as long as nobody has paid anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import url_for
from flask_babel import lazy_gettext

from app.domain.permissions import Permission

if TYPE_CHECKING:
    from app.views.home.board import Board

_P = Permission


@dataclass(frozen=True, slots=True)
class Beginning:
    """A step: who may take it, and what there is once it is taken."""

    words: str
    hint: str
    permission: Permission
    endpoint: str
    makes: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step as it is drawn."""

    words: str
    hint: str
    link: str
    is_done: bool


BEGINNINGS: Final = (
    Beginning(
        lazy_gettext("Create a merchant"),
        lazy_gettext("A business that takes payments through you."),
        _P.MERCHANTS_CREATE,
        "MerchantsView.add",
        "merchant",
    ),
    Beginning(
        lazy_gettext("Say what the merchant may do"),
        lazy_gettext("Grant cards, UPI or bulk files; without a grant nothing can be asked."),
        _P.CAPABILITIES_UPDATE,
        "CapabilitiesView.add",
        "capability",
    ),
    Beginning(
        lazy_gettext("Set the merchant's price"),
        lazy_gettext("The fee of a captured payment, by method and currency."),
        _P.PRICES_UPDATE,
        "PriceListsView.new",
        "price",
    ),
    Beginning(
        lazy_gettext("Add the merchant's people"),
        lazy_gettext("An owner makes payments and confirms files; a clerk uploads them."),
        _P.USERS_CREATE,
        "UsersView.add",
        "person",
    ),
    Beginning(
        lazy_gettext("Make an API key"),
        lazy_gettext("Your own program signs in with it; its secret is shown once."),
        _P.KEYS_UPDATE,
        "ApiKeysView.new",
        "key",
    ),
    Beginning(
        lazy_gettext("Make a first payment"),
        lazy_gettext("In the test book no money moves."),
        _P.PAYMENTS_CREATE,
        "PaymentsView.new",
        "payment",
    ),
    Beginning(
        lazy_gettext("Upload a file of payments"),
        lazy_gettext("It is checked first; nothing starts before it is confirmed."),
        _P.UPLOADS_CREATE,
        "UploadsView.new",
        "upload",
    ),
)


def build(board: Board) -> list[Step] | None:
    """Return the reader's steps; None once there is a payment, or where none is theirs."""
    own = [each for each in BEGINNINGS if board.actor.may(each.permission)]
    if not own or "payment" in board.beginnings:
        return None
    return [
        Step(each.words, each.hint, url_for(each.endpoint), each.makes in board.beginnings)
        for each in own
    ]
