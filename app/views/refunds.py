"""The refunds, newest first; each leads to its payment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.operations import OperationState
from app.domain.permissions import Permission
from app.queries import payment_list
from app.queries.payment_list import RefundFilter
from app.views import lists, payments_list, words
from app.views.base import needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

_CAPTURED = lazy_gettext("Captured")
_APART = lazy_gettext("Held apart")
LIST: Final = lists.List(
    name="refunds",
    endpoint="RefundsView.listed",
    columns=(
        lists.moment("asked", lazy_gettext("Asked"), "created_at", always=True),
        lists.field("refund", lazy_gettext("Refund"), "public_id", always=True),
        lists.field("payment", lazy_gettext("Payment"), "payment_public_id", usual=False),
        lists.merchant(),
        lists.field("reference", lazy_gettext("Reference"), "reference"),
        lists.field("reason", lazy_gettext("Reason"), "reason"),
        Column(
            "money",
            lazy_gettext("Of which money"),
            lambda row, _sheet: str(_APART if row.suspense else _CAPTURED),
            usual=False,
        ),
        lists.field("by", lazy_gettext("Asked by"), "requested_by", usual=False),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(words.operation_badge(row.state).word),
        ),
        Column(
            "failure",
            lazy_gettext("Why it failed"),
            lambda row, _sheet: payments_list.failure_word(row.failure_code),
            usual=False,
        ),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), lambda value: words.operation_badge(value).word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        *lists.AMOUNTS,
        Filter("reference", lazy_gettext("Reference")),
        Filter("payer", lazy_gettext("Payer"), payments_list.payer_word),
    ),
)


class RefundsView(Screen):
    """`/refunds/`."""

    route_base = "/refunds"
    class_permission_name = "payments"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PAYMENTS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the refunds."""
        page = lists.read(_find, LIST, count=_count)
        states = [(state.value, badge.word) for state, badge in words.OPERATION_BADGES.items()]
        text = self.render(
            "refunds/list.html", title=gettext("Refunds"), listed=page, states=states
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
        """Hand out the list, or the rows that were ticked, as a file."""
        wanted = replace(_wanted(), ids=lists.ids())
        return lists.download(
            LIST, lambda session, window: payment_list.refunds(session, wanted, window)
        )


def _wanted() -> RefundFilter:
    first, before = lists.moments()
    currency, least, most = lists.amounts()
    return RefundFilter(
        created_from=first,
        created_before=before,
        currency=currency,
        least_minor=least,
        most_minor=most,
        states=lists.many_of("state", list(OperationState)),
        merchant=lists.text("merchant"),
        reference=lists.text("reference"),
        payer=lists.text("payer"),
    )


def _find(window: Window) -> Slice:
    return payment_list.refunds(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return payment_list.count_refunds(read_session(), _wanted())
