"""A forgotten password: asking for a link, and choosing a new one by it; open to everybody."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock, rates
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import Actor
from app.errors import BadInputError, NotFoundError, TooManyRequestsError, said
from app.services import password_reset
from app.views.accounts.forms import ForgottenForm, NewPasswordForm
from app.views.forms import blame, faults
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.people import Person

HOUSE: Final = Actor.house(None, "password reset")
_ADDRESSES_A_MINUTE: Final = 10
_NAMES_A_MINUTE: Final = 2


class PasswordView(Screen):
    """`/password/forgot` and `/password/reset/{token}`."""

    route_base = "/password"
    class_permission_name = "home"
    default_view = "forgot"

    @expose("/forgot", methods=["GET", "POST"])
    def forgot(self) -> ResponseReturnValue:
        """Ask for a link; the answer is the same for every name."""
        form = ForgottenForm()
        if form.validate_on_submit():
            _ask((form.name.data or "").strip())
            return redirect(url_for("PasswordView.forgot", asked="yes"), 303)
        return self.render(
            "accounts/forgot.html",
            title=gettext("Forgotten password"),
            form=form,
            faults=faults(form),
            asked=request.args.get("asked") == "yes",
        )

    @expose("/reset/<string:token>", methods=["GET", "POST"])
    def reset(self, token: str) -> ResponseReturnValue:
        """Choose a new password by a link, once; opening the page uses nothing up."""
        release_reads()
        try:
            person = _holder(token)
            form = NewPasswordForm()
            if form.validate_on_submit() and self._set(form, token):
                flash(gettext("Your password was changed. Sign in with it."), "success")
                return redirect(url_for("AuthDBView.login"), 303)
        except NotFoundError:
            text = self.render("accounts/link_over.html", title=gettext("This link is over"))
            return text, NotFoundError.status
        return self.render(
            "accounts/reset.html",
            title=gettext("Choose a new password"),
            form=form,
            faults=faults(form),
            username=person.username,
        )

    @staticmethod
    def _set(form: NewPasswordForm, token: str) -> bool:
        try:
            retry_when_busy(_set_password)(token, form.password.data or "")
        except BadInputError as error:
            blame(form, error)
            return False
        return True


def _ask(name: str) -> None:
    """Ask for a link, unless this address or this name has asked too often of late."""
    by_address = rates.hit("password-address", request.remote_addr or "", _ADDRESSES_A_MINUTE)
    if by_address is not None and not by_address.allowed:
        raise TooManyRequestsError(
            said("Too many passwords were asked for from here. Wait a minute."),
            retry_after_seconds=by_address.reset_seconds,
        )
    key = sha256(name.casefold().encode()).hexdigest()
    by_name = rates.hit("password-name", key, _NAMES_A_MINUTE)
    if by_name is not None and not by_name.allowed:
        return  # the same answer as ever: whoever asks learns nothing of the name
    release_reads()
    retry_when_busy(_ask_link)(name)


def _ask_link(name: str) -> None:
    with unit_of_work(HOUSE) as session:
        password_reset.ask_link(session, clock.now(), name)


def _holder(token: str) -> Person:
    with reading(HOUSE) as session:
        return password_reset.holder(session, clock.now(), token)


def _set_password(token: str, password: str) -> None:
    with unit_of_work(HOUSE) as session:
        password_reset.set_password(session, clock.now(), token, password)
