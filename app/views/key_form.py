"""The form of a new API key: what was typed, read exactly, each fault at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.adapters import clock
from app.domain import api_keys
from app.domain.api_keys import NewKey, Scope
from app.domain.card_numbers import scrub_text
from app.errors import BadInputError, PayAgencyError, said
from app.views.forms import faults_of, sentence
from app.views.locales import reader, told

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

LABELS: Final = {
    "name": lazy_gettext("Name"),
    "scopes": lazy_gettext("What the key may do"),
    "expires_at": lazy_gettext("Last day"),
    "networks": lazy_gettext("Addresses"),
}
FORM: Final = "form"
_LAST_DAY: Final = date(9998, 12, 31)


@dataclass(slots=True)
class KeyForm:
    """What was typed, as it may be shown again, and what is wrong with it by field."""

    values: dict[str, str]
    scopes: list[str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return faults_of(self.errors, LABELS)


def empty() -> KeyForm:
    """Return the form of a key that may do everything."""
    return KeyForm({}, [scope.value for scope in Scope])


def filled(form: MultiDict[str, str]) -> KeyForm:
    """Return what was typed; card numbers are taken out."""
    names = ("name", "expires_at", "networks")
    return KeyForm(
        {name: scrub_text(form.get(name, "").strip()) for name in names}, form.getlist("scopes")
    )


def read(form: KeyForm) -> NewKey:
    """Return the key that was asked for. Raises BadInputError naming the field."""
    wanted = NewKey(
        name=form.values["name"],
        scopes=api_keys.check_scopes(form.scopes),
        networks=api_keys.check_networks(form.values["networks"]),
        expires_at=_end_of(form.values["expires_at"]),
    )
    return api_keys.check(wanted, clock.now())


def refuse(form: KeyForm, error: PayAgencyError) -> None:
    """Put what is wrong beside its field, or above the form."""
    place = error.place if isinstance(error, BadInputError) else FORM
    is_field = place in LABELS
    form.errors[place if is_field else FORM] = sentence(error) if is_field else told(error)
    form.status = error.status


def _end_of(text: str) -> datetime | None:
    """Return the moment at which a day of the reader's is over; None for no day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day > _LAST_DAY:
        raise BadInputError("expires_at", said("is no day."), said("Write it as 2026-01-31."))
    begins = datetime.combine(day + timedelta(days=1), time(), reader().zone)
    return begins.astimezone(UTC)
