"""Generated screens whose changes are only asked for: a second person decides on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext, lazy_gettext
from markupsafe import Markup, escape
from wtforms import StringField
from wtforms.validators import Length

from app.domain.permissions import Permission
from app.errors import BadInputError
from app.queries import approvals
from app.queries.approvals import ApprovalFilter
from app.services.approvals.base import MOST_REASON
from app.services.record_rules import PROTECTED
from app.views.base import current_actor, read_session
from app.views.crud import RecordView
from app.views.fields import required
from app.views.forms import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from flask_appbuilder.forms import DynamicForm

    from app.services.record_rules import Protection
    from app.views.record_values import Row

REASON = "reason"


class ProtectedView(RecordView):
    """A generated screen over a table of `record_rules.PROTECTED`."""

    asks_reason: ClassVar[bool] = True

    @property
    def protected(self) -> Protection:
        """Return the columns that only two people change, and the command by which they do."""
        return PROTECTED[self.datamodel.obj]

    def _form(self, columns: Sequence[str]) -> type[DynamicForm]:
        reason = StringField(
            lazy_gettext("Reason"),
            [required(), Length(max=MOST_REASON)],
            description=lazy_gettext(
                "For the second person, who decides on it. It is kept in the audit trail."
            ),
        )
        return type("ProtectedForm", (super()._form(columns),), {REASON: reason})

    def _form_page(
        self, form: Any, title: str, columns: Sequence[str], otherwise: str, template: str = ""
    ) -> str:
        return super()._form_page(form, title, [*columns, REASON], otherwise, template)

    def keep_new(self, form: Any) -> ResponseReturnValue:
        """Ask for what a valid form holds."""
        values = self.values(form, self.add_columns)
        asked = self.datamodel.ask("create", None, values, form[REASON].data)
        return self._asked(asked, self.get_redirect())

    def keep_change(self, item: Any, form: Any) -> ResponseReturnValue:
        """Ask for a change of what is protected; change the rest."""
        values = self.values(form, self.edit_columns)
        if not self.protected.columns & values.keys():
            return super().keep_change(item, form)
        address = self._address(item)
        return self._asked(self.datamodel.ask("update", item, values, form[REASON].data), address)

    def drop(self, item: Any) -> ResponseReturnValue:
        """Ask for the end of a row."""
        address = self._address(item)
        try:
            asked = self.datamodel.ask("delete", item, {}, request.form.get(REASON, ""))
        except BadInputError as error:
            return self.page_of(item, refused=sentence(error)), error.status
        return self._asked(asked, address)

    def marks(self, rows: Sequence[Row]) -> Mapping[str, str]:
        """Return public id → the address of the request by which a row may change soon."""
        if not current_actor().may(Permission.APPROVALS_READ):
            return {}
        found = approvals.waiting_for(read_session(), [row.public_id for row in rows])
        return {
            each.object_id: url_for("ApprovalsView.show", public_id=each.public_id)
            for each in found
            if each.command == self.protected.command
        }

    def waiting(self) -> int:
        """Return how many of its changes wait for a second person, new rows among them."""
        if not current_actor().may(Permission.APPROVALS_READ):
            return 0
        wanted = ApprovalFilter(state=approvals.WAITING, command=self.protected.command)
        return int(approvals.count(read_session(), wanted))

    def _asked(self, request_id: str, address: str) -> ResponseReturnValue:
        sentence = gettext("Nothing has changed yet: a second person has to approve it.")
        if current_actor().may(Permission.APPROVALS_READ):
            href = url_for("ApprovalsView.show", public_id=request_id)
            link = Markup('<a href="{}">{}</a>').format(href, gettext("To the request"))
            flash(escape(sentence) + " " + link, "info")
        else:
            flash(sentence, "info")
        return redirect(address)
