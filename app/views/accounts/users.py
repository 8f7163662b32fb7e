"""Users, for those who hand out rights; every change goes through `services/accounts.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect
from flask_appbuilder.security.decorators import has_access
from flask_appbuilder.views import expose
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from app.domain.permissions import RoleName
from app.errors import PayAgencyError
from app.models import Merchant
from app.models.accounts import User
from app.queries import accounts
from app.queries.interface import RecordInterface, Related
from app.views.accounts.forms import PASSWORD_HELP, NewPasswordForm
from app.views.base import read_session
from app.views.crud import VERBS, RecordView
from app.views.fields import RelatedListField, choice
from app.views.forms import blame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flask.typing import ResponseReturnValue

    from app.models.accounts import Role

_PEOPLE = RecordInterface(
    User, related={"merchants": Related(Merchant, "key", "name")}, eager=("roles",)
)
_PERSON = ["first_name", "last_name", "email", "role", "merchants"]


def role_names(roles: Iterable[Role]) -> str:
    """Return the names of roles in one line."""
    return ", ".join(sorted(role.name for role in roles))


class UsersView(RecordView):
    """People who may sign in."""

    route_base = "/users"
    class_permission_name = "users"
    method_permission_name = {**VERBS, "password": "reset_password"}
    datamodel = _PEOPLE
    include_route_methods = {"list", "show", "add", "edit", "delete", "options", "password"}
    list_title, show_title = "Users", "User"
    add_title, edit_title = "Add a user", "Change a user"
    list_columns = ["username", "first_name", "last_name", "email", "roles", "active", "last_login"]
    show_columns = [*list_columns, "login_count", "fail_login_count", "created_on", "changed_on"]
    add_columns = ["username", *_PERSON, "password"]
    edit_columns = ["username", *_PERSON, "active"]
    search_columns = ["username", "email", "active"]
    base_order = ("username", "asc")
    show_template = "accounts/user.html"
    label_columns = {"username": "Name to sign in", "roles": "Role", "fail_login_count": "Failed"}
    formatters_columns = {"roles": role_names}
    extra_fields = {
        "email": EmailField("E-mail", [InputRequired(), Length(max=320)]),
        "role": choice("Role", [role.value for role in RoleName]),
        "merchants": RelatedListField(
            "Merchants",
            datamodel=_PEOPLE,
            description="Short keys with commas between, for a merchant's people only.",
        ),
        "password": PasswordField("Password", [InputRequired()], description=PASSWORD_HELP),
    }

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
            "role": role_names(item.roles),
            "merchants": ", ".join(row.merchant.key for row in rows),
        }

    @expose("/password/<pk>", methods=["GET", "POST"])
    @has_access
    def password(self, pk: str) -> ResponseReturnValue:
        """Give a user a new password, which ends their sessions."""
        user_id, username = self._item(pk).id, self._item(pk).username
        form = NewPasswordForm()
        if form.validate_on_submit():
            try:
                self.appbuilder.sm.reset_password(user_id, form.password.data)
            except PayAgencyError as error:
                blame(form, error)
            else:
                flash(f"{username} has a new password.", "success")
                return redirect(self.get_redirect())
        page = self.render_template(
            "accounts/form.html",
            title=f"New password for {username}",
            form=form,
            columns=("password", "again"),
        )
        return str(page)
