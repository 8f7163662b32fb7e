"""The page of an invitation: somebody new comes in, somebody known signs in and accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, session, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from flask_login import current_user, login_user

from app.adapters import clock, passwords
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import Actor
from app.errors import BadInputError, NotFoundError, PayAgencyError
from app.security.manager import STAMP
from app.services import invitations
from app.views.accounts.forms import AcceptForm, NewcomerForm
from app.views.forms import blame, faults
from app.views.locales import told
from app.views.role_words import role_word
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models.accounts import User
    from app.services.invitations import Invitation

HOUSE: Final = Actor.house(None, "invitation")


class InvitationView(Screen):
    """`/invitation/{token}`."""

    route_base = "/invitation"
    class_permission_name = "home"
    default_view = "accept"

    @expose("/<string:token>", methods=["GET", "POST"])
    def accept(self, token: str) -> ResponseReturnValue:
        """Show what the link invites to, and accept it; opening the page uses nothing up."""
        release_reads()
        try:
            found = _look(token)
            return self._known(found, token) if found.user_id else self._new(found, token)
        except NotFoundError:
            text = self.render("accounts/link_over.html", title=gettext("This link is over"))
            return text, NotFoundError.status

    def _new(self, found: Invitation, token: str) -> ResponseReturnValue:
        form = NewcomerForm()
        if form.validate_on_submit():
            try:
                user = retry_when_busy(_come_in)(token, form)
            except BadInputError as error:
                blame(form, error)
            else:
                session.clear()
                session[STAMP] = passwords.stamp(user.password)
                login_user(user, remember=False)
                flash(gettext("Welcome. This is your account from now on."), "success")
                return redirect(url_for("HomeView.index"), 303)
        return self._page("accounts/invitation.html", found, form)

    def _known(self, found: Invitation, token: str) -> ResponseReturnValue:
        """Let the person of the address accept; whoever else is signed in is told so."""
        is_theirs = current_user.is_authenticated and current_user.id == found.user_id
        form = AcceptForm()
        if is_theirs and form.validate_on_submit():
            try:
                retry_when_busy(_add)(token, found.user_id or 0)
            except NotFoundError:
                raise
            except PayAgencyError as error:
                flash(told(error), "danger")
            else:
                flash(
                    gettext("You may act for %(merchant)s now.", merchant=found.merchant), "success"
                )
                return redirect(url_for("HomeView.index"), 303)
        return self._page(
            "accounts/invitation_known.html",
            found,
            form,
            is_theirs=is_theirs,
            onward=url_for("AuthDBView.login", next=url_for("InvitationView.accept", token=token)),
        )

    def _page(
        self, template: str, found: Invitation, form: NewcomerForm | AcceptForm, **more: object
    ) -> str:
        return self.render(
            template,
            title=gettext("Your invitation"),
            form=form,
            faults=faults(form),
            invitation=found,
            role=role_word(found.role),
            **more,
        )


def _look(token: str) -> Invitation:
    with reading(HOUSE) as unit:
        return invitations.look(unit, clock.now(), token)


def _come_in(token: str, form: NewcomerForm) -> User:
    with unit_of_work(HOUSE) as unit:
        return invitations.accept_as_new(
            unit,
            clock.now(),
            token,
            username=(form.username.data or "").strip(),
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            password=form.password.data or "",
        )


def _add(token: str, user_id: int) -> None:
    with unit_of_work(HOUSE) as unit:
        invitations.accept_as_known(unit, clock.now(), token, user_id)
