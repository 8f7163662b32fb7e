"""What every form of ours shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import flash, request

from app.domain.card_numbers import scrub_text
from app.security.addresses import local
from app.views.lists.arguments import joined
from app.views.locales import told, translate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_wtf import FlaskForm

    from app.errors import PayAgencyError


def blame(form: FlaskForm, error: PayAgencyError) -> None:
    """Show an error at the field that it is about, or above the form."""
    place = getattr(error, "place", "")
    if place in form:
        form[place].errors = [*form[place].errors, sentence(error)]
    else:
        flash(told(error), "danger")


def sentence(error: PayAgencyError) -> str:
    """Return reason and way out, for a place that is named beside it."""
    reason = translate(getattr(error, "reason", error.detail))
    text = f"{reason} {translate(getattr(error, 'way_out', ''))}".strip()
    return text[:1].upper() + text[1:]


def faults_of(errors: Mapping[str, str], labels: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return (field's name, label and error) of errors by field, for a form that is no WTForm."""
    return [
        (place, f"{labels[place]}: {text}") if place in labels else ("", text)
        for place, text in errors.items()
    ]


def faults(form: FlaskForm) -> list[tuple[str, str]]:
    """Return (field's id, label and error) of every error of a form, for the summary above it."""
    return [
        (field.id, f"{field.label.text}: {error}")
        for field in form
        for error in field.errors
        if field.type != "CSRFTokenField"
    ]


def scrub(form: FlaskForm) -> None:
    """Take card numbers out of what a form shows again; everything else that was typed stays."""
    for field in form:
        if isinstance(field.data, str):
            field.data = scrub_text(field.data)


def came_from(otherwise: str) -> str:
    """Return the page that led to a form, to go back to: kept in the form, or named by the browser.

    A page of somebody else's, or the form itself, is none.
    """
    found: Any = request.form.get("back") or request.referrer
    path, _, query = (local(found) or "").partition("?") if found else ("", "", "")
    if path in {"", request.path}:
        return otherwise
    return joined(path, [(name, scrub_text(value)) for name, value in parse_qsl(query)])
