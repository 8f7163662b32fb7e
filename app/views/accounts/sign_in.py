"""Signing in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, session, url_for
from flask_appbuilder.security.views import AuthDBView as FabAuthDBView
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext
from flask_login import current_user, login_user, logout_user

from app.adapters import passwords
from app.security.addresses import local
from app.security.manager import STAMP
from app.views.accounts.forms import SignInForm

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

REFUSED = lazy_gettext("The name or the password is not right. Please try again.")


class AuthDBView(FabAuthDBView):
    """The sign-in page; Flask-AppBuilder finds it by the name of the class."""

    include_route_methods = {"login", "logout"}
    title = lazy_gettext("Sign in")

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> ResponseReturnValue:
        """Show the form, or check what it sent and start a fresh session."""
        onward = local(request.args.get("next", "")) or self.appbuilder.get_url_for_index
        if current_user.is_authenticated:
            return redirect(onward)
        form = SignInForm()
        if not form.validate_on_submit():
            page = self.render_template(self.login_template, title=self.title, form=form)
            return str(page)
        user = self.appbuilder.sm.auth_user_db(
            (form.username.data or "").strip(), form.password.data or ""
        )
        if user is None:
            flash(str(REFUSED), "warning")
            return redirect(url_for("AuthDBView.login", next=onward))
        session.clear()
        session[STAMP] = passwords.stamp(user.password)
        login_user(user, remember=False)
        return redirect(onward)

    @expose("/logout/", methods=["POST"])
    def logout(self) -> ResponseReturnValue:
        """End the session."""
        logout_user()
        session.clear()
        return redirect(url_for("AuthDBView.login"))
