"""The form of a merchant's settings: what was typed, read exactly, each fault at its place."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from flask_babel import gettext, lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.merchant_settings import TEXTS, MerchantSettings
from app.errors import BadInputError, IllegalStateError, PayAgencyError
from app.services.merchant_settings import version_of
from app.views.forms import faults_of, sentence
from app.views.locales import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import MultiDict

LABELS: Final = {
    "shown_name": lazy_gettext("Name shown to payers"),
    "colour": lazy_gettext("Colour"),
    "support_email": lazy_gettext("E-mail for payers' questions"),
    "support_url": lazy_gettext("Page for payers' questions"),
    "return_url": lazy_gettext("Usual return address"),
    "return_hosts": lazy_gettext("Allowed hosts"),
    "late_money": lazy_gettext("Late money"),
    "receipts": lazy_gettext("Receipts to payers"),
    "upload_mails": lazy_gettext("Finished files"),
}
LATE_MONEY: Final = {
    "accept": lazy_gettext(
        "Accept it: where the payment was not paid otherwise and the amount is right, it counts as"
        " paid after all, and the money is yours"
    ),
    "refund": lazy_gettext("Send it back: its payer gets it back, and the payment stays as it is"),
}
FLAGS: Final = ("receipts", "upload_mails")
LOGO: Final = "logo"
FORM: Final = "form"


@dataclass(slots=True)
class SettingsForm:
    """What was typed, as it may be shown again, and what is wrong with it by field.

    `version` tells the settings that the form was filled from; `elsewhere` are the fields in which
    what stands now differs from what was typed, once somebody else has changed something.
    """

    values: dict[str, str]
    version: str
    errors: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return faults_of(self.errors, {**LABELS, LOGO: gettext("Logo")})


def of(settings: MerchantSettings) -> SettingsForm:
    """Return the form of settings as they stand."""
    return SettingsForm(_values(settings), version_of(settings))


def filled(form: MultiDict[str, str]) -> SettingsForm:
    """Return what was typed."""
    values = {name: form.get(name, "").strip() for name in LABELS}
    return SettingsForm(values, form.get("version", ""))


def read(form: SettingsForm) -> MerchantSettings:
    """Return the settings that were asked for; the service checks them."""
    wanted: dict[str, Any] = {name: form.values[name] for name in (*TEXTS, "late_money")}
    wanted |= {name: bool(form.values[name]) for name in FLAGS}
    return MerchantSettings(**wanted)


def refuse(form: SettingsForm, error: PayAgencyError, standing: MerchantSettings) -> None:
    """Put what is wrong beside its field, or above the form; card numbers are taken out of it.

    Who was overtaken sees what differs, and may save what was typed knowing that.
    """
    form.values = {name: scrub_text(text) for name, text in form.values.items()}
    place = error.place if isinstance(error, BadInputError) else FORM
    is_field = place in LABELS
    form.errors[place if is_field else FORM] = sentence(error) if is_field else told(error)
    form.status = error.status
    if isinstance(error, IllegalStateError):
        now = _values(standing)
        form.elsewhere = [name for name in LABELS if not _is_same(now, form.values, name)]
        form.version = version_of(standing)


def _values(settings: MerchantSettings) -> dict[str, str]:
    found: dict[str, str | bool] = asdict(settings)
    return {name: text if isinstance(text, str) else "1" * text for name, text in found.items()}


def _is_same(one: Mapping[str, str], other: Mapping[str, str], name: str) -> bool:
    """Tell whether two texts are the same, however a browser ends their lines."""
    return one[name].split() == other[name].split()
