"""Users, for those who hand out rights; every change goes through `services/accounts.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, url_for
from flask_appbuilder.actions import action
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from flask_babel import gettext, lazy_gettext, ngettext
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import Length

from app.errors import PayAgencyError
from app.models import Merchant
from app.models.accounts import User
from app.queries import accounts
from app.queries.interface import RecordInterface, Related
from app.views.accounts.forms import PASSWORD_HELP, NewPasswordForm
from app.views.base import read_session
from app.views.crud import VERBS, RecordView
from app.views.fields import RelatedListField, choice, required
from app.views.forms import blame, came_from
from app.views.locales import told
from app.views.record_values import ACTIVE
from app.views.role_words import ROLES
from app.views.suggestions import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from app.views.record_values import Row

_PEOPLE = RecordInterface(
    User, related={"merchants": Related(Merchant, "key", "name")}, many={"roles": "name"}
)
_PERSON = ["first_name", "last_name", "email", "role", "merchants"]


class UsersView(RecordView):
    """People who may sign in."""

    route_base = "/users"
    class_permission_name = "users"
    method_permission_name = {
        **VERBS,
        "password": "reset_password",
        "deactivate": "update",
        "activate": "update",
    }
    datamodel = _PEOPLE
    include_route_methods = {
        "list",
        "show",
        "columns",
        "export",
        "add",
        "edit",
        "delete",
        "options",
        "password",
        "action",
        "action_post",
    }
    list_title = lazy_gettext("Users")
    add_title, edit_title = lazy_gettext("Add a user"), lazy_gettext("Change a user")
    list_columns = ["username", "first_name", "last_name", "email", "roles", "active", "last_login"]
    show_columns = [*list_columns, "login_count", "fail_login_count", "created_on", "changed_on"]
    add_columns = ["username", *_PERSON, "password"]
    edit_columns = ["username", *_PERSON, "active"]
    search_columns = ["username", "first_name", "last_name", "email", "roles", "active"]
    title_columns = ("username",)
    base_order = ("username", "asc")
    show_template = "accounts/user.html"
    label_columns = {
        "username": lazy_gettext("Name to sign in"),
        "first_name": lazy_gettext("First name"),
        "last_name": lazy_gettext("Last name"),
        "email": lazy_gettext("E-mail"),
        "roles": lazy_gettext("Role"),
        "active": lazy_gettext("State"),
        "last_login": lazy_gettext("Last signed in"),
        "login_count": lazy_gettext("Sign-ins"),
        "fail_login_count": lazy_gettext("Failed since the last sign-in"),
        "created_on": lazy_gettext("Created"),
        "changed_on": lazy_gettext("Changed"),
    }
    description_columns = {
        "username": lazy_gettext("2 to 64 of a-z, 0-9, dot, dash and underscore."),
    }
    choices = {"roles": named(ROLES), "active": named({"yes": ACTIVE[True], "no": ACTIVE[False]})}
    extra_fields = {
        "email": EmailField(lazy_gettext("E-mail"), [required(), Length(max=320)]),
        "role": choice(
            lazy_gettext("Role"),
            named(ROLES),
            lazy_gettext("What this person may do; the page of roles tells it."),
        ),
        "merchants": RelatedListField(
            lazy_gettext("Merchants"),
            datamodel=_PEOPLE,
            description=lazy_gettext(
                "Short names with commas between, for a merchant's people only."
            ),
        ),
        "active": BooleanField(
            lazy_gettext("May sign in"),
            description=lazy_gettext("Without it, their sessions end and they cannot sign in."),
        ),
        "password": PasswordField(
            lazy_gettext("Password"), [required()], description=PASSWORD_HELP
        ),
    }
    empty_sentence = lazy_gettext("A user is a person who may sign in.")
    removal = lazy_gettext(
        "The person can no longer sign in, and the name is free for somebody else."
        " What they did stays in the audit trail. To shut somebody out for a while, deactivate"
        " them. Nobody removes themselves, and the last Admin stays."
    )

    def row_links(self, row: Row) -> Sequence[tuple[str, str, str]]:
        """Return what a row's menu leads to."""
        found = [*super().row_links(row)]
        if self.may("password"):
            address = url_for("UsersView.password", pk=row.public_id)
            found.append(("key", gettext("New password"), address))
        return found

    def values(self, form: Any, columns: Sequence[str]) -> dict[str, Any]:
        """Name the merchants as the service does."""
        found = super().values(form, columns)
        merchant_ids = found.pop("merchants")
        return {**found, "merchant_ids": merchant_ids}

    def shown(self, item: Any) -> dict[str, Any]:
        """Show the role and the merchants by name."""
        rows = accounts.memberships(read_session(), item.id)
        plain = {name: getattr(item, name) for name in self.edit_columns if hasattr(item, name)}
        return {
            **plain,
            "role": ", ".join(sorted(role.name for role in item.roles)),
            "merchants": ", ".join(row.merchant.key for row in rows),
        }

    @action(
        "deactivate",
        lazy_gettext("Deactivate"),
        lazy_gettext(
            "Their sessions end now and they cannot sign in until they are activated again."
            " Nothing of theirs is removed."
        ),
        "slash-circle",
    )
    def deactivate(self, items: Any) -> ResponseReturnValue:
        """Shut people out until they are activated again."""
        return self._set_active(items, active=False)

    @action(
        "activate",
        lazy_gettext("Activate"),
        lazy_gettext("They can sign in again with their present password."),
        "check-circle",
    )
    def activate(self, items: Any) -> ResponseReturnValue:
        """Let people sign in again."""
        return self._set_active(items, active=True)

    def _set_active(self, items: Any, *, active: bool) -> ResponseReturnValue:
        several = isinstance(items, list)
        people = items if several else [items]
        target = came_from(self.get_redirect()) if several else self._address(items)
        done = 0
        for key, username in [(person.id, person.username) for person in people]:
            try:
                self.datamodel.change(self.item(str(key)), {"active": active})
                done += 1
            except PayAgencyError as error:
                flash(f"{username}: {told(error)}", "danger")
        if done:
            flash(_done(done, active=active), "success")
        return redirect(target)

    @expose("/password/<pk>", methods=["GET", "POST"])
    @has_access
    def password(self, pk: str) -> ResponseReturnValue:
        """Give a user a new password, which ends their sessions."""
        item = self.item(pk)
        username, address = item.username, self._address(item)
        form = NewPasswordForm()
        if form.validate_on_submit():
            try:
                self.appbuilder.sm.reset_password(item.id, form.password.data)
            except PayAgencyError as error:
                blame(form, error)
            else:
                flash(gettext("%(name)s has a new password.", name=username), "success")
                return redirect(address)
        title = gettext("New password for %(name)s", name=username)
        return self._form_page(
            form, title, ("password", "again"), address, template="accounts/password.html"
        )


def _done(number: int, *, active: bool) -> str:
    if active:
        return str(ngettext("%(num)s user may sign in.", "%(num)s users may sign in.", number))
    return str(ngettext("%(num)s user was deactivated.", "%(num)s users were deactivated.", number))
