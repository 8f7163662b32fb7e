"""Generated screens, made safe: nothing is shown, ordered or written that was not written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flask import abort, flash, g, has_request_context, jsonify, redirect, request, url_for
from flask_appbuilder.forms import DynamicForm
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import ModelView, expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission, from_fab_pair
from app.errors import PayAgencyError
from app.queries.interface import RecordInterface
from app.views import arguments, lists, record_beside, record_list, record_values
from app.views.base import current_actor
from app.views.fields import choice, field_for, kept, shown
from app.views.forms import blame, came_from, faults, scrub
from app.views.locales import reader, told
from app.views.record_actions import RecordActions
from app.views.show import Show
from app.views.suggestions import SUGGESTED, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from wtforms import Field

    from app.views.lists import List
    from app.views.record_beside import Beside
    from app.views.record_values import Row
    from app.views.suggestions import Choices

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
    "columns": "read",
    "export": "read",
}
LABELS = {
    "public_id": lazy_gettext("Id"),
    "merchant_id": lazy_gettext("Merchant"),
    "key": lazy_gettext("Short name"),
    "name": lazy_gettext("Name"),
    "country": lazy_gettext("Country"),
    "currency": lazy_gettext("Currency"),
    "default_currency": lazy_gettext("Currency"),
    "timezone": lazy_gettext("Time zone"),
    "status": lazy_gettext("Status"),
    "kind": lazy_gettext("Kind"),
    "method": lazy_gettext("Method"),
    "created_at": lazy_gettext("Created"),
    "granted_at": lazy_gettext("Granted"),
    "granted_by": lazy_gettext("Granted by"),
}
"""Labels of columns that several screens have."""

_COLUMNS = NEEDED[:5]


class RecordView(RecordActions, ModelView):
    """A generated screen over a RecordInterface. What NEEDED names is said by each screen."""

    datamodel: RecordInterface
    spec: List
    method_permission_name: dict[str, str] = VERBS
    label_columns: dict[str, str] = {}
    page_size = 50
    list_template = "records/list.html"
    show_template = "records/show.html"
    form_template = "records/form.html"
    extra_fields: ClassVar[dict[str, Field]] = {}
    """Fields of the forms that are no columns, or not shown as their column would be."""
    choices: Mapping[str, Choices] = {}
    """Columns that hold one of a few codes, with their words."""
    title_columns: Sequence[str] = ()
    """Columns that together name a row."""
    empty_sentence: str = ""
    """What to do where there is no row at all."""
    removal: str = ""
    """What happens when a row is removed, and what stands against it."""
    beside: Sequence[Beside] = ()
    asks_reason: ClassVar[bool] = False
    """Whether its changes are only asked for, with a reason (`record_protected.py`)."""

    def __init__(self, **kwargs: Any) -> None:
        """Refuse a screen that leaves anything to be guessed."""
        self._refuse_guesses()
        super().__init__(**kwargs)
        for permission in self.base_permissions:
            if from_fab_pair(permission, self.class_permission_name) is None:
                message = f"{self.name}: {permission} is not written in domain/permissions"
                raise TypeError(message)
        self.spec = record_list.declared(self)

    def _refuse_guesses(self) -> None:
        missing = [name for name in NEEDED if getattr(type(self), name, None) is None]
        mounted = set(self.include_route_methods or ())
        if "delete" in mounted and not self.removal:
            missing.append("removal")
        if missing or not isinstance(self.datamodel, RecordInterface):
            message = f"{self.name} does not say its {', '.join(missing) or 'datamodel'}"
            raise TypeError(message)
        if NEVER_MOUNTED & mounted:
            message = f"{self.name} mounts a route that serves any file to anyone"
            raise TypeError(message)

    @property
    def name(self) -> str:
        """Return the name under which arguments and addresses know the screen."""
        return type(self).__name__

    @property
    def filters(self) -> Any:
        """Return the filters that the screen offers."""
        return self._filters

    @property
    def base_rows(self) -> Any:
        """Return the filters that every reading of the screen has."""
        return self._base_filters

    # What Flask-AppBuilder sets up once

    def _init_properties(self) -> None:
        declared = {name: list(getattr(self, name)) for name in _COLUMNS}
        # A copy: Flask-AppBuilder adds to it, and screens share parts of theirs.
        self.label_columns = {**LABELS, **(self.label_columns or {})}
        super()._init_properties()
        # An empty list means none here; there it means all columns.
        for name, columns in declared.items():
            setattr(self, name, columns)
        self.title_columns = self.title_columns or self.list_columns[:1]
        self.order_columns = [name for name in self.list_columns if self.datamodel.is_column(name)]
        truths = [name for name in self.search_columns if self.datamodel.is_boolean(name)]
        self.choices = {**dict.fromkeys(truths, yes_or_no), **self.choices}

    def _init_forms(self) -> None:
        self.search_form = DynamicForm
        self.add_form = self._form(self.add_columns)
        self.edit_form = self._form(self.edit_columns)

    def _form(self, columns: Sequence[str]) -> type[DynamicForm]:
        return type("RecordForm", (DynamicForm,), {name: self._field(name) for name in columns})

    def _field(self, name: str) -> Field:
        if name in self.extra_fields:
            return self.extra_fields[name]
        label, hint = self.label_columns[name], self.description_columns.get(name, "")
        if name in self.choices and not self.datamodel.is_boolean(name):
            return choice(label, self.choices[name], hint)
        return field_for(self.datamodel, name, label, hint)

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
        return url_for(f"{self.name}.list")

    def may(self, method: str) -> bool:
        """Answer whether the screen has this route and the reader may use it."""
        verb = self.method_permission_name.get(method, method)
        mounted = method in self.include_route_methods
        return mounted and current_actor().may(Permission(f"{self.class_permission_name}:{verb}"))

    def _render(self, template: str, **context: Any) -> str:
        page = self.render_template(
            template,
            view=self,
            actor=current_actor(),
            show=Show(current_actor(), reader()),
            **context,
        )
        return str(page)

    # Reading

    @expose("/")
    @has_access
    def list(self) -> ResponseReturnValue:
        """Show one page of rows."""
        listed = record_list.page(self)
        page = self._render(
            self.list_template,
            title=self.list_title,
            listed=listed,
            heads=record_list.heads(self),
            fields=record_list.fields(self),
            kept=record_list.kept(self),
            actions=self.offered("multiple"),
        )
        return page, listed.status

    @expose("/columns", methods=["POST"])
    @has_access
    def columns(self) -> ResponseReturnValue:
        """Remember which columns the reader wants."""
        return lists.keep_columns(self.spec)

    @expose("/export.csv", methods=["POST"])
    @has_access
    def export(self) -> ResponseReturnValue:
        """Answer with the list as a file."""
        record_list.check(self)
        return lists.stream(self.spec, lambda session: record_list.chunks(self, session))

    @expose("/show/<pk>", methods=["GET"])
    @has_access
    def show(self, pk: str) -> ResponseReturnValue:
        """Show one row, and what stands beside it."""
        return self.page_of(self.item(pk))

    def page_of(self, item: Any, *, refused: str = "") -> str:
        """Return the page of a row; `refused` says what is wrong with the reason of a removal."""
        row = self.row(item)
        return self._render(
            self.show_template,
            refused=refused,
            title=row.title(self.title_columns),
            row=row,
            panels=record_beside.panels(self, item),
            links=self.links(item),
            actions=self.offered("single"),
        )

    def row(self, item: Any) -> Row:
        """Return a row with the cells of its page."""
        (found,) = record_values.rows(
            self.datamodel, [item], [*self.show_columns, *self.title_columns]
        )
        return found

    def row_links(self, row: Row) -> Sequence[tuple[str, str, str]]:
        """Return (icon, label, address) of what a row's menu leads to."""
        if not self.may("edit"):
            return []
        return [("pencil", gettext("Change"), url_for(f"{self.name}.edit", pk=row.public_id))]

    def links(self, item: Any) -> Sequence[tuple[str, str]]:
        """Return (label, address) of pages about a row elsewhere."""
        del item
        return ()

    def item(self, pk: str) -> Any:
        """Return the row of an address; answers 404 for one that the actor does not see."""
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            abort(404)
        return item

    @expose("/options/<string:field>")
    @has_access
    def options(self, field: str) -> ResponseReturnValue:
        """Suggest values for a field: few, searched, and only what one may see."""
        text = request.args.get("q", "").strip()[: arguments.MOST_PAGE_SIZE]
        if field in self.datamodel.related:
            found = self.datamodel.options(field, text)
        elif field in SUGGESTED and field in {*self.add_columns, *self.edit_columns}:
            found = SUGGESTED[field](text)
        else:
            abort(404)
        return jsonify(options=[{"value": value, "title": title} for value, title in found])

    # Writing

    @expose("/add", methods=["GET", "POST"])
    @has_access
    def add(self) -> ResponseReturnValue:
        """Show an empty form, or add what it holds."""
        given = {name: request.args[name] for name in self.add_columns if name in request.args}
        form = self.add_form(data=given)
        if form.validate_on_submit():
            try:
                return self.keep_new(form)
            except PayAgencyError as error:
                blame(form, error)
        return self._form_page(form, self.add_title, self.add_columns, self.get_redirect())

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @has_access
    def edit(self, pk: str) -> ResponseReturnValue:
        """Show a row in a form, or change it."""
        item = self.item(pk)
        form = self.edit_form(data=self.shown(item))
        form.item = item
        for name in self.datamodel.money.keys() & set(self.edit_columns):
            form[name].suffix = getattr(item, self.datamodel.money[name])
        address = self._address(item)
        if form.validate_on_submit():
            try:
                return self.keep_change(item, form)
            except PayAgencyError as error:
                blame(form, error)
        return self._form_page(form, self.edit_title, self.edit_columns, address)

    def keep_new(self, form: Any) -> ResponseReturnValue:
        """Add what a valid form holds."""
        item = self.datamodel.create(self.values(form, self.add_columns))
        return self._saved(item, gettext("%(name)s was added.", name=self.name_of(item)))

    def keep_change(self, item: Any, form: Any) -> ResponseReturnValue:
        """Change a row as a valid form says."""
        address = self.datamodel.get_pk_value(item)
        self.datamodel.change(item, self.values(form, self.edit_columns))
        item = self.item(address)
        return self._saved(item, gettext("%(name)s was changed.", name=self.name_of(item)))

    def _form_page(
        self, form: Any, title: str, columns: Sequence[str], otherwise: str, template: str = ""
    ) -> str:
        scrub(form)
        return self._render(
            template or self.form_template,
            title=title,
            form=form,
            columns=columns,
            faults=faults(form),
            back=came_from(otherwise),
        )

    def _saved(self, item: Any, sentence: str) -> ResponseReturnValue:
        flash(sentence, "success")
        return redirect(self._address(item))

    def _address(self, item: Any) -> str:
        if not self.may("show"):
            return self.get_redirect()
        return url_for(f"{self.name}.show", pk=self.datamodel.get_pk_value(item))

    def name_of(self, item: Any) -> str:
        """Return what a row is called."""
        return self.row(item).title(self.title_columns)

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
        item = self.item(pk)
        address = self._address(item)
        try:
            return self.drop(item)
        except PayAgencyError as error:
            flash(told(error), "danger")
            return redirect(address)

    def drop(self, item: Any) -> ResponseReturnValue:
        """Remove a row."""
        name = self.name_of(item)
        self.datamodel.delete(item)
        flash(gettext("%(name)s was removed.", name=name), "success")
        return redirect(self.get_redirect())
