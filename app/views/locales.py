"""Who reads: the language, time zone and look of a request, and sentences said in that language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from babel.messages.mofile import read_mo
from flask import Request, g, has_request_context, request
from flask_babel import (
    Babel,
    get_translations,
    gettext,
    lazy_gettext,
    lazy_ngettext,
    refresh,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import LanguageAccept

from app.domain.locales import LOCALES
from app.domain.money import Money
from app.errors import Said
from app.queries import listing
from app.queries import preferences as chosen_by
from app.reports import formats
from app.security import actors
from app.services.preferences import LOCALE, THEME, TIME_ZONE
from app.views.base import current_actor, read_session
from app.views.codes import KINDS, METHODS
from app.views.dispute_words import DISPUTE_BADGES, STAGES
from app.views.recalled import Templates
from app.views.words import PAYMENT_BADGES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from babel import Locale
    from flask import Flask

    from app.errors import PayAgencyError

T = TypeVar("T")

log = structlog.get_logger()

LANGUAGES: Final = {"en": "English", "hi": "हिन्दी", "de": "Deutsch"}
"""Each language by its own name, so that whoever needs it can read it."""

_UTC: Final = ZoneInfo("UTC")
_TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"

PLACES: Final = {
    "amount": lazy_gettext("amount"),
    "currency": lazy_gettext("currency"),
    "file": lazy_gettext("file"),
    "from": lazy_gettext("from"),
    "header": lazy_gettext("header"),
    "merchant": lazy_gettext("merchant"),
    "merchants": lazy_gettext("merchants"),
    "method": lazy_gettext("method"),
    "password": lazy_gettext("password"),
    "reason": lazy_gettext("reason"),
    "reference": lazy_gettext("reference"),
    "role": lazy_gettext("role"),
    "status": lazy_gettext("status"),
    "to": lazy_gettext("to"),
    "username": lazy_gettext("name to sign in"),
}
"""Places that errors name, as words; any other place is shown as it is written."""

_WORDS: Final[dict[str, Mapping[str, str]]] = {
    "place": PLACES,
    "method": METHODS,
    "payment_status": {status.value: badge.word for status, badge in PAYMENT_BADGES.items()},
    "operation": KINDS,
    "dispute_stage": STAGES,
    "dispute_status": {name: badge.word for name, badge in DISPUTE_BADGES.items()},
    "book": {"live": lazy_gettext("live"), "test": lazy_gettext("test")},
    "upload_status": {
        "checking": lazy_gettext("being checked"),
        "ready": lazy_gettext("ready"),
        "refused": lazy_gettext("refused"),
        "running": lazy_gettext("running"),
        "done": lazy_gettext("done"),
        "canceled": lazy_gettext("canceled"),
    },
    "record": {
        "amount limit": lazy_gettext("limit"),
        "capability": lazy_gettext("capability"),
        "connector account": lazy_gettext("connector account"),
        "merchant": lazy_gettext("merchant"),
        "price": lazy_gettext("price"),
        "settlement schedule": lazy_gettext("settlement schedule"),
    },
}
"""Codes that stand in sentences, by the name of their place in it."""


BORROWED: Final = (
    lazy_gettext("This field is required."),
    lazy_gettext("Not a valid choice."),
    lazy_gettext("Not a valid integer value."),
    lazy_gettext("Not a valid decimal value."),
    lazy_ngettext(
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
        2,
        max=2,
    ),
    lazy_gettext("Access is Denied"),
)
"""What WTForms and Flask-AppBuilder themselves can say, written here to be collected."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How this request wants to be answered."""

    locale: str
    zone: ZoneInfo
    theme: str

    @property
    def formats(self) -> Locale:
        """Return the locale by which numbers and times are written."""
        return formats.of_language(self.locale)

    @property
    def dir(self) -> str:
        """Return the direction of writing."""
        return str(self.formats.text_direction)

    @property
    def zone_name(self) -> str:
        """Return the name of the time zone."""
        return self.zone.key


class _FormWords:
    """The sentences of WTForms from our catalogues, which know Hindi too."""

    @staticmethod
    def ugettext(text: str) -> str:
        """Return a sentence."""
        return str(get_translations().ugettext(text))

    @staticmethod
    def ungettext(singular: str, plural: str, number: int) -> str:
        """Return a sentence about a number."""
        return str(get_translations().ungettext(singular, plural, number))


