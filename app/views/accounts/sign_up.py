"""Opening an account: the form, the mail that proves the address, what happens next; open to all.

The answer is the same for every address, known or not.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from flask import abort, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, SelectField, StringField
from wtforms.validators import Length

import config
from app.adapters import clock, rates
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import Actor
from app.domain.applications import MOST_BUSINESS, MOST_LINE, MOST_NAME, NewApplication
from app.domain.currencies import iso_codes
from app.domain.notifications import MOST_ADDRESS
from app.errors import BadInputError, NotFoundError, TooManyRequestsError, said
from app.services import sign_up
from app.services.preferences import time_zones
from app.views.accounts.forms import AcceptForm
from app.views.fields import choice, required
from app.views.forms import blame, faults, scrub
from app.views.locales import reader
from app.views.record_values import currency_name
from app.views.show import Screen
from app.views.suggestions import countries

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models import MerchantApplication

HOUSE: Final = Actor.house(None, "sign-up")
_ADDRESSES_A_MINUTE: Final = 10
_MAILBOXES_A_MINUTE: Final = 2


def currencies() -> list[tuple[str, str]]:
    """Return every currency of states by its code, with its name."""
    return [(code, f"{code} – {currency_name(code)}") for code in sorted(iso_codes())]


def zones() -> list[tuple[str, str]]:
    """Return every time zone by its place."""
    return [(name, name.replace("_", " ").replace("/", ", ")) for name in sorted(time_zones())]


def _text(label: str, most: int, hint: str = "") -> StringField:
    return StringField(label, [required(), Length(max=most)], description=hint)


class SignUpForm(FlaskForm):
    """What a business tells of itself."""

    business = _text(lazy_gettext("Name of the business"), MOST_BUSINESS)
    sells = _text(
        lazy_gettext("What you sell"),
        MOST_LINE,
        lazy_gettext("A sentence, such as coffee by subscription."),
    )
    website = StringField(lazy_gettext("Website (optional)"), [Length(max=MOST_LINE)])
    country: SelectField = choice(lazy_gettext("Country"), countries)
    default_currency: SelectField = choice(
        lazy_gettext("Currency"),
        currencies,
        lazy_gettext("The usual one of your payments; others are possible."),
    )
    timezone: SelectField = choice(
        lazy_gettext("Time zone"), zones, lazy_gettext("Your days begin and end by it.")
    )
    first_name = _text(lazy_gettext("First name"), MOST_NAME)
    last_name = _text(lazy_gettext("Last name"), MOST_NAME)
    email = EmailField(
        lazy_gettext("E-mail"),
        [required(), Length(max=MOST_ADDRESS)],
        description=lazy_gettext("We mail you a link there, and our answer."),
    )


class SignUpView(Screen):
    """`/sign-up/` and everything below it; nothing of it is there where it is switched off."""

    route_base = "/sign-up"
    class_permission_name = "home"
    default_view = "apply"

    @expose("/", methods=["GET", "POST"])
    def apply(self) -> ResponseReturnValue:
        """Show the form, or keep what it says and mail the link."""
        _refuse_when_off()
        form = SignUpForm()
        if form.validate_on_submit() and self._kept(form):
            return redirect(url_for("SignUpView.sent"), 303)
        scrub(form)
        return self.render(
            "accounts/sign_up.html",
            title=gettext("Open an account"),
            form=form,
            faults=faults(form),
        )

    @expose("/sent")
    def sent(self) -> ResponseReturnValue:
        """Say that a mail is on its way, whoever it was."""
        _refuse_when_off()
        return self.render("accounts/sign_up_sent.html", title=gettext("Look into your mailbox"))

    @expose("/confirm/<string:token>", methods=["GET", "POST"])
    def confirm(self, token: str) -> ResponseReturnValue:
        """Prove an address by a link, once; opening the page uses nothing up."""
        _refuse_when_off()
        release_reads()
        form = AcceptForm()
        try:
            if form.validate_on_submit():
                retry_when_busy(_confirm)(token)
                return redirect(url_for("SignUpView.received"), 303)
            row = _look(token)
        except NotFoundError:
            text = self.render(
                "accounts/link_over.html",
                title=gettext("This link is over"),
                again=url_for("SignUpView.apply"),
            )
            return text, NotFoundError.status
        return self.render(
            "accounts/sign_up_confirm.html",
            title=gettext("Prove your address"),
            form=form,
            row=row,
        )

    @expose("/received")
    def received(self) -> ResponseReturnValue:
        """Say what happens next."""
        _refuse_when_off()
        return self.render(
            "accounts/sign_up_received.html", title=gettext("We have your application")
        )

    @staticmethod
    def _kept(form: SignUpForm) -> bool:
        try:
            wanted = sign_up.check(_wanted(form))
            _apply(wanted)
        except BadInputError as error:
            blame(form, error)
            return False
        return True


def _refuse_when_off() -> None:
    if not config.get().signs_up:
        abort(404)


def _wanted(form: SignUpForm) -> NewApplication:
    return NewApplication(
        business=form.business.data or "",
        country=form.country.data or "",
        currency=form.default_currency.data or "",
        timezone=form.timezone.data or "",
        website=form.website.data or "",
        sells=form.sells.data or "",
        first_name=form.first_name.data or "",
        last_name=form.last_name.data or "",
        email=form.email.data or "",
    )


def _apply(wanted: NewApplication) -> None:
    """Sign a business up, unless this computer or this mailbox has asked too often of late."""
    by_address = rates.hit("sign-up-address", request.remote_addr or "", _ADDRESSES_A_MINUTE)
    if by_address is not None and not by_address.allowed:
        raise TooManyRequestsError(
            said("Too many accounts were asked for from here. Wait a minute."),
            retry_after_seconds=by_address.reset_seconds,
        )
    key = sha256(wanted.email.casefold().encode()).hexdigest()
    by_mailbox = rates.hit("sign-up-mailbox", key, _MAILBOXES_A_MINUTE)
    if by_mailbox is not None and not by_mailbox.allowed:
        return  # the same answer as ever: whoever asks learns nothing of the address
    locale = reader().locale
    release_reads()
    retry_when_busy(_keep)(wanted, locale)


def _keep(wanted: NewApplication, locale: str) -> None:
    with unit_of_work(HOUSE) as session:
        sign_up.apply(session, clock.now(), wanted, locale)


def _look(token: str) -> MerchantApplication:
    with reading(HOUSE) as session:
        return sign_up.look(session, clock.now(), token)


def _confirm(token: str) -> None:
    with unit_of_work(HOUSE) as session:
        sign_up.confirm(session, clock.now(), token)
