"""Sending a payment link by mail from its page: the form, and what was sent so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext

from app.adapters import clock
from app.domain import link_mails as rules
from app.domain.card_numbers import scrub_text
from app.domain.link_mails import LinkMail
from app.domain.notifications import masked
from app.domain.permissions import Permission
from app.errors import BadInputError, PayAgencyError
from app.queries import link_mails as rows
from app.services import link_mails
from app.views import form_keys, link_acts, team_words
from app.views.base import current_actor
from app.views.forms import faults_of, sentence
from app.views.locales import LANGUAGES, reader, told

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug.datastructures import MultiDict

    from app.models import Notification, PaymentLink
    from app.views.once import Done
    from app.views.words import Badge

LABELS: Final = {
    "to": lazy_gettext("E-mail address"),
    "locale": lazy_gettext("Language"),
    "message": lazy_gettext("Message"),
}
SHOWN: Final = 10
_FORM: Final = "form"


@dataclass(slots=True)
class SendForm:
    """What was typed, as it may be shown again, and what is wrong with it by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return faults_of(self.errors, LABELS)


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the link as its page shows it."""

    row: Notification
    to: str
    badge: Badge


def empty(row: PaymentLink) -> SendForm:
    """Return the form as it stands before anything is typed."""
    return SendForm({"to": row.customer_email or "", "locale": row.payer_locale or reader().locale})


def filled(form: MultiDict[str, str]) -> SendForm:
    """Return what was typed."""
    return SendForm({name: form.get(name, "").strip() for name in LABELS})


def wanted(form: SendForm) -> LinkMail:
    """Return the mail that was asked for; the service checks it."""
    values = form.values
    return LinkMail(to=values["to"], locale=values["locale"], message=values["message"])


def refuse(form: SendForm, error: PayAgencyError) -> None:
    """Put what is wrong beside its field, or above the form; card numbers are taken out of it."""
    form.values = {name: scrub_text(text) for name, text in form.values.items()}
    place = error.place if isinstance(error, BadInputError) else _FORM
    is_field = place in LABELS
    form.errors[place if is_field else _FORM] = sentence(error) if is_field else told(error)
    form.status = error.status


def send(public_id: str, merchant_id: int, mail: LinkMail) -> Done[str]:
    """Send a link once for the form that was given out. Raises what the service raises."""
    key = form_keys.read(_purpose(public_id))
    return link_acts.send(current_actor(), key, public_id, merchant_id, mail)


def shown(session: Session, row: PaymentLink, form: SendForm | None) -> dict[str, Any]:
    """Return what the page shows of mails: the form for whoever may send, and what was sent."""
    found = [
        Sent(each, masked(each.recipient), team_words.MAILS[each.state])
        for each in rows.latest(session, row.public_id, SHOWN)
    ]
    may_send = current_actor().may(Permission.LINKS_UPDATE)
    return {
        "sending": form or empty(row),
        "send_labels": LABELS,
        "send_key": form_keys.issue(_purpose(row.public_id)) if may_send else "",
        "mails_left": link_mails.left(session, clock.now(), row),
        "mails": found,
        "longest_message": rules.LONGEST_MESSAGE,
        "languages": list(LANGUAGES.items()),
    }


def _purpose(public_id: str) -> str:
    return f"link-mail:{public_id}"
