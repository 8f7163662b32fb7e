"""A merchant's balance: where its money stands, what comes next, and what moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.balance_transactions import PLACES, number_of
from app.domain.currencies import parse_currency
from app.domain.ledger.journals import JournalKind
from app.domain.permissions import Permission
from app.queries import balance_lines, listing, releases
from app.queries.balance_lines import LineFilter
from app.queries.listing import Slice
from app.queries.releases import ReleaseFilter
from app.views import balance_rows, codes, lists, one_merchant, payments_list
from app.views import releases as coming
from app.views.balance_rows import place_word
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.queries.listing import Window
    from app.views.balance_rows import Figure
    from app.views.lists import Listed

_MOST_DATES: Final = 5
_NEVER: Final = frozenset(
    {JournalKind.DISPUTE_WITHDRAWN, JournalKind.SURPLUS, JournalKind.SURPLUS_RETURNED}
)
"""Kinds of journals that do not touch a merchant's account."""
_NARROWING: Final = ("kind", "place", "currency", "period", "from", "to", "older", "newer")

LIST: Final = lists.List(
    name="balance",
    endpoint="BalanceView.listed",
    columns=(
        lists.moment("posted", lazy_gettext("Posted"), "created_at", always=True),
        lists.field("transaction", lazy_gettext("Transaction"), "public_id", always=True),
        Column("kind", lazy_gettext("What"), lambda row, _sheet: codes.kind_word(row.kind)),
        Column(
            "place",
            lazy_gettext("Where"),
            lambda row, sheet: place_word(row.place, sheet.actor),
        ),
        lists.field("payment", lazy_gettext("Payment"), "payment"),
        lists.moment("available", lazy_gettext("Available on"), "available_at", usual=False),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
    ),
    filters=(
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        Filter("kind", lazy_gettext("What"), codes.kind_word),
        Filter("place", lazy_gettext("Where"), lambda place: place_word(place, current_actor())),
        Filter("currency", lazy_gettext("Currency"), str.upper),
    ),
)


class BalanceView(Screen):
    """`/balance/`."""

    route_base = "/balance"
    class_permission_name = "ledger"
    default_view = "listed"

    @expose("/")
    @needs(Permission.LEDGER_READ)
    def listed(self) -> ResponseReturnValue:
        """Show where the money stands, the nearest releases, and a page of what moved it."""
        page = lists.read(_find, LIST)
        text = self.render(
            "balance/list.html",
            title=gettext("Balance"),
            listed=page,
            kinds=_kinds(),
            places=[(place, place_word(place, current_actor())) for place in PLACES],
            **_around(page),
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.LEDGER_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.LEDGER_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: _read(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.LEDGER_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one balance transaction: what else its occasion moved, and its fee."""
        session, actor = read_session(), current_actor()
        page = balance_rows.opened(session, public_id)
        merchant = balance_lines.merchant_of(session, number_of(public_id) or 0)
        return self.render(
            "balance/show.html",
            title=codes.kind_word(page.line.kind),
            page=page,
            line=page.line,
            merchant=listing.merchant_names(session, [merchant or 0]).get(merchant or 0, ""),
            place_word=lambda place: place_word(place, actor),
        )


def _around(page: Listed) -> dict[str, Any]:
    """Return what stands above the list: nothing while no merchant is chosen, or none can be."""
    merchant_id = None if page.fault else one_merchant.chosen()
    if merchant_id is None:
        return {"standing": {}, "dates": (), "is_chosen": False, "account": ""}
    session = read_session()
    standing = balance_rows.standing(session, merchant_id)
    dates: Sequence[Any] = ()
    if not any(page.first(name) for name in _NARROWING):
        wanted = ReleaseFilter(merchant=lists.text(one_merchant.ARGUMENT))
        dates = releases.dates(session, wanted)[:_MOST_DATES]
    return {
        "is_chosen": True,
        "standing": standing,
        "lines_at": _lines_at,
        "dates": dates,
        "lot_word": coming.kind_word,
        "account": _account(page, standing),
    }


def _account(page: Listed, standing: Mapping[str, Sequence[Figure]]) -> str:
    """Return the ledger account whose lines are shown, where they are those of one."""
    currency, place = page.first("currency").casefold(), page.first("place")
    for code, figures in standing.items():
        if code.casefold() == currency:
            return next((each.account for each in figures if each.place == place), "")
    return ""


def _lines_at(currency: str, place: str) -> str:
    """Return the address of the lines that make a figure."""
    merchant = lists.text(one_merchant.ARGUMENT) or None
    address: str = url_for(
        "BalanceView.listed", merchant=merchant, currency=currency, place=place, _anchor="lines"
    )
    return address


def _kinds() -> list[tuple[str, str]]:
    return [(kind.value, codes.kind_word(kind)) for kind in JournalKind if kind not in _NEVER]


def _wanted() -> LineFilter | None:
    """Return what the address asks for; None while the house has chosen no merchant."""
    first, before = lists.moments()
    merchant_id, currency = one_merchant.chosen(), lists.text("currency")
    if merchant_id is None:
        return None
    return LineFilter(
        created_from=first,
        created_before=before,
        currency=parse_currency(currency) if currency else "",
        kind=lists.one_of("kind", list(JournalKind)),
        place=lists.one_of("place", PLACES),
        merchant_id=merchant_id,
    )


def _find(window: Window) -> Slice:
    return _read(read_session(), _wanted(), window)


def _read(session: Session, wanted: LineFilter | None, window: Window) -> Slice:
    if wanted is None:
        return Slice([], None, None)
    return balance_rows.page(session, wanted, window)