class ReaderRequest(Request):
    """A request with the words of its forms, where Flask-WTF looks before it loads WTForms' own."""

    wtforms_translations = _FormWords()


def install(app: Flask) -> None:
    """Let the reader decide the language; to be called once Flask-AppBuilder is set up.

    Its own language switch keeps the language in the cookie and changes it by GET; here neither
    the cookie nor its catalogues play a part.
    """
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=lambda: reader().locale, timezone_selector=lambda: reader().zone)
    app.jinja_env.globals["reader"] = reader
    app.jinja_env.filters["translate"] = translate
    app.request_class = ReaderRequest


def reader() -> Reader:
    """Return how this request wants to be answered, found once a request."""
    if not has_request_context():
        return Reader(LOCALES[0], _UTC, "auto")
    if "payagency_reader" not in g:
        chosen = preferences()
        g.payagency_reader = Reader(
            locale=chosen.get(LOCALE) or accepted(),
            zone=_zone(chosen.get(TIME_ZONE) or _merchants_zone()),
            theme=chosen.get(THEME) or "auto",
        )
    found: Reader = g.payagency_reader
    return found


def preferences() -> dict[str, str]:
    """Return what the person of this request chose for themselves, read once a request."""
    if "payagency_preferences" not in g:
        nothing: dict[str, str] = {}
        g.payagency_preferences = _or(_chosen, nothing)
    found: dict[str, str] = g.payagency_preferences
    return found


def forget() -> None:
    """Let the rest of this request be answered by what was just chosen."""
    for name in ("payagency_reader", "payagency_preferences"):
        g.pop(name, None)
    refresh()


def accepted() -> str:
    """Return the language that the browser likes best among ours."""
    return asked_for() or LOCALES[0]


def asked_for() -> str:
    """Return the language that the browser likes best among ours, empty where it names none."""
    # By main language only: "de-AT, en;q=0.5" asks for German, though only "en" is there literally.
    wanted = [(tag.partition("-")[0].lower(), quality) for tag, quality in request.accept_languages]
    return LanguageAccept(wanted).best_match(LOCALES, "")


def translate(text: str) -> str:
    """Say a sentence in the reader's language, its numbers, amounts and times written so too.

    A text that was stored is said again where it is one of our sentences.
    """
    if not text:
        return ""
    if not isinstance(text, Said):
        return _stored(str(text))
    values = {name: _value(name, value) for name, value in text.values.items()}
    return str(gettext(text.template)).format_map(values)


def told(error: PayAgencyError) -> str:
    """Return what an error says, whole: place, reason and way out."""
    return translate(error.detail)


def _stored(text: str) -> str:
    locale = reader().locale
    if locale == LOCALES[0]:
        return text
    found = _templates(locale).understood(text)
    return text if found is None else translate(found)


@lru_cache(maxsize=len(LOCALES))
def _templates(locale: str) -> Templates:
    """Return what stored sentences are found among: all that can be said in a language."""
    with (_TRANSLATIONS / locale / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        whole = [each for each in read_mo(file) if each.id and isinstance(each.id, str)]
    said = [str(each.id) for each in whole if "{" not in each.id or each.python_brace_format]
    known = {name: list(words) for name, words in _WORDS.items() if name != "place"}
    return Templates(said, known)


def _value(name: str, value: object) -> object:
    if isinstance(value, Said):
        return translate(value)
    if isinstance(value, str):
        return str(_WORDS.get(name, {}).get(value, value))
    if isinstance(value, Money):
        amount = formats.amount(value.amount_minor, value.currency, reader().formats)
        return f"{amount} {value.currency}"
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.number(value, reader().formats)
    if isinstance(value, datetime):
        return formats.moment(value, reader().zone, reader().formats)
    return value


def _chosen() -> dict[str, str]:
    user_id = current_actor().user_id
    return {} if user_id is None else chosen_by.of(read_session(), user_id)


def _merchants_zone() -> str:
    merchant_id = current_actor().merchant_id
    known = next((each.zone for each in actors.choices() if each.chosen), None)
    if known is not None:
        return known
    return _or(lambda: listing.timezone_of(read_session(), merchant_id), "UTC")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return _UTC


def _or(read: Callable[[], T], otherwise: T) -> T:
    """Read, or do without: the page that says that the database is gone has a language too."""
    try:
        return read()
    except SQLAlchemyError as error:
        log.warning("reader_not_read", error=type(error).__name__)
        return otherwise
