"""The catalogues of app/translations, from what stands in the code and the templates.

`make messages` collects every sentence, adds the new ones to each language without a translation,
drops those that are gone, and compiles. Two runs write the same bytes: no dates, names or line
numbers. `python scripts/messages.py waiting LOCALE` prints what a language still lacks.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
APP: Final = ROOT / "app"
TRANSLATIONS: Final = APP / "translations"
LOCALES: Final = ("de", "hi")
METHODS: Final = (("**.py", "python"), ("templates/**.html", "jinja2"))
KEYWORDS: Final = {**DEFAULT_KEYWORDS, "said": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}
HEADER: Final = """\
msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


class _Compiled(Catalog):
    """A catalogue whose header tells no date and nobody's name."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """Return what is needed to read it."""
        return [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Plural-Forms", self.plural_forms),
        ]


def collected() -> Catalog:
    """Return every sentence of the application, by file."""
    found = Catalog(domain="messages")
    places = sorted(extract_from_dir(APP, METHODS, keywords=KEYWORDS), key=lambda each: each[:2])
    for filename, line, text, comments, context in places:
        found.add(text, None, [(filename, line)], auto_comments=comments, context=context)
    return found


def kept(locale: str) -> Catalog:
    """Return the catalogue of a language as it stands."""
    path = _path(locale)
    if not path.exists():
        return Catalog(locale=locale, domain="messages")
    with path.open("rb") as file:
        return read_po(file, locale=locale, domain="messages")


def updated(locale: str, template: Catalog) -> Catalog:
    """Return the catalogue of a language with the sentences of today."""
    catalog = kept(locale)
    # A guess from a similar sentence would look translated.
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """Return what a .po file holds."""
    body = BytesIO()
    write_po(body, catalog, width=100, omit_header=True, sort_by_file=True, include_lineno=False)
    head = HEADER.format(locale=catalog.locale_identifier, plural_forms=catalog.plural_forms)
    return head.encode() + body.getvalue().rstrip(b"\n") + b"\n"


def mo_bytes(catalog: Catalog) -> bytes:
    """Return what a .mo file holds."""
    compiled = _Compiled(locale=catalog.locale, domain="messages")
    for message in catalog:
        # Half a translation would show nothing at all for the other half.
        if message.id and all(_texts(message.string)):
            compiled.add(message.id, message.string, context=message.context)
    found = BytesIO()
    write_mo(found, compiled)
    return found.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """Return the sentences that have no translation, or an uncertain one."""
    return [
        message
        for message in catalog
        if message.id and (message.fuzzy or not all(_texts(message.string)))
    ]


def _texts(string: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return list(string) if isinstance(string, tuple | list) else [string or ""]


def _path(locale: str, suffix: str = "po") -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / f"messages.{suffix}"


def main() -> None:
    """Write the catalogues, or print what is waiting."""
    if sys.argv[1:2] == ["waiting"]:
        for message in untranslated(kept(sys.argv[2])):
            print(repr(message.id))
        return
    template = collected()
    for locale in LOCALES:
        catalog = updated(locale, template)
        _path(locale).parent.mkdir(parents=True, exist_ok=True)
        _path(locale).write_bytes(po_text(catalog))
        _path(locale, "mo").write_bytes(mo_bytes(catalog))
        print(f"{locale}: {len(catalog)} sentences, {len(untranslated(catalog))} to translate")


if __name__ == "__main__":
    main()
