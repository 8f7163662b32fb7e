"""A merchant's settings: its face to payers, return addresses, late money, mails."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.domain.merchant_settings import LONGEST_NAME
from app.domain.permissions import Permission
from app.domain.return_urls import LONGEST_LIST
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.queries import merchants
from app.services import merchant_settings
from app.views import face, settings_acts, settings_form
from app.views.base import current_actor, needs, read_session
from app.views.forms import sentence
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models import Merchant
    from app.views.settings_form import SettingsForm


class SettingsView(Screen):
    """`/settings/`: for a merchant's own people; staff read them by `?merchant=`."""

    route_base = "/settings"
    class_permission_name = "settings"
    default_view = "show"

    @expose("/")
    @needs(Permission.SETTINGS_READ)
    def show(self) -> ResponseReturnValue:
        """Show the settings as they stand."""
        named = request.args.get("merchant", "").strip()
        if named or current_actor().merchant_id is None:
            row = merchants.named(read_session(), named) if named else None
            if row is None and current_actor().merchant_id is not None:
                raise NotFoundError(said("There is no such merchant."))
            if row is None:
                return self._ask(named)
        else:
            row = _own()
        return self._page(row, settings_form.of(merchant_settings.settings_of(row)))

    @expose("/", methods=["POST"])
    @needs(Permission.SETTINGS_UPDATE)
    def update(self) -> ResponseReturnValue:
        """Change the settings; what was typed stays where something is wrong with it."""
        form, row = settings_form.filled(request.form), _own()
        try:
            changed = settings_acts.update(
                current_actor(), row.public_id, settings_form.read(form), form.version
            )
        except PayAgencyError as error:
            row = _own()
            settings_form.refuse(form, error, merchant_settings.settings_of(row))
            return self._page(row, form)
        saved, same = gettext("The settings were saved."), gettext("Nothing was changed.")
        flash(saved if changed else same, "success" if changed else "info")
        return _back()

    @expose("/logo", methods=["POST"])
    @needs(Permission.SETTINGS_UPDATE)
    def logo(self) -> ResponseReturnValue:
        """Take in a file as the logo."""
        sent, row = request.files.get("logo"), _own()
        try:
            if sent is None or not sent.filename:
                raise BadInputError("logo", said("is missing."), said("Choose a file."))
            with sent.stream as source:
                settings_acts.set_logo(current_actor(), row.public_id, source)
        except PayAgencyError as error:
            form = settings_form.of(merchant_settings.settings_of(_own()))
            is_field = isinstance(error, BadInputError)
            form.errors["logo"] = sentence(error) if is_field else told(error)
            form.status = error.status
            return self._page(_own(), form)
        flash(gettext("Payers see the new logo from now on."), "success")
        return _back()

    @expose("/logo/remove", methods=["POST"])
    @needs(Permission.SETTINGS_UPDATE)
    def remove_logo(self) -> ResponseReturnValue:
        """Show no logo any more."""
        settings_acts.remove_logo(current_actor(), _own().public_id)
        flash(gettext("Payers see no logo any more."), "info")
        return _back()

    def _ask(self, named: str) -> ResponseReturnValue:
        """Ask people of the house whose settings they mean."""
        fault = gettext("There is no such merchant.") if named else ""
        title = gettext("Settings")
        text = self.render("settings/ask.html", title=title, named=named, fault=fault)
        return text, HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK

    def _page(self, row: Merchant, form: SettingsForm) -> ResponseReturnValue:
        actor = current_actor()
        text = self.render(
            "settings/show.html",
            title=gettext("Settings"),
            row=row,
            form=form,
            face=face.of(row),
            labels=settings_form.LABELS,
            late_money=list(settings_form.LATE_MONEY.items()),
            is_own=actor.merchant_id == row.id and actor.may(Permission.SETTINGS_UPDATE),
            longest_name=LONGEST_NAME,
            longest_list=LONGEST_LIST,
        )
        return text, form.status


def _own() -> Merchant:
    """Return the merchant of the people who ask."""
    row = merchants.by_id(read_session(), current_actor().merchant_id or 0)
    if row is None:
        raise NotFoundError(said("Choose a merchant first: its settings are shown by its name."))
    return row


def _back() -> ResponseReturnValue:
    return redirect(url_for("SettingsView.show"), 303)
