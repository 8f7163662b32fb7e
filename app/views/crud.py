"""Generated screens, made safe: nothing is shown, ordered or written that was not written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import (
    abort,
    flash,
    g,
    has_request_context,
    jsonify,
    redirect,
    request,
    url_for,
)
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import ModelView, expose

from app.domain.permissions import from_fab_pair
from app.errors import BadInputError, PayAgencyError
from app.queries.interface import RecordInterface
from app.views import arguments
from app.views.base import CHECKS_ITSELF
from app.views.fields import field_for, kept, shown
from app.views.forms import blame
from app.views.widgets import RecordFilters, RecordForm, RecordList, RecordShow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue
    from flask_appbuilder.actions import ActionItem
    from wtforms import Field

    from app.views.base import Route

NEEDED = (
    "list_columns",
    "show_columns",
    "add_columns",
    "edit_columns",
    "search_columns",
    "base_order",
    "include_route_methods",
    "class_permission_name",
)
NEVER_MOUNTED = frozenset({"download"})
VERBS = {
    "list": "read",
    "show": "read",
    "add": "create",
    "edit": "update",
    "delete": "delete",
    "options": "update",
}
LABELS = {
    "public_id": "Id",
    "merchant_id": "Merchant",
    "key": "Short name",
    "created_at": "Created",
    "granted_at": "Granted",
    "granted_by": "Granted by",
    "default_currency": "Currency",
}
_COLUMNS = NEEDED[:5]


def _checks_itself(route: Route) -> Route:
    setattr(route, CHECKS_ITSELF, True)
    return route


class RecordView(ModelView):
    """A generated screen over a RecordInterface. What NEEDED names is said by each screen."""

    datamodel: RecordInterface
    method_permission_name: dict[str, str] = VERBS
    label_columns: dict[str, str] = {}
    list_template = "records/list.html"
    show_template = "records/page.html"
    add_template = "records/page.html"
    edit_template = "records/page.html"
    list_widget = RecordList
    show_widget = RecordShow
    add_widget = RecordForm
    edit_widget = RecordForm
    extra_fields: ClassVar[dict[str, Field]] = {}
    """Fields of the forms that are no columns, or not shown as their column would be."""

    def __init__(self, **kwargs: Any) -> None:
        """Refuse a screen that leaves anything to be guessed."""
        missing = [name for name in NEEDED if getattr(type(self), name, None) is None]
        if missing or not isinstance(self.datamodel, RecordInterface):
            message = f"{type(self).__name__} does not say its {', '.join(missing) or 'datamodel'}"
            raise TypeError(message)
        if NEVER_MOUNTED & set(self.include_route_methods):
            message = f"{type(self).__name__} mounts a route that serves any file to anyone"
            raise TypeError(message)
        super().__init__(**kwargs)
        for permission in self.base_permissions:
            if from_fab_pair(permission, self.class_permission_name) is None:
                message = (
                    f"{type(self).__name__}: {permission} is not written in domain/permissions"
                )
                raise TypeError(message)

    # What Flask-AppBuilder sets up once

    def _init_properties(self) -> None:
        declared = {name: list(getattr(self, name)) for name in _COLUMNS}
        # A copy: Flask-AppBuilder adds to it, and screens share parts of theirs.
        self.label_columns = {**LABELS, **(self.label_columns or {})}
        super()._init_properties()
        # An empty list means none here; there it means all columns.
        for name, columns in declared.items():
            setattr(self, name, columns)
        closed = set(self.datamodel.related)
        self.order_columns = [name for name in self.list_columns if name not in closed]

    def _init_forms(self) -> None:
        self.search_form = DynamicForm
        self.add_form = self._form(self.add_columns)
        self.edit_form = self._form(self.edit_columns)

    def _form(self, columns: Sequence[str]) -> type[DynamicForm]:
        fields = {
            name: self.extra_fields[name]
            if name in self.extra_fields
            else field_for(
                self.datamodel,
                name,
                str(self.label_columns.get(name, name)),
                self.description_columns.get(name, ""),
            )
            for name in columns
        }
        return type("RecordForm", (DynamicForm,), fields)

    @property
    def _filters(self) -> Any:
        """Return the filters of this request; there is no object that threads share."""
        if not has_request_context():
            return self.datamodel.get_filters(self.search_columns or [])
        mine = g.setdefault("record_filters", {})
        name = type(self).__name__
        if name not in mine:
            mine[name] = self.datamodel.get_filters(self.search_columns)
        return mine[name]

    @_filters.setter
    def _filters(self, _value: Any) -> None:
        """Keep nothing: Flask-AppBuilder sets one object for all requests."""

    # Where one goes next

    def update_redirect(self) -> None:
        """Keep no history in the cookie."""

    def get_redirect(self) -> str:
        """Return to the list."""
        return url_for(f"{self.endpoint}.list")

    # Reading

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        """Show one page of rows."""
        widgets = self._list()
        page = self.render_template(self.list_template, title=self.list_title, widgets=widgets)
        return str(page)

    def _list(self, **_names: Any) -> dict[str, Any]:
        filters = self._filters
        search = filters.get_search_filters()
        asked = arguments.read(type(self).__name__, self.order_columns, search)
        for column, index, value in asked.filters:
            filters.add_filter_index(column, index, value)
        try:
            widgets: dict[str, Any] = self._get_list_widget(
                filters=filters,
                order_column=asked.order_column,
                order_direction=asked.order_direction,
                page=asked.page,
                page_size=asked.page_size,
                mounted=self.include_route_methods,
            )
        except BadInputError as error:
            abort(400, error.detail)
        lines = [
            (self.label_columns.get(column, column), index, each)
            for column in self.search_columns
            for index, each in enumerate(search[column])
        ]
        values = {(column, index): value for column, index, value in asked.filters}
        widgets["search"] = RecordFilters(
            lines=lines, values=values, related=self.datamodel.related
        )
        return widgets

    def _show(self, pk: str) -> dict[str, Any]:
        widgets: dict[str, Any] = self._get_show_widget(pk, self._item(pk))
        return widgets

    def _item(self, pk: str) -> Any:
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            abort(404)
        return item

    @expose("/options/<string:field>")
    @has_access
    def options(self, field: str) -> ResponseReturnValue:
        """Suggest rows of another table for a field: few, searched, and only what one may see."""
        if field not in self.datamodel.related:
            abort(404)
        text = request.args.get("q", "").strip()[: arguments.MOST_PAGE_SIZE]
        found = self.datamodel.options(field, text)
        return jsonify(options=[{"value": value, "title": title} for value, title in found])

    # Writing

    def _add(self) -> dict[str, Any] | None:
        form = self.add_form()
        if form.validate_on_submit():
            try:
                self.datamodel.create(self.values(form, self.add_columns))
            except PayAgencyError as error:
                blame(form, error)
            else:
                flash("It was added.", "success")
                return None
        return {"form": self.add_widget(form=form, include_cols=self.add_columns, view=self)}

    def _edit(self, pk: str) -> dict[str, Any] | None:
        item = self._item(pk)
        form = self.edit_form(data=self.shown(item))
        form.item = item
        if form.validate_on_submit():
            try:
                self.datamodel.change(item, self.values(form, self.edit_columns))
            except PayAgencyError as error:
                blame(form, error)
            else:
                flash("It was changed.", "success")
                return None
        return {"form": self.edit_widget(form=form, include_cols=self.edit_columns, view=self)}

    def values(self, form: Any, columns: Sequence[str]) -> dict[str, Any]:
        """Return what a valid form asks to be kept, by column."""
        return {name: kept(form[name]) for name in columns}

    def shown(self, item: Any) -> dict[str, Any]:
        """Return what the form shows of a row at first."""
        return {name: shown(self.datamodel, item, name) for name in self.edit_columns}

    @expose("/delete/<pk>", methods=["POST"])
    @has_access
    def delete(self, pk: str) -> ResponseReturnValue:
        """Remove one row."""
        try:
            self.datamodel.delete(self._item(pk))
        except PayAgencyError as error:
            flash(error.detail, "danger")
        else:
            flash("It was removed.", "success")
        return redirect(self.get_redirect())

    # Actions

    @expose("/action/<string:name>/<pk>", methods=["POST"])
    @_checks_itself
    def action(self, name: str, pk: str) -> ResponseReturnValue:
        """Do something to one row."""
        found = self._allowed_action(name)
        answer: ResponseReturnValue = found.func(self._item(pk))
        return answer

    @expose("/action_post", methods=["POST"])
    @_checks_itself
    def action_post(self) -> ResponseReturnValue:
        """Do something to the rows that were ticked; each must be one that the actor sees."""
        found = self._allowed_action(request.form.get("action", ""))
        pks = request.form.getlist("rowid")
        if len(pks) > arguments.MOST_PAGE_SIZE:
            abort(400, "These are too many rows at once.")
        answer: ResponseReturnValue = found.func([self._item(pk) for pk in pks])
        return answer

    def _allowed_action(self, name: str) -> ActionItem:
        if name not in self.actions:
            abort(404)
        permission = self.get_action_permission_name(name)
        if not self.appbuilder.sm.has_access(permission, self.class_permission_name):
            abort(403)
        return self.actions[name]
