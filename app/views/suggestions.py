"""Codes that are chosen by their words: countries, currencies, time zones, yes and no."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pycountry
from flask_babel import gettext

from app.domain.currencies import iso_codes, parse_currency
from app.errors import BadInputError
from app.services.preferences import time_zones
from app.views.record_values import country_name, currency_name
from app.views.words import Badge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Choices = Callable[[], list[tuple[str, str]]]
"""Returns (value, word) in the reader's language."""

MOST_SUGGESTED = 20
CRYPTO = ("BTC", "ETH@ethereum", "USDC@ethereum", "USDT@ethereum")
"""Crypto assets that are suggested; a token on any other chain is typed."""


def named(found: Mapping[str, Any]) -> Choices:
    """Return the choices of a table of words, or of badges, which have a word."""
    return lambda: [
        (value, str(word.word if isinstance(word, Badge) else word))
        for value, word in found.items()
    ]


def yes_or_no() -> list[tuple[str, str]]:
    """Return the choices of a truth value."""
    return [("yes", gettext("Yes")), ("no", gettext("No"))]


def countries() -> list[tuple[str, str]]:
    """Return every country by its name."""
    found = [(country.alpha_2, country_name(country.alpha_2)) for country in pycountry.countries]
    return sorted(found, key=lambda pair: _plain(pair[1]))


def currencies(text: str) -> list[tuple[str, str]]:
    """Suggest currencies whose code or name holds a text; what is written out comes first."""
    every = ((code, f"{code} – {currency_name(code)}") for code in (*sorted(iso_codes()), *CRYPTO))
    found = _some(every, text)
    try:
        code = parse_currency(text)
    except BadInputError:
        return found
    rest = [pair for pair in found if pair[0] != code]
    return [(code, f"{code} – {currency_name(code)}"), *rest][:MOST_SUGGESTED]


def zones(text: str) -> list[tuple[str, str]]:
    """Suggest time zones whose name holds a text."""
    return _some(((name, name.replace("_", " ")) for name in sorted(time_zones())), text)


SUGGESTED: Mapping[str, Callable[[str], list[tuple[str, str]]]] = {
    "currency": currencies,
    "default_currency": currencies,
    "timezone": zones,
}
"""Columns whose value is found by typing, and what suggests it."""


def _some(every: Iterable[tuple[str, str]], text: str) -> list[tuple[str, str]]:
    wanted = _plain(text)
    found = [pair for pair in every if wanted in _plain(f"{pair[0]} {pair[1]}")]
    return found[:MOST_SUGGESTED]


def _plain(text: str) -> str:
    """Return a text for comparing: without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))
