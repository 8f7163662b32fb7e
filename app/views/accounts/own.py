"""One's own account: names, address, password, and how everything looks to oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import flash, redirect, request, session, url_for
from flask_appbuilder.views import expose
from flask_babel import gettext
from flask_login import current_user

from app.adapters import clock, passwords
from app.adapters.db import unit_of_work
from app.domain.permissions import Permission
from app.errors import BadInputError
from app.queries import accounts as people
from app.security.actors import choices
from app.security.addresses import local
from app.security.manager import STAMP
from app.services import accounts
from app.services.preferences import LOCALE, THEME, TIME_ZONE, keep
from app.views import locales
from app.views.accounts.forms import OwnPasswordForm, ProfileForm
from app.views.accounts.looks import offered
from app.views.base import current_actor, needs, read_session
from app.views.forms import blame, faults
from app.views.role_words import role_word
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class AccountView(Screen):
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
                flash(gettext("Your profile was changed."), "success")
                return redirect(url_for("AccountView.profile"))
        return self.render(
            "accounts/own.html",
            title=gettext("Your account"),
            form=form,
            faults=faults(form),
            choices=choices(),
            looks=offered(clock.now()),
            **self._about(),
        )

    @expose("/looks", methods=["POST"])
    @needs(Permission.ACCOUNT_UPDATE)
    def looks(self) -> ResponseReturnValue:
        """Keep the language, the time zone or the theme: whichever the form sent."""
        actor = current_actor()
        with unit_of_work(actor) as unit:
            for name in (LOCALE, TIME_ZONE, THEME):
                if name in request.form:
                    keep(unit, clock.now(), actor.user_id or 0, name, request.form[name])
        # What is said now is read in the language that was just chosen.
        locales.forget()
        flash(gettext("From now on it looks like this to you."), "success")
        return redirect(local(request.form.get("back", "")) or url_for("AccountView.profile"))

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
                flash(
                    gettext("Your password was changed. Other sessions of yours have ended."),
                    "success",
                )
                return redirect(url_for("AccountView.profile"))
        return self.render(
            "accounts/own_password.html",
            title=gettext("Change your password"),
            form=form,
            faults=faults(form),
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
        roles = sorted(role_word(role.name) for role in user.roles) if user else []
        return {"user": user, "roles": roles}
