"""What every form of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash

if TYPE_CHECKING:
    from flask_wtf import FlaskForm

    from app.errors import PayAgencyError


def blame(form: FlaskForm, error: PayAgencyError) -> None:
    """Show an error at the field that it is about, or above the form."""
    place = getattr(error, "place", "")
    if place in form:
        form[place].errors = [*form[place].errors, sentence(error)]
    else:
        flash(error.detail, "danger")


def sentence(error: PayAgencyError) -> str:
    """Return reason and way out, for a place that is named beside it."""
    reason = getattr(error, "reason", error.detail)
    text = f"{reason} {getattr(error, 'way_out', '')}".strip()
    return text[:1].upper() + text[1:]
