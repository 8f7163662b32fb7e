"""What is done to one row of a generated screen, or to those that were ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, request
from flask_appbuilder.views import expose
from flask_babel import gettext

from app.views import arguments
from app.views.base import CHECKS_ITSELF

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask.typing import ResponseReturnValue
    from flask_appbuilder.actions import ActionItem

    from app.views.base import Route


def _checks_itself(route: Route) -> Route:
    setattr(route, CHECKS_ITSELF, True)
    return route


class RecordActions:
    """The two routes of actions; each row is loaded anew, as far as the actor sees it."""

    actions: dict[str, ActionItem]
    appbuilder: Any
    class_permission_name: str
    get_action_permission_name: Callable[[str], str]
    item: Callable[[str], Any]

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    @_checks_itself
    def action(self, name: str, pk: str) -> ResponseReturnValue:
        """Do something to one row."""
        found = self._allowed(name)
        answer: ResponseReturnValue = found.func(self.item(pk))
        return answer

    @expose("/action_post", methods=["POST"])
    @_checks_itself
    def action_post(self) -> ResponseReturnValue:
        """Do something to the rows that were ticked."""
        found = self._allowed(request.form.get("action", ""))
        pks = request.form.getlist("rowid") or request.form.getlist("id")
        if len(pks) > arguments.MOST_PAGE_SIZE:
            abort(400, gettext("These are too many rows at once."))
        answer: ResponseReturnValue = found.func([self.item(pk) for pk in pks])
        return answer

    def offered(self, place: str) -> Sequence[ActionItem]:
        """Return the actions on `single` rows or on `multiple` ones that the actor may take."""
        return [
            each
            for each in self.actions.values()
            if getattr(each, place) and self._may_act(each.name)
        ]

    def _may_act(self, name: str) -> bool:
        permission = self.get_action_permission_name(name)
        return bool(self.appbuilder.sm.has_access(permission, self.class_permission_name))

    def _allowed(self, name: str) -> ActionItem:
        if name not in self.actions:
            abort(404)
        if not self._may_act(name):
            abort(403)
        return self.actions[name]
