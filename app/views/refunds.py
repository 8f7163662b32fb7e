"""The refunds, newest first; each leads to its payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import expose

from app.domain.operations import OperationState
from app.domain.permissions import Permission
from app.queries import listing, payment_list
from app.queries.payment_list import RefundFilter
from app.views import lists, words
from app.views.base import needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.listing import Slice, Window


class RefundsView(Screen):
    """`/refunds/`."""

    route_base = "/refunds"
    class_permission_name = "payments"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PAYMENTS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the refunds."""
        page = lists.read(_find)
        ids = {row.merchant_id for row in page.found.rows}
        text = self.render(
            "refunds/list.html",
            title="Refunds",
            listed=page,
            merchants=listing.merchant_names(read_session(), ids),
            states=[(state.value, badge.word) for state, badge in words.OPERATION_BADGES.items()],
        )
        return text, page.status


def _find(window: Window) -> Slice:
    first, before = lists.moments()
    wanted = RefundFilter(
        created_from=first,
        created_before=before,
        states=lists.many_of("state", list(OperationState)),
        merchant=lists.text("merchant"),
    )
    return payment_list.refunds(read_session(), wanted, window)
