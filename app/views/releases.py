"""What becomes available to merchants, and when: the lots that wait for their date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.ledger.lots import LotKind
from app.domain.permissions import Permission
from app.queries import listing, releases
from app.queries.releases import ReleaseFilter
from app.views import account_words, lists, payments_list
from app.views.base import needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window


def kind_word(kind: str) -> str:
    """Return on which of the merchant's accounts a lot lies."""
    return str(account_words.CHART[f"merchant:{kind}"])


LIST: Final = lists.List(
    name="releases",
    endpoint="ReleasesView.listed",
    columns=(
        lists.moment("release", lazy_gettext("Released on"), "release_at", always=True),
        lists.field("lot", lazy_gettext("Lot"), "public_id", usual=False),
        lists.merchant(),
        Column("kind", lazy_gettext("Lies in"), lambda row, _sheet: kind_word(row.kind)),
        lists.field("payment", lazy_gettext("Payment"), "payment_public_id"),
        lists.field("reference", lazy_gettext("Reference"), "reference", usual=False),
        Column(
            "stopped",
            lazy_gettext("Waits for"),
            lambda row, _sheet: gettext("An open dispute") if row.is_disputed else "",
        ),
        lists.money("aside", lazy_gettext("Put aside"), "amount_minor", usual=False),
        lists.with_currency(
            lists.money("left", lazy_gettext("To release"), "left_minor", always=True)
        ),
    ),
    filters=(
        Filter("kind", lazy_gettext("Lies in"), kind_word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        Filter("currency", lazy_gettext("Currency"), str.upper),
    ),
)


class ReleasesView(Screen):
    """`/releases/`."""

    route_base = "/releases"
    class_permission_name = "ledger"
    default_view = "listed"

    @expose("/")
    @needs(Permission.LEDGER_READ)
    def listed(self) -> ResponseReturnValue:
        """Show the nearest dates, and a page of the lots."""
        page = lists.read(_find, LIST, count=_count)
        is_first = not page.newer and not page.fault
        dates = releases.dates(read_session(), _wanted()) if is_first else ()
        text = self.render(
            "releases/list.html",
            title=gettext("Coming releases"),
            listed=page,
            dates=dates,
            names=listing.merchant_names(read_session(), {row.merchant_id for row in dates}),
            kinds=[(kind.value, kind_word(kind)) for kind in LotKind],
            kind_word=kind_word,
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
        """Hand out the list, or the lots that were ticked, as a file."""
        wanted = replace(_wanted(), ids=lists.ids())
        return lists.download(LIST, lambda session, window: releases.page(session, wanted, window))


def _wanted() -> ReleaseFilter:
    first, before = lists.moments()
    return ReleaseFilter(
        release_from=first,
        release_before=before,
        kind=lists.one_of("kind", list(LotKind)),
        currency=lists.text("currency").upper(),
        merchant=lists.text("merchant"),
    )


def _find(window: Window) -> Slice:
    return releases.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return releases.count(read_session(), _wanted())
