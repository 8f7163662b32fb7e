"""What mails say: a subject, a text and a page, in the reader's language, of plain values.

One template a kind (`templates/mail/`) is drawn twice: as HTML and as text, by the layout and the
parts of that name, so that the two never say different things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.support import Translations
from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.reports import formats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from babel import Locale

_APP: Final = Path(__file__).parent.parent
_BLANK_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Mail:
    """What is read of a mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Show:
    """How values are written to the reader of a mail."""

    locale: Locale
    zone: ZoneInfo

    def money(self, amount_minor: int, currency: str) -> str:
        """Return an exact amount with its currency."""
        return f"{formats.amount(amount_minor, currency, self.locale)}\N{NO-BREAK SPACE}{currency}"

    def moment(self, text: str) -> str:
        """Return day, time and zone of a moment in ISO 8601."""
        moment = formats.moment(datetime.fromisoformat(text), self.zone, self.locale)
        return f"{moment} ({self.zone.key})"

    def number(self, value: int) -> str:
        """Return a whole number with grouping."""
        return formats.number(value, self.locale)


def render(kind: str, language: str, zone: str, values: Mapping[str, Any]) -> Mail:
    """Draw a mail; `values` are what its template names, `zone` an IANA name (else UTC).

    Raises jinja2.UndefinedError where a value is missing.
    """
    locale = formats.of_language(language)
    context = {
        **values,
        "show": _Show(locale, _zone(zone)),
        "language": language,
        "dir": locale.text_direction,
    }
    page = _drawn(kind, language, "html", context)
    text = _drawn(kind, language, "txt", context)
    template = _environment(language, "txt").get_template(f"mail/{kind}.html")
    subject = "".join(template.blocks["subject"](template.new_context(context)))
    return Mail(" ".join(subject.split()), _tidy(text), _inliner().inline(page))


def _drawn(kind: str, language: str, mode: str, context: Mapping[str, Any]) -> str:
    names = {"layout": f"mail/layout.{mode}", "parts": f"mail/parts.{mode}"}
    template = _environment(language, mode).get_template(f"mail/{kind}.html")
    return template.render({**context, **names})


def _tidy(text: str) -> str:
    lines = (" ".join(line.split(" ")).strip() for line in text.splitlines())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


@lru_cache(maxsize=16)
def _environment(language: str, mode: str) -> Environment:
    found = Environment(
        loader=FileSystemLoader(_APP / "templates"),
        autoescape=mode == "html",  # noqa: S701  # nosec B701: a text is no HTML
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue = Translations.load(_APP / "translations", [language], "messages")
    extended: Any = found
    extended.install_gettext_translations(catalogue, newstyle=True)
    return found


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    """Return what writes rules beside what they are about; rules for small screens stay above."""
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
