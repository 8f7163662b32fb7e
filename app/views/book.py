"""Which book is open, and for which merchant one acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, session
from flask_appbuilder.views import expose
from flask_babel import gettext

from app.domain.permissions import Permission
from app.security.actors import BOOK, MERCHANT, choices
from app.views.base import Page, needs

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_BOOKS = {"test": False, "live": True}


class BookView(Page):
    """Two switches in the top bar; what they choose is checked again in every request."""

    route_base = "/book"
    class_permission_name = "book"

    @expose("/", methods=["POST"])
    @needs(Permission.BOOK_SWITCH)
    def switch(self) -> ResponseReturnValue:
        """Open the test book or the live book."""
        book = request.form.get("book", "")
        if book not in _BOOKS:
            abort(400, gettext("The book is either test or live."))
        session[BOOK] = _BOOKS[book]
        opened = {
            "test": gettext("The test book is open now."),
            "live": gettext("The live book is open now."),
        }
        flash(opened[book], "info")
        return redirect(self.appbuilder.get_url_for_index)

    @expose("/merchant", methods=["POST"])
    @needs(Permission.BOOK_SWITCH)
    def merchant(self) -> ResponseReturnValue:
        """Act for another merchant of one's memberships."""
        wanted = request.form.get("merchant", "")
        names = {choice.key: choice.name for choice in choices()}
        if wanted not in names:
            abort(404)
        session[MERCHANT] = wanted
        flash(gettext("You act for %(merchant)s now.", merchant=names[wanted]), "info")
        return redirect(self.appbuilder.get_url_for_index)
