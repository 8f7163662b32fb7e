"""What one can choose for oneself: the language, the time zone and the theme, each in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_gmt
from flask_babel import gettext, lazy_gettext

from app.services.preferences import LOCALE, THEME, TIME_ZONE, time_zones
from app.views.locales import LANGUAGES, preferences, reader

if TYPE_CHECKING:
    from datetime import datetime

    from babel import Locale

THEMES = {
    "auto": lazy_gettext("As this device is set"),
    "light": lazy_gettext("Light"),
    "dark": lazy_gettext("Dark"),
}
REGIONS = {
    "Africa": lazy_gettext("Africa"),
    "America": lazy_gettext("America"),
    "Antarctica": lazy_gettext("Antarctica"),
    "Asia": lazy_gettext("Asia"),
    "Atlantic": lazy_gettext("Atlantic"),
    "Australia": lazy_gettext("Australia"),
    "Europe": lazy_gettext("Europe"),
    "Indian": lazy_gettext("Indian Ocean"),
    "Pacific": lazy_gettext("Pacific"),
}

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Looks:
    """The choices as the form shows them; an empty value leaves it to the browser or merchant."""

    languages: Options
    zones: list[tuple[str, Options]]
    themes: Options
    language: str
    zone: str
    theme: str


def offered(now: datetime) -> Looks:
    """Return what can be chosen, and what this reader has chosen."""
    chosen = preferences()
    by_browser = str(gettext("As the browser asks for"))
    return Looks(
        languages=[("", by_browser), *LANGUAGES.items()],
        zones=_zones(now, reader().formats),
        themes=[(value, str(word)) for value, word in THEMES.items()],
        language=chosen.get(LOCALE, ""),
        zone=chosen.get(TIME_ZONE, ""),
        theme=chosen.get(THEME, "auto"),
    )


def _zones(now: datetime, locale: Locale) -> list[tuple[str, Options]]:
    """Return the zones by region, each with its place and what it is away from UTC now."""
    found: dict[str, Options] = {}
    for name in sorted(time_zones() - {"UTC"}):
        region, _, place = name.partition("/")
        away = get_timezone_gmt(now.astimezone(ZoneInfo(name)), locale=locale)
        words = place.replace("_", " ").replace("/", ", ")
        found.setdefault(region, []).append((name, f"{words} ({away})"))
    return [(str(REGIONS[region]), options) for region, options in found.items()]
