"""Forms about people."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from app.services.passwords import LONGEST, SHORTEST

PASSWORD_HELP = f"{SHORTEST} to {LONGEST} characters; a sentence of a few words is good."


class ProfileForm(FlaskForm):
    """One's own names and address."""

    first_name = StringField("First name", [InputRequired(), Length(max=64)])
    last_name = StringField("Last name", [InputRequired(), Length(max=64)])
    email = EmailField("E-mail", [InputRequired(), Length(max=320)])


class NewPasswordForm(FlaskForm):
    """A new password for somebody, typed twice."""

    password = PasswordField("New password", [InputRequired()], description=PASSWORD_HELP)
    again = PasswordField(
        "New password, again",
        [InputRequired(), EqualTo("password", "This is not the same as the line above.")],
    )


class OwnPasswordForm(NewPasswordForm):
    """A new password for oneself."""

    present = PasswordField("Present password", [InputRequired()])
