"""A screen of the tests' own, with what ours do without: actions and a filter that hides rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flask import jsonify
from flask_appbuilder.actions import action

from app.models import Capability
from app.queries.filters import Is
from app.queries.interface import RecordInterface
from app.views.crud import RecordView
from app.views.merchants import BY_MERCHANT

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_VERBS = {"list": "read", "show": "read", "collect": "update"}


class TrapView(RecordView):
    """Capabilities, of which only `card` is meant to be seen."""

    route_base = "/trap"
    class_permission_name = "capabilities"
    method_permission_name = _VERBS
    datamodel = RecordInterface(Capability, related=BY_MERCHANT)
    base_filters: ClassVar = [["kind", Is, "card"]]
    include_route_methods: ClassVar = {"list", "show", "action", "action_post"}
    list_columns: ClassVar = ["merchant_id", "kind", "granted_by"]
    show_columns: ClassVar = ["public_id", "kind"]
    add_columns: ClassVar[list[str]] = []
    edit_columns: ClassVar[list[str]] = []
    search_columns: ClassVar = ["merchant_id", "kind", "granted_by", "granted_at"]
    base_order = ("kind", "asc")

    def collect(self, items: Capability | list[Capability]) -> ResponseReturnValue:
        """Tell which rows an action was given."""
        rows = items if isinstance(items, list) else [items]
        return jsonify([row.public_id for row in rows])

    collect = action("collect", "Collect", "Sure?")(collect)
