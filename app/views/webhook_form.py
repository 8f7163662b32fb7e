"""The form of a webhook endpoint: what was typed, each fault at its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.webhooks_out import CHOICES, EVERYTHING, NewEndpoint, takes
from app.errors import BadInputError, PayAgencyError, said
from app.views.forms import sentence
from app.views.locales import reader, told

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from app.models import WebhookEndpoint

LABELS: Final = {
    "url": lazy_gettext("Address"),
    "description": lazy_gettext("Description"),
    "events": lazy_gettext("What is told"),
}
FORM: Final = "form"
_FIRST_DAY: Final = date(1970, 1, 2)
_LAST_DAY: Final = date(9998, 12, 31)
_LONGEST_NUMBER: Final = 10


@dataclass(slots=True)
class EndpointForm:
    """What was typed, as it may be shown again, and what is wrong with it by field."""

    values: dict[str, str]
    events: list[str]
    version: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
            for place, text in self.errors.items()
        ]


def empty() -> EndpointForm:
    """Return the form of an endpoint that is told everything."""
    return EndpointForm({}, [EVERYTHING])


def of(row: WebhookEndpoint) -> EndpointForm:
    """Return the form of an endpoint as it stands; patterns are shown as what they stand for."""
    patterns = row.events.split()
    chosen = [str(kind) for kind in CHOICES if takes(patterns, kind)]
    return EndpointForm(
        {"url": row.url, "description": row.description},
        [EVERYTHING] if EVERYTHING in patterns else chosen,
        row.version,
    )


def filled(form: MultiDict[str, str]) -> EndpointForm:
    """Return what was typed; card numbers are taken out."""
    version = form.get("version", "")
    is_number = version.isascii() and version.isdigit() and len(version) < _LONGEST_NUMBER
    return EndpointForm(
        {name: scrub_text(form.get(name, "").strip()) for name in ("url", "description")},
        form.getlist("events"),
        int(version) if is_number else 0,
    )


def read(form: EndpointForm) -> NewEndpoint:
    """Return the endpoint that was asked for; the service checks it."""
    return NewEndpoint(
        url=form.values["url"],
        events=tuple(form.events),
        description=form.values["description"],
    )


def refuse(form: EndpointForm, error: PayAgencyError) -> None:
    """Put what is wrong beside its field, or above the form."""
    place = error.place if isinstance(error, BadInputError) else FORM
    is_field = place in LABELS
    form.errors[place if is_field else FORM] = sentence(error) if is_field else told(error)
    form.status = error.status


def span(form: MultiDict[str, str]) -> tuple[datetime, datetime]:
    """Return the beginning and the end (not included) of the reader's days from first to last.

    Raises BadInputError at `from_day` or `to_day`.
    """
    first, last = _day(form, "from_day"), _day(form, "to_day")
    return _midnight(first), _midnight(last + timedelta(days=1))


def _day(form: MultiDict[str, str], name: str) -> date:
    try:
        found = date.fromisoformat(form.get(name, ""))
    except ValueError:
        found = date.min
    if not _FIRST_DAY <= found <= _LAST_DAY:
        raise BadInputError(name, said("is no day."), said("Write it as 2026-01-31."))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), reader().zone).astimezone(UTC)
