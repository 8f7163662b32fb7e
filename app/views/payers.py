"""Who paid: the payers of merchants, and the page of one with all that it has paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.errors import NotFoundError, said
from app.queries import listing, payers
from app.queries.payers import PayerFilter
from app.views import dispute_words, lists, one_merchant, payer_sums, payments_list
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.listing import Slice, Window
    from app.queries.payers import PayerRow
    from app.views.lists import Sheet


def _paid(row: PayerRow, _sheet: Sheet) -> str:
    """Return what was paid for a file: amounts in major units, each with its currency."""
    told = (
        f"{lists.exact(each.captured_minor, each.currency)} {each.currency}" for each in row.paid
    )
    return "; ".join(told)


LIST: Final = lists.List(
    name="payers",
    endpoint="PayersView.listed",
    columns=(
        lists.field("email", lazy_gettext("E-mail"), "email", always=True),
        lists.field("name", lazy_gettext("Name"), "name"),
        lists.merchant(),
        lists.moment("last", lazy_gettext("Last payment"), "created_at", always=True),
        Column("number", lazy_gettext("Payments"), lambda row, _sheet: row.number, number=True),
        Column("paid", lazy_gettext("Paid"), _paid, number=True, always=True),
    ),
    filters=(
        Filter("email", lazy_gettext("E-mail")),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)


class PayersView(Screen):
    """`/payers/`."""

    route_base = "/payers"
    class_permission_name = "payments"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PAYMENTS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the payers, the one who paid last first."""
        page = lists.read(_find, LIST)
        text = self.render(
            "payers/list.html",
            title=gettext("Payers"),
            listed=page,
            most_read=payers.MOST_READ,
            is_cut=page.older is not None and len(page.found.rows) < listing.PAGE_ROWS,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.PAYMENTS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.PAYMENTS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: payers.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.PAYMENTS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show the payer of a payment: sums by currency, its payments, refunds and disputes."""
        session = read_session()
        payer = payers.get(session, public_id)
        if payer is None:
            raise NotFoundError(said("There is no payer of a payment {id}.", id=public_id))
        page = payer_sums.build(session, current_actor(), payer)
        return self.render(
            "payers/show.html",
            title=page.row.name or page.row.email,
            page=page,
            badge=dispute_words.dispute_badge,
        )


def _wanted() -> PayerFilter:
    first, before = lists.moments()
    return PayerFilter(
        merchant_id=one_merchant.chosen(),
        email=lists.text("email"),
        paid_from=first,
        paid_before=before,
    )


def _find(window: Window) -> Slice:
    return payers.page(read_session(), _wanted(), window)
