"""Forms about people."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.services.passwords import LONGEST, SHORTEST

PASSWORD_HELP = lazy_gettext(
    "%(least)s to %(most)s characters; a sentence of a few words is good.",
    least=SHORTEST,
    most=LONGEST,
)
_EMPTY = lazy_gettext("This cannot be left empty.")


class SignInForm(FlaskForm):
    """Name and password; what is wrong with them is told by the screen."""

    username = StringField(lazy_gettext("Name to sign in"), [InputRequired(_EMPTY)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(_EMPTY)])


class ProfileForm(FlaskForm):
    """One's own names and address."""

    first_name = StringField(lazy_gettext("First name"), [InputRequired(_EMPTY), Length(max=64)])
    last_name = StringField(lazy_gettext("Last name"), [InputRequired(_EMPTY), Length(max=64)])
    email = EmailField(lazy_gettext("E-mail"), [InputRequired(_EMPTY), Length(max=320)])


class NewPasswordForm(FlaskForm):
    """A new password for somebody, typed twice."""

    password = PasswordField(
        lazy_gettext("New password"), [InputRequired(_EMPTY)], description=PASSWORD_HELP
    )
    again = PasswordField(
        lazy_gettext("New password, again"),
        [
            InputRequired(_EMPTY),
            EqualTo("password", lazy_gettext("This is not the same as the line above.")),
        ],
    )


class OwnPasswordForm(NewPasswordForm):
    """A new password for oneself."""

    present = PasswordField(lazy_gettext("Present password"), [InputRequired(_EMPTY)])


class ForgottenForm(FlaskForm):
    """Who has forgotten their password."""

    name = StringField(
        lazy_gettext("Name to sign in, or e-mail"), [InputRequired(_EMPTY), Length(max=320)]
    )


class NewcomerForm(NewPasswordForm):
    """Who comes in by an invitation."""

    username = StringField(
        lazy_gettext("Name to sign in"),
        [InputRequired(_EMPTY), Length(max=64)],
        description=lazy_gettext("2 to 64 of a-z, 0-9, dot, dash and underscore."),
    )
    first_name = StringField(lazy_gettext("First name"), [InputRequired(_EMPTY), Length(max=64)])
    last_name = StringField(lazy_gettext("Last name"), [InputRequired(_EMPTY), Length(max=64)])


class AcceptForm(FlaskForm):
    """A press of the button."""
