"""One's own account: names, address and password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, session, url_for
from flask_appbuilder.views import expose
from flask_login import current_user

from app.adapters import clock, passwords
from app.adapters.db import unit_of_work
from app.domain.permissions import Permission
from app.errors import BadInputError
from app.queries import accounts as people
from app.security.actors import choices
from app.security.manager import STAMP
from app.services import accounts
from app.views.accounts.forms import OwnPasswordForm, ProfileForm
from app.views.base import Page, current_actor, needs, read_session
from app.views.forms import blame

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class AccountView(Page):
    """Pages that everybody has about themselves."""

    route_base = "/account"
    default_view = "profile"
    class_permission_name = "account"

    @expose("/", methods=["GET", "POST"])
    @needs(Permission.ACCOUNT_UPDATE)
    def profile(self) -> ResponseReturnValue:
        """Show one's names and address, and change them."""
        form = ProfileForm(obj=current_user)
        if form.validate_on_submit():
            names = {name: form[name].data for name in accounts.PROFILE}
            try:
                self._save_profile(names)
            except BadInputError as error:
                blame(form, error)
            else:
                flash("Your profile was changed.", "success")
                return redirect(url_for("AccountView.profile"))
        return self.render("accounts/own.html", form=form, choices=choices(), **self._about())

    @expose("/password", methods=["GET", "POST"])
    @needs(Permission.ACCOUNT_UPDATE)
    def password(self) -> ResponseReturnValue:
        """Change one's own password; other sessions end."""
        form = OwnPasswordForm()
        if form.validate_on_submit():
            try:
                session[STAMP] = self._save_password(form)
            except BadInputError as error:
                blame(form, error)
            else:
                flash("Your password was changed. Other sessions of yours have ended.", "success")
                return redirect(url_for("AccountView.profile"))
        columns = ("present", "password", "again")
        return self.render(
            "accounts/form.html", title="Change your password", form=form, columns=columns
        )

    @staticmethod
    def _save_profile(names: dict[str, str]) -> None:
        actor = current_actor()
        with unit_of_work(actor) as unit:
            accounts.update_profile(unit, clock.now(), actor.user_id or 0, names)

    @staticmethod
    def _save_password(form: OwnPasswordForm) -> str:
        actor = current_actor()
        user_id = actor.user_id or 0
        present, password = form.present.data or "", form.password.data or ""
        with unit_of_work(actor) as unit:
            accounts.change_password(unit, clock.now(), user_id, present, password)
            user = people.user(unit, user_id)
            return passwords.stamp(user.password if user else None)

    @staticmethod
    def _about() -> dict[str, Any]:
        user = people.user(read_session(), current_actor().user_id or 0)
        return {"user": user, "roles": sorted(role.name for role in user.roles) if user else []}
