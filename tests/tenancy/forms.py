"""The forms that pages show: where they are sent and which fields they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_FIELDS: Final = frozenset({"input", "textarea", "select"})
_IGNORED: Final = frozenset({"submit", "button", "image", "reset"})


@dataclass(slots=True)
class Form:
    """A form; `fields` are name → (type, first value)."""

    method: str
    path: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            path = urlsplit(found.get("action", "")).path or urlsplit(self.page).path
            self.forms.append(Form(found.get("method", "get").upper(), path))
        elif tag == "option":
            self._option(found.get("value", ""))
        elif tag in _FIELDS and self.forms and found.get("type") not in _IGNORED:
            self._field(tag, found.get("name", ""), found)

    def _field(self, tag: str, name: str, found: dict[str, str]) -> None:
        if name:
            value = found.get("type", "text"), found.get("value", "")
            self.forms[-1].fields.setdefault(name, value)
        self._select = name if tag == "select" else ""

    def _option(self, value: str) -> None:
        """Take the first option that is not empty."""
        if self._select and not self.forms[-1].fields[self._select][1]:
            self.forms[-1].fields[self._select] = ("select", value)


def read(page: str, html: str) -> list[Form]:
    """Return the forms of the page at this address."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.forms
